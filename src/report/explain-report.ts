import { Chalk, type ChalkInstance } from 'chalk';
import { type Code, catalogue, type MessageRow, type Severity } from '../diagnostics/catalogue';
import { EXAMPLES, type Example } from '../diagnostics/examples';
import { EXPLANATIONS } from '../diagnostics/explanations';
import { SITUATIONS } from '../diagnostics/situations';
import { wrap } from '../diagnostics/wrap';
import { sameScopes } from '../directives/lookup';
import type { DirectiveRow } from '../directives/row';
import { toJsonText } from './json-text';
import { SUPPORT_MEANING, supportOf } from './support-matrix';
import { VALUE_WORDS } from './value-words';

export interface ExplainStyle {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

/** A directive or tag in one of its scopes, with the page of KumoMTA's documentation. */
export interface ExplainedRow {
  readonly row: DirectiveRow;
  readonly page: string;
}

/** `pmta2kumo.explain/1` of a diagnostic. Without `message`: it says no more than the place it is about. */
export function codeJson(code: Code): string {
  const { severity, message, meaning, help, example, situation } = explainedCode(code);
  const shown = { severity, message, meaning, help, example: example && { ...example }, situation };
  return toJsonText({ schema: 'pmta2kumo.explain/1', kind: 'diagnostic', code, ...shown });
}

/** The same for a terminal. */
export function codeText(code: Code, style: ExplainStyle): string {
  const paint = new Chalk({ level: style.color ? 1 : 0 });
  const { severity, message, meaning, help, example, situation } = explainedCode(code);
  const head = `${painted(severity, paint)(`${severity}[${code}]`)}`;
  const parts = [
    message === undefined ? [] : fact('message', message, style, paint),
    fact('meaning', meaning, style, paint),
    fact('what to do', help, style, paint),
    example === undefined ? [] : exampleLines(example, style, paint),
    situation === undefined ? [] : fact('for example', situation, style, paint),
  ];
  return `${[head, ...parts.flat()].join('\n')}\n`;
}

/** The lines as they stand in the file; they are ours and need no quoting. */
function exampleLines({ file, text, options }: Example, style: ExplainStyle, paint: ChalkInstance): readonly string[] {
  const where = options === undefined ? `in ${file}:` : `in ${file}, with ${options}:`;
  const lines = text.split('\n').map((line) => `${' '.repeat(LABEL + 4)}${line}`);
  return [...fact('for example', where, style, paint), ...lines];
}

/** What {@link codeText} and {@link codeJson} show; holes of the texts are words in capital letters. */
function explainedCode(code: Code): {
  readonly severity: Severity;
  readonly message: string | undefined;
  readonly meaning: string;
  readonly help: string;
  readonly example: Example | undefined;
  /** How it comes about, where no lines show it. */
  readonly situation: string | undefined;
} {
  const row: MessageRow = catalogue[code];
  return {
    severity: row.severity,
    message: isHole(row.message) ? undefined : withWords(row.message),
    meaning: EXPLANATIONS[code],
    help: isHole(row.help) ? 'the message itself says it, at its line' : withWords(row.help),
    example: EXAMPLES[code],
    situation: SITUATIONS[code],
  };
}

function isHole(text: string): boolean {
  return /^\{\w+\}$/.test(text);
}

/** `{name}` as NAME; a hint is there for some inputs only. */
function withWords(text: string): string {
  return text.replace('{hint}', '').replace(/\{(\w+)\}/g, (_, hole: string) => hole.toUpperCase());
}

/** `pmta2kumo.explain/1` of a directive: what becomes of it in each of its places. */
export function directiveJson(name: string, rows: readonly ExplainedRow[]): string {
  const places = rows.map(({ row, page }) => ({
    name: row.name,
    scope: row.scope,
    also_in: sameScopes(row.scope),
    value: row.value,
    ...(row.words === undefined ? {} : { words: row.words }),
    repeats: row.repeats,
    default: row.default ?? null,
    support: supportOf(row),
    target: row.target ?? null,
    since: 'since' in row ? row.since : null,
    ...(row.idle === undefined ? {} : { idle: row.idle }),
    note: row.note,
    page,
  }));
  return toJsonText({ schema: 'pmta2kumo.explain/1', kind: 'directive', name, places });
}

/** The same for a terminal. */
export function directiveText(rows: readonly ExplainedRow[], style: ExplainStyle): string {
  const paint = new Chalk({ level: style.color ? 1 : 0 });
  return rows.map((each) => `${rowLines(each, style, paint).join('\n')}\n`).join('\n');
}

function rowLines({ row, page }: ExplainedRow, style: ExplainStyle, paint: ChalkInstance): readonly string[] {
  const support = supportOf(row);
  const told = (label: string, text: string | undefined) => (text === undefined ? [] : fact(label, text, style, paint));
  return [
    `${paint.bold(row.name)} ${placeText(row)}`,
    ...told('value', valueText(row)),
    ...told('default', row.default),
    ...told('support', `${support}: ${SUPPORT_MEANING[support].replaceAll('`', '')}`),
    ...told('becomes', row.target),
    ...told('since', 'since' in row ? `KumoMTA ${row.since}` : undefined),
    ...told('asks for nothing', row.idle?.join(', ')),
    ...told('note', row.note),
    ...told('page', page),
  ];
}

function placeText({ scope }: DirectiveRow): string {
  if (scope === 'global') return 'at the top level';
  return `in ${[scope, ...sameScopes(scope)].map((each) => `<${each}>`).join(' and ')}`;
}

function valueText({ value, words, repeats }: DirectiveRow): string {
  const kind = words === undefined ? VALUE_WORDS[value] : `one of ${words.join(', ')}`;
  const counts = repeats === 'adds' ? 'each line counts' : 'the last line of a block counts';
  return value === 'tag' ? VALUE_WORDS.tag : `${kind}; ${counts}`;
}

const LABEL = 18;

/** A label, and a text that is wrapped beside it. */
function fact(label: string, text: string, { width }: ExplainStyle, paint: ChalkInstance): readonly string[] {
  return wrap(text, width - LABEL - 2).map(
    (line, index) => `  ${index === 0 ? paint.dim(label.padEnd(LABEL)) : ' '.repeat(LABEL)}${line}`,
  );
}

function painted(severity: Severity, paint: ChalkInstance): ChalkInstance {
  if (severity === 'error') return paint.red.bold;
  return severity === 'warning' ? paint.yellow.bold : paint.blue.bold;
}
