import { visibleText } from '../diagnostics/visible';
import type { KumoTable, KumoValue } from '../kumo/model';

/** Columns after which a table is broken into lines. */
const WIDTH = 100;

/** Lua 5.4 reference manual, 3.1; luaparse and KumoMTA's Lua agree on this list. */
const KEYWORDS: ReadonlySet<string> = new Set(
  'and break do else elseif end false for function goto if in local nil not or repeat return then true until while'.split(
    ' ',
  ),
);

/**
 * A string literal that denotes exactly the text's UTF-8 bytes (lone surrogates as U+FFFD). Everything but printable
 * ASCII is escaped, so that no text can leave its quotes, its line, or look like something else.
 */
export function luaString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let literal = '';
  for (const byte of new TextEncoder().encode(text)) literal += luaByte(byte, quote);
  return `${quote}${literal}${quote}`;
}

function luaByte(byte: number, quote: string): string {
  if (byte === 0x0a) return '\\n';
  const character = String.fromCharCode(byte);
  if (character === '\\' || character === quote) return `\\${character}`;
  // Always three digits: a digit that follows must not become part of the escape.
  return byte < 0x20 || byte > 0x7e ? `\\${String(byte).padStart(3, '0')}` : character;
}

/** The key of a table constructor: bare where Lua allows it, `['...']` else. */
export function luaKey(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !KEYWORDS.has(name) ? name : `[${luaString(name)}]`;
}

/** A comment up to the end of the line; the blank keeps a leading `[[` from opening a long comment. */
export function luaComment(text: string): string {
  return `-- ${visibleText(text)}`.trimEnd();
}

/**
 * A value as a Lua expression, on one line where it fits. `indent` is the number of blanks before the line on which it
 * starts. Throws a RangeError for numbers that neither Lua nor TOML can hold: those are a fault of the caller.
 */
export function luaValue(value: KumoValue, indent = 0): string {
  if (typeof value === 'string') return luaString(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return numberText(value);
  const items = isList(value)
    ? value.map((item) => luaInline(item))
    : tableEntries(value).map(([key, item]) => `${luaKey(key)} = ${luaInline(item)}`);
  if (items.length === 0) return '{}';
  const line = `{ ${items.join(', ')} }`;
  if (line.length + indent <= WIDTH) return line;
  const inner = ' '.repeat(indent + 2);
  const rows = isList(value)
    ? listRows(value, indent + 2)
    : tableEntries(value).map(([key, item]) => `${luaKey(key)} = ${luaValue(item, indent + 2)},`);
  return `{\n${rows.map((row) => inner + row).join('\n')}\n${' '.repeat(indent)}}`;
}

function luaInline(value: KumoValue): string {
  return luaValue(value, Number.NEGATIVE_INFINITY);
}

/** Lists of plain values fill their lines, so that a hundred addresses do not take a hundred lines. */
function listRows(list: readonly KumoValue[], indent: number): readonly string[] {
  if (list.some((item) => typeof item === 'object')) return list.map((item) => `${luaValue(item, indent)},`);
  return fillLines(list.map(luaInline), WIDTH - indent);
}

/** Items with a comma behind each, as many on a line as `width` columns hold. */
export function fillLines(items: readonly string[], width: number): readonly string[] {
  const rows: string[] = [];
  for (const item of items) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + item.length + 2 <= width) rows[rows.length - 1] = `${last} ${item},`;
    else rows.push(`${item},`);
  }
  return rows;
}

/** A number as both Lua and TOML read it: integers without an exponent. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} cannot be written`);
  return Number.isInteger(value) ? BigInt(value).toString() : String(value);
}

export function isList(value: readonly KumoValue[] | KumoTable): value is readonly KumoValue[] {
  return Array.isArray(value);
}

export function tableEntries(table: KumoTable): readonly (readonly [string, KumoValue])[] {
  return Object.entries(table);
}
