import { visibleText } from '../diagnostics/visible';
import type { KumoValue } from '../kumo/model';
import { fillLines, isList, numberText, tableEntries } from './quote-lua';

/** Columns after which a list is broken into lines. */
const WIDTH = 100;

/** The quotation mark a file prefers for names; KumoMTA's manual uses both. */
export type QuoteStyle = '"' | "'";

/** A part of a header: a word of KumoMTA's, or a name from the input, which is always quoted. */
export type TomlSegment = string | { readonly name: string };

/** A key of KumoMTA's own: bare where it is plain, so that a dot can never open a table. */
export function tomlKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : basicString(key);
}

/** A name from the input as a key: always quoted. */
export function tomlName(name: string, style: QuoteStyle): string {
  return style === "'" && isLiteral(name) ? `'${name}'` : basicString(name);
}

/** What stands between the brackets of a header. */
export function tomlPath(path: readonly TomlSegment[], style: QuoteStyle): string {
  return path.map((part) => (typeof part === 'string' ? tomlKey(part) : tomlName(part.name, style))).join('.');
}

/** A comment up to the end of the line; control characters, which TOML forbids here, are made visible. */
export function tomlComment(text: string): string {
  return `# ${visibleText(text)}`.trimEnd();
}

/**
 * A value on one line, except that lists too long for it take several. Strings with backslashes or quotes are
 * written literally where TOML allows it. Lone surrogates, which TOML cannot hold, become U+FFFD.
 */
export function tomlValue(value: KumoValue): string {
  if (typeof value !== 'object' || !isList(value)) return inlineValue(value);
  return brokenList(value.map(inlineValue));
}

/** Regular expressions in the form KumoMTA's manual uses: `'''…'''` where that is legal, in a list when there are several. */
export function tomlRegexes(patterns: readonly string[]): string {
  const [first] = patterns;
  return patterns.length === 1 && first !== undefined ? regexString(first) : regexList(patterns);
}

/** The same, but a list even for one. */
export function regexList(patterns: readonly string[]): string {
  return brokenList(patterns.map(regexString));
}

/** A table on one line, as TOML 1.0 wants it. */
export function inlineTable(entries: readonly (readonly [string, string])[]): string {
  return entries.length === 0 ? '{}' : `{ ${entries.map(([key, value]) => `${key} = ${value}`).join(', ')} }`;
}

function inlineValue(value: KumoValue): string {
  if (typeof value === 'string') return stringValue(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return numberText(value);
  if (isList(value)) return `[${value.map(inlineValue).join(', ')}]`;
  return inlineTable(tableEntries(value).map(([key, item]) => [tomlKey(key), inlineValue(item)]));
}

/** Long lists fill their lines, so that a pattern list of sixty does not take sixty lines for every domain. */
function brokenList(items: readonly string[]): string {
  const line = `[${items.join(', ')}]`;
  return line.length <= WIDTH
    ? line
    : `[\n${fillLines(items, WIDTH - 2)
        .map((row) => `  ${row}\n`)
        .join('')}]`;
}

function stringValue(text: string): string {
  return /[\\"]/.test(text) && isLiteral(text) ? `'${text}'` : basicString(text);
}

function regexString(text: string): string {
  // A quote at the end would run into the closing ones; older TOML parsers refuse that.
  const legal = isPrintable(text) && !text.includes("'''") && !text.endsWith("'");
  return legal ? `'''${text}'''` : basicString(text);
}

function isLiteral(text: string): boolean {
  return isPrintable(text) && !text.includes("'");
}

/** Nothing that a reader could not see, or that TOML forbids in literal strings. */
function isPrintable(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text) || visibleText(text) === text;
}

function basicString(text: string): string {
  let literal = '';
  for (const character of text) literal += basicCharacter(character);
  return `"${literal}"`;
}

function basicCharacter(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  if (character === '\n') return '\\n';
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0xd800 && code <= 0xdfff) return '\\uFFFD';
  if (isPrintable(character)) return character;
  const hex = code.toString(16).toUpperCase();
  return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
}
