import { parse, TomlDate, TomlError } from 'smol-toml';
import type { PolicyTable, PolicyValue } from '../api/value';

/** A TOML or JSON file of the tree, or why it cannot be read. */
export type DataFile = { readonly table: PolicyTable } | { readonly fault: string; readonly line?: number };

/** Reads TOML; whole floats keep a mark, since KumoMTA's integers refuse them. */
export function parseToml(text: string): DataFile {
  try {
    return { table: convertTable(parse(text, { integersAsBigInt: true })) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return { fault: firstLine(error.message), line: error.line };
  }
}

/** Reads JSON whose top is an object. */
export function parseJson(text: string): DataFile {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { fault: 'the top has to be an object' };
    return { table: convertTable(value) };
  } catch (error) {
    return { fault: error instanceof Error ? firstLine(error.message) : 'this is not JSON' };
  }
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

/** Finds the line of a key by its path of keys; the nearest enclosing key when the key itself is not seen. */
export type LineFinder = (path: readonly string[]) => number | undefined;

/**
 * Lines of the keys of a TOML text. It reads headers and the first key of a line, which is how such files are written;
 * inline tables give the line of the key that holds them. The index is built when a line is first asked for.
 */
export function createLineFinder(text: string): LineFinder {
  let index: ReadonlyMap<string, number> | undefined;
  return (path) => {
    index ??= indexLines(text);
    for (let length = path.length; length > 0; length--) {
      const line = index.get(keyOf(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return undefined;
  };
}

function keyOf(path: readonly string[]): string {
  return path.join('\u0000');
}

function indexLines(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  const counts = new Map<string, number>();
  let header: readonly string[] = [];
  const note = (path: readonly string[], line: number) => {
    if (!lines.has(keyOf(path))) lines.set(keyOf(path), line);
  };
  text.split(/\r?\n/).forEach((row, at) => {
    const array = /^\s*\[\[(.*)\]\]/.exec(row)?.[1];
    const table = /^\s*\[(?!\[)(.*)\]\s*(?:#.*)?$/.exec(row)?.[1];
    if (array !== undefined) {
      const path = splitKey(array);
      const count = (counts.get(keyOf(path)) ?? 0) + 1;
      counts.set(keyOf(path), count);
      header = [...path, String(count)];
    } else if (table !== undefined) header = splitKey(table);
    else {
      const key = /^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=/.exec(row)?.[1];
      if (key !== undefined) note([...header, ...splitKey(key)], at + 1);
      return;
    }
    for (let length = 1; length <= header.length; length++) note(header.slice(0, length), at + 1);
  });
  return lines;
}

function splitKey(text: string): readonly string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|([\w-]+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  );
}
