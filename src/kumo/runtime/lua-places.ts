import luaparse, { type Chunk, type Expression, type Node, type TableConstructorExpression } from 'luaparse';
import { type PolicyTable, type PolicyValue, unknownValue } from '../api/value';
import type { Extent, Place } from './finding';

/** A call as it stands in the text. */
export interface LuaCall {
  /** Names joined as written: `kumo.make_queue_config`, `msg:set_meta`; undefined when something else is called. */
  readonly name: string | undefined;
  readonly args: readonly Expression[];
  readonly node: Node;
}

/** A Lua file taken apart, for places and for what the text alone shows. */
export interface LuaFile {
  readonly chunk: Chunk;
  /** Every call, the outer before the inner. */
  readonly calls: readonly LuaCall[];
}

/** Files of the tree taken apart, each once; undefined for what luaparse, which stops at Lua 5.3, cannot read. */
export interface LuaPlaces {
  file(path: string): LuaFile | undefined;
  /** The place of a key in the table that a call takes; Lua itself knows the line of the call only. */
  keyOf(call: Place | undefined, name: string, keys: readonly string[]): Place | undefined;
}

export function createLuaPlaces(textOf: (path: string) => string | undefined): LuaPlaces {
  const files = new Map<string, LuaFile | undefined>();
  const file = (path: string): LuaFile | undefined => {
    if (!files.has(path)) files.set(path, readLuaFile(textOf(path)));
    return files.get(path);
  };
  return {
    file,
    keyOf(place, name, keys) {
      if (place?.line === undefined) return place;
      const { line, path } = place;
      const method = name.slice(name.lastIndexOf('.') + 1);
      const call = file(path)?.calls.find((each) => startsAt(each, line) && each.name?.endsWith(method) === true);
      const extent = call && extentOf(nodeOfKey(call, keys));
      return extent === undefined ? place : { path, ...extent };
    },
  };
}

function startsAt({ node }: LuaCall, line: number): boolean {
  return node.loc?.start.line === line;
}

function readLuaFile(text: string | undefined): LuaFile | undefined {
  // It fails on a byte order mark with an error of its own.
  if (text === undefined || text.startsWith('\ufeff')) return undefined;
  try {
    const chunk = luaparse.parse(text, { luaVersion: '5.3', comments: false, locations: true });
    const calls: LuaCall[] = [];
    walkLua(chunk, (node) => {
      const call = callOf(node);
      if (call !== undefined) calls.push(call);
    });
    return { chunk, calls };
  } catch (error) {
    // Its stack ends before Lua's own does.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The node as a call, in any of its three forms. */
export function callOf(node: Node): LuaCall | undefined {
  switch (node.type) {
    case 'CallExpression':
      return { name: nameOf(node.base), args: node.arguments, node };
    case 'StringCallExpression':
      return { name: nameOf(node.base), args: [node.argument], node };
    case 'TableCallExpression':
      return { name: nameOf(node.base), args: [node.arguments], node };
    default:
      return undefined;
  }
}

/** `a.b.c` or `a:b` as written; undefined for what is no chain of names. */
export function nameOf(node: Node): string | undefined {
  if (node.type === 'Identifier') return node.name;
  if (node.type !== 'MemberExpression') return undefined;
  const base = nameOf(node.base);
  return base === undefined ? undefined : `${base}${node.indexer}${node.identifier.name}`;
}

/**
 * Visits a node and everything below it that `visit` does not skip, without recursion: a chain of calls can be as long
 * as the file.
 */
export function walkLua(top: Node, visit: (node: Node) => unknown): void {
  const waiting: unknown[] = [top];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (Array.isArray(next)) {
      for (let at = next.length - 1; at >= 0; at--) waiting.push(next[at]);
      continue;
    }
    if (isNode(next) && visit(next) === 'skip') continue;
    waiting.push(...Object.values(next).reverse());
  }
}

function isNode(value: object): value is Node {
  return 'type' in value && typeof value.type === 'string';
}

/** Line and columns of a node; one that goes on over several lines ends with its first. */
export function extentOf(node: Node | undefined): Extent | undefined {
  if (node?.loc === undefined) return undefined;
  const { start, end } = node.loc;
  const base = { line: start.line, column: start.column + 1 };
  return end.line === start.line ? { ...base, endColumn: end.column + 1 } : base;
}

/** The place of a key in the table that a call takes, or of the call. */
export function extentOfKey(node: Node, keys: readonly string[]): Extent | undefined {
  const call = callOf(node);
  return call && extentOf(nodeOfKey(call, keys));
}

/** The key of a table argument, as deep as it can be followed; the name that is called when it cannot. */
function nodeOfKey({ args, node }: LuaCall, keys: readonly string[]): Node | undefined {
  let found: Node | undefined = 'base' in node ? node.base : node;
  let table: Node | undefined = args.find((arg) => arg.type === 'TableConstructorExpression');
  for (const key of keys) {
    if (table?.type !== 'TableConstructorExpression') break;
    const field = fieldOf(table, key);
    if (field === undefined) break;
    found = field.key;
    table = field.value;
  }
  return found;
}

function fieldOf(
  table: TableConstructorExpression,
  key: string,
): { readonly key: Node; readonly value: Node } | undefined {
  let position = 0;
  for (const field of table.fields) {
    if (field.type === 'TableValue') {
      if (String(++position) === key) return { key: field.value, value: field.value };
    } else if (keyText(field) === key) return { key: field.key, value: field.value };
  }
  return undefined;
}

function keyText(field: TableConstructorExpression['fields'][number]): string | undefined {
  if (field.type === 'TableKeyString') return field.key.name;
  return field.type === 'TableKey' && field.key.type === 'StringLiteral' ? textOfString(field.key.raw) : undefined;
}

/** What a short string literal without escapes says. */
export function textOfString(raw: string): string | undefined {
  return /^(['"])([^\\]*)\1$/s.exec(raw)?.[2];
}

/** A table constructor as a value, with what only running can tell as unknown; undefined when it has keys like that. */
export function staticTable(table: TableConstructorExpression): PolicyTable | undefined {
  const entries: (readonly [string, PolicyValue])[] = [];
  for (const field of table.fields) {
    const key = keyText(field);
    if (key === undefined) return undefined;
    entries.push([key, staticValue(field.value)]);
  }
  return Object.fromEntries(entries);
}

/** The same for any expression. */
export function staticValue(node: Expression): PolicyValue {
  if (node.type === 'StringLiteral') return textOfString(node.raw) ?? unknownValue;
  if (node.type === 'BooleanLiteral') return node.value;
  if (node.type === 'NumericLiteral' && /^\d+$/.test(node.raw)) return node.value;
  if (node.type !== 'TableConstructorExpression') return unknownValue;
  if (node.fields.every((field) => field.type === 'TableValue'))
    return node.fields.map(({ value }) => staticValue(value));
  return staticTable(node) ?? unknownValue;
}
