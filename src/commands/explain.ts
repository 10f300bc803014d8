import { pageUrl } from '../audit/pages';
import { type Code, catalogue } from '../diagnostics/catalogue';
import { mostLike } from '../diagnostics/likeness';
import { rowsNamed, suggestTag } from '../directives/lookup';
import type { DirectiveRow } from '../directives/row';
import { DIRECTIVES } from '../directives/table';
import { WRONG_NAMES, WRONG_TAGS } from '../directives/wrong-names';
import { codeJson, codeText, directiveJson, directiveText } from '../report/explain-report';
import { quoteTerminal } from '../report/quote-terminal';
import type { CommandIo, ExitCode } from './command';

export interface ExplainRequest {
  /** A code of the catalogue, a directive or a tag, in any case. */
  readonly word: string;
  readonly format: 'text' | 'json';
}

/** Of a word that nobody knows, this much is repeated. */
const LONGEST = 80;

/** Says what a diagnostic or a directive means and what becomes of it. */
export async function explainCommand({ word, format }: ExplainRequest, io: CommandIo): Promise<ExitCode> {
  const name = nameIn(word);
  const style = { color: io.outColor === true, width: io.width };
  if (isCode(name)) {
    io.stdout(format === 'json' ? codeJson(name) : codeText(name, style));
    return 0;
  }
  const rows = rowsOf(name).map((row) => ({ row, page: pageUrl(row.scope, row.name) }));
  if (rows.length === 0) {
    const near = nearest(name);
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    io.stderr(`pmta2kumo: ${shown(word)} is neither a code nor a PowerMTA directive${hint}\n`);
    return 2;
  }
  io.stdout(format === 'json' ? directiveJson(name, rows) : directiveText(rows, style));
  return 0;
}

/** What people copy: `error[CODE]: …` of a diagnostic, a whole tag with its argument, or the bare word; in lower case. */
function nameIn(word: string): string {
  const text = word.trim().toLowerCase();
  const code = /^(?:error|warning|info)\[([a-z0-9-]+)\]/.exec(text)?.[1];
  const tag = /^<\/?\s*([^\s<>]+)[^<>]*>?$/.exec(text)?.[1];
  return code ?? (tag === undefined ? text : `<${tag}>`);
}

function isCode(name: string): name is Code {
  return Object.hasOwn(catalogue, name);
}

/** A bare word means the directive and the tag of that name. */
function rowsOf(name: string): readonly DirectiveRow[] {
  if (name === '') return [];
  return name.startsWith('<') ? rowsNamed(name, true) : [...rowsNamed(name), ...rowsNamed(name, true)];
}

/** What is most likely meant: well-known mistakes first, then what is spelt alike. */
function nearest(name: string): string | undefined {
  if (name.startsWith('<')) return inBrackets(suggestTag(name.slice(1, -1)));
  if (Object.hasOwn(WRONG_NAMES, name)) return WRONG_NAMES[name];
  const words = DIRECTIVES.map((row) => row.name.replace(/[<>]/g, '')).filter((word) => /^[a-z]/.test(word));
  const near = mostLike(name, [...Object.keys(catalogue), ...words]);
  return near ?? inBrackets(Object.hasOwn(WRONG_TAGS, name) ? WRONG_TAGS[name] : undefined);
}

function inBrackets(tag: string | undefined): string | undefined {
  return tag === undefined ? undefined : `<${tag}>`;
}

function shown(word: string): string {
  const text = word === '' ? 'an empty word' : word.length > LONGEST ? `${word.slice(0, LONGEST)}…` : word;
  return quoteTerminal(text);
}
