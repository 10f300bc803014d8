import { parseTemplate } from './template/parse';
import { renderTemplate } from './template/render';
import type { TemplateValue } from './template/syntax';

/** A log record as KumoMTA has it before a logger picks its metadata and headers: all of the message's are in it. */
export interface LogRecord {
  readonly type: string;
  readonly meta?: Readonly<Record<string, TemplateValue>>;
  /** Names as the message writes them. */
  readonly headers?: Readonly<Record<string, TemplateValue>>;
  readonly [field: string]: TemplateValue;
}

export interface WrittenRecord {
  /** What the name of the file ends in. */
  readonly suffix: string;
  /** First line of each new file, with its line end; '' for none. */
  readonly header: string;
  /** With its line end. */
  readonly line: string;
}

type Params = Readonly<Record<string, unknown>>;

/**
 * What `configure_local_logs` with these parameters writes for a record; undefined when it writes nothing (kumod,
 * logging/files.rs). Whether an OOB record is written hangs on Reception, whose record it follows
 * (logging/disposition.rs). Filter events are not asked.
 */
export function writtenRecord(log: Params, record: LogRecord): WrittenRecord | undefined {
  const { type } = record;
  const asked = type === 'OOB' ? 'Reception' : type;
  if (entryOf(log, asked)?.['enable'] === false) return undefined;
  const entry = entryOf(log, type) ?? {};
  const picked = { ...record, meta: metaOf(log, record), headers: headersOf(log, record) };
  const template = entry['template'];
  const text = typeof template === 'string' ? renderTemplate(parseTemplate(template), picked) : JSON.stringify(picked);
  return {
    suffix: textOf(entry['suffix']),
    header: textOf(entry['segment_header']),
    line: text.endsWith('\n') ? text : `${text}\n`,
  };
}

function entryOf(log: Params, type: string): Params | undefined {
  const all = tableOf(log['per_record']);
  return all[type] === undefined && all['Any'] === undefined ? undefined : tableOf(all[type] ?? all['Any']);
}

function metaOf(log: Params, { meta = {} }: LogRecord) {
  const listed = listOf(log['meta']);
  return Object.fromEntries(Object.entries(meta).filter(([key]) => listed.includes(key)));
}

/** Asked for in any case, kept in the message's (logging/mod.rs, extract_fields). */
function headersOf(log: Params, { headers = {} }: LogRecord) {
  const listed = listOf(log['headers']).map((name) => name.toLowerCase());
  return Object.fromEntries(Object.entries(headers).filter(([name]) => listed.includes(name.toLowerCase())));
}

function tableOf(value: unknown): Params {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
