import type { RecordType } from '../directives/value';
import { csvValue, type LogFormat, templateString } from '../kumo/log-format';
import { ACCT_COLUMNS, type AcctColumn, ARF_FIELDS, DEFAULT_COLUMNS } from './acct-columns';
import { type MacroOptions, macrosFor } from './acct-macros';
import { redacted } from './acct-privacy';

/** What an accounting file asks for, without the syntax it is asked in. */
export interface AcctRequest extends MacroOptions {
  /** In the order of `records`, each once, not empty. */
  readonly types: readonly RecordType[];
  /** Fields of a type as `record-fields` lists them; undefined: all. */
  readonly fieldsOf: (type: RecordType) => readonly string[] | undefined;
  /** `map-header-to-field`: names of headers, in lower case, that go before the column's own value. */
  readonly headersInto: (type: RecordType, column: string) => readonly string[];
  readonly isoTimes: boolean;
  readonly userString: string;
  /** What stands for the local parts of recipients; undefined leaves them. */
  readonly redaction?: string;
}

/** The file as KumoMTA can write it. */
export interface AcctFormats {
  /** KumoMTA's record type → how its lines are written. */
  readonly records: ReadonlyMap<string, LogFormat>;
  /** Columns without a value, by PowerMTA's type. */
  readonly empty: ReadonlyMap<RecordType, readonly string[]>;
  /** Headers of the message that the columns hold. */
  readonly headers: readonly string[];
  /** Keys of the message's metadata that the columns hold. */
  readonly meta: readonly string[];
}

/** PowerMTA record type → KumoMTA record types (M5 11.2). KumoMTA has no records of remote status reports. */
export const KUMO_TYPES: Readonly<Record<RecordType, readonly string[]>> = {
  d: ['Delivery'],
  b: ['AdminBounce', 'Bounce', 'Expiration'],
  t: ['TransientFailure'],
  tq: ['TransientFailure'],
  r: ['Reception'],
  rb: ['OOB'],
  rs: [],
  f: ['Feedback'],
};

const COLUMN: ReadonlyMap<string, AcctColumn> = new Map(
  ACCT_COLUMNS.map((column) => [column.name.toLowerCase(), column]),
);
const EMPTY = '""';
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const SENT_TYPE = '{"Delivery": "d", "TransientFailure": "t"}[type] or "b"';

/**
 * One format for each type of record; equal ones are equal. Every line has the columns of all types of the file, empty
 * where its own type does not have them (M5 11.2.9).
 */
export function acctFormats(request: AcctRequest): AcctFormats {
  const columnsOf = new Map(request.types.map((type) => [type, columnsAsked(request, type)]));
  const columns = [...new Map([...columnsOf.values()].flat().map((name) => [name.toLowerCase(), name])).values()];
  const records = new Map<string, LogFormat>();
  const empty = new Map<RecordType, readonly string[]>();
  const expressions: string[] = [];
  for (const [type, own] of columnsOf) {
    const asked = new Set(own.map((name) => name.toLowerCase()));
    const cells = columns.map((name) => (asked.has(name.toLowerCase()) ? cellOf(request, type, name) : EMPTY));
    const lacking = columns.filter((_, i) => cells[i] === undefined);
    if (lacking.length > 0) empty.set(type, lacking);
    const all = [typeCell(type), ...cells.map((cell) => cell ?? EMPTY)];
    expressions.push(...all);
    const format: LogFormat = {
      header: ['type', ...columns].map(csvValue),
      macros: macrosFor(all, request),
      cells: all,
    };
    // A transient error of a message goes before one of a queue: KumoMTA has one type for both.
    for (const kumo of KUMO_TYPES[type]) if (type !== 'tq' || !columnsOf.has('t')) records.set(kumo, format);
  }
  return { records, empty, headers: headersIn(expressions), meta: metaIn([...records.values()]) };
}

function typeCell(type: RecordType): string {
  return ['d', 'b', 't'].includes(type) ? SENT_TYPE : templateString(type);
}

/** Names of columns in order, each once, known ones as the manual spells them. `*` is what the type has by default. */
function columnsAsked(request: AcctRequest, type: RecordType): readonly string[] {
  const listed = request.fieldsOf(type) ?? ['*'];
  const excluded = new Set(listed.flatMap((name) => (name.startsWith('!') ? [name.slice(1).toLowerCase()] : [])));
  const wanted = listed.filter((name) => !name.startsWith('!'));
  const names = (wanted.length === 0 ? ['*'] : wanted).flatMap((name) =>
    name === '*' ? DEFAULT_COLUMNS[type] : [name],
  );
  const spelled = names.map((name) => COLUMN.get(name.toLowerCase())?.name ?? name);
  const found = new Map<string, string>();
  for (const name of spelled) if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), name);
  for (const name of [...excluded, 'type']) found.delete(name);
  return [...found.values()];
}

/** The expression of one column; undefined when KumoMTA has nothing to write there. */
function cellOf(request: AcctRequest, type: RecordType, column: string): string | undefined {
  if (column.toLowerCase() === 'userstring') return templateString(csvValue(request.userString));
  const own = expressionOf(request, type, column);
  // A header can hold the very address that is to be hidden.
  const into = request.redaction === undefined ? request.headersInto(type, column.toLowerCase()) : [];
  const mapped = into.map((name) => headerExpression(type, name));
  const parts = [...mapped, own].filter((part) => part !== undefined && part !== '');
  if (parts.length === 0) return own === undefined ? undefined : EMPTY;
  return parts.length === 1 ? parts[0] : parts.map((part) => `(${part})`).join(' or ');
}

function expressionOf(request: AcctRequest, type: RecordType, column: string): string | undefined {
  const expression = plainExpression(type, column);
  if (expression === undefined) return undefined;
  const timed = request.isoTimes ? expression : expression.replace(/^time\((\w+)\)$/, '$1');
  return request.redaction === undefined ? timed : redacted(timed, type, column, request.redaction);
}

function plainExpression(type: RecordType, column: string): string | undefined {
  const [, kind, name = ''] = /^(header|arf)_(.+)$/i.exec(column) ?? [];
  if (kind?.toLowerCase() === 'header') return HEADER_NAME.test(name) ? headerExpression(type, name) : undefined;
  if (kind !== undefined) return type === 'f' ? arfExpression(name.toLowerCase()) : undefined;
  const row = COLUMN.get(column.toLowerCase());
  switch (type) {
    case 'r':
      return row?.r;
    case 'rb':
      return row?.rb;
    case 'f':
      return row?.f;
    case 'rs':
      return undefined;
    default:
      return row?.sent;
  }
}

/** A complaint's headers are those of the message complained about (M5 12.7.1), which KumoMTA keeps as a text. */
function headerExpression(type: RecordType, name: string): string | undefined {
  if (name.includes('*') || type === 'tq') return undefined;
  return `${type === 'f' ? 'reported' : 'header'}(${templateString(name.toLowerCase())})`;
}

function arfExpression(name: string): string {
  return ARF_FIELDS.get(name) ?? `q((feedback_report.extensions[${templateString(name)}] or [""])|first)`;
}

function headersIn(cells: readonly string[]): readonly string[] {
  return [
    ...new Set(cells.flatMap((cell) => [...cell.matchAll(/\bheader\("([^"]+)"\)/g)].map(([, name]) => name ?? ''))),
  ];
}

function metaIn(formats: readonly LogFormat[]): readonly string[] {
  const text = formats.flatMap(({ macros, cells }) => [...macros, ...cells]).join(' ');
  return [...new Set([...text.matchAll(/\bmeta\.(\w+)/g)].map(([, key]) => key ?? ''))].sort();
}
