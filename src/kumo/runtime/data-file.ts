import { parse, TomlDate, TomlError } from 'smol-toml';
import { createSource, positionAt } from '../../diagnostics/span';
import type { PolicyTable, PolicyValue } from '../api/value';
import type { Extent } from './finding';
import { scanJson } from './json-places';
import { type KeyRanges, pathKey, tomlKeyRanges } from './toml-places';

/** A TOML or JSON file of the tree, or why it cannot be read, with the one-based place of the fault. */
export type DataFile =
  | { readonly table: PolicyTable }
  | { readonly fault: string; readonly line?: number; readonly column?: number };

/** Reads TOML; whole floats keep a mark, since KumoMTA's integers refuse them. */
export function parseToml(text: string): DataFile {
  try {
    return { table: convertTable(parse(text, { integersAsBigInt: true })) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return { fault: firstLine(error.message), line: error.line, column: error.column };
  }
}

/** Reads JSON whose top is an object. */
export function parseJson(text: string): DataFile {
  const scan = scanJson(text);
  if ('fault' in scan) return { fault: scan.fault, ...positionAt(createSource('', text), scan.at) };
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { fault: 'the top has to be an object', line: 1, column: 1 };
  }
  return { table: convertTable(value) };
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}

function convertTable(table: object): PolicyTable {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, convert(value)]));
}

function convert(value: unknown): PolicyValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'bigint':
      return Number(value);
    case 'number':
      return Number.isInteger(value) ? { '\u0000float': value } : value;
    default:
      break;
  }
  if (Array.isArray(value)) return value.map(convert);
  if (value instanceof TomlDate) return { '\u0000opaque': 'date' };
  return typeof value === 'object' && value !== null ? convertTable(value) : { '\u0000opaque': 'null' };
}

/** Finds a key by its path of keys; the nearest enclosing key when it is not there. */
export type KeyFinder = (path: readonly string[]) => Extent | undefined;

/** Places of the keys of a TOML or JSON text; the index is built when a place is first asked for. */
export function createKeyFinder(text: string, form: 'toml' | 'json'): KeyFinder {
  const source = createSource('', text);
  let ranges: KeyRanges | undefined;
  return (path) => {
    ranges ??= rangesOf(text, form);
    for (let length = path.length; length > 0; length--) {
      const range = ranges.get(pathKey(path.slice(0, length)));
      if (range === undefined) continue;
      const { line, column } = positionAt(source, range.start);
      const end = positionAt(source, range.end);
      return end.line === line ? { line, column, endColumn: end.column } : { line, column };
    }
    return undefined;
  };
}

function rangesOf(text: string, form: 'toml' | 'json'): KeyRanges {
  if (form === 'toml') return tomlKeyRanges(text);
  const scan = scanJson(text);
  return 'ranges' in scan ? scan.ranges : new Map();
}
