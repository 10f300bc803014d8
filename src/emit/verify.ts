import luaparse from 'luaparse';
import { parse, TomlError } from 'smol-toml';
import type { KumoPolicy } from '../kumo/model';
import { expectedData, type Tree } from './expected';
import type { EmittedFile } from './file';

/** A place where an emitted file is not what it should be; always a fault of the tool. Positions are one-based. */
export interface EmitFault {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** Names keys, never values: those may be secrets. */
  readonly message: string;
}

/**
 * Reads the emitted files back: Lua has to parse, and TOML has to hold exactly what the policy says, so that a mistake in
 * quoting never leaves the house.
 */
export function verifyFiles(files: readonly EmittedFile[], policy: KumoPolicy): readonly EmitFault[] {
  const expected = expectedData(policy);
  return files.flatMap((file) => {
    if (file.path.endsWith('.lua')) return luaFaults(file);
    const wanted = expected.get(file.path);
    return file.path.endsWith('.toml') && wanted !== undefined ? tomlFaults(file, wanted) : [];
  });
}

function luaFaults({ path, content }: EmittedFile): readonly EmitFault[] {
  try {
    // The newest grammar luaparse knows; nothing emitted needs what 5.4 added to it.
    luaparse.parse(content, { luaVersion: '5.3', comments: false });
    return [];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const place = /^\[(\d+):(\d+)\] /.exec(error.message);
    const [line, column] = [Number(place?.[1] ?? 1), Number(place?.[2] ?? 0) + 1];
    // The parser quotes what it found, which may be a value.
    return [{ path, line, column, message: 'is not Lua' }];
  }
}

function tomlFaults({ path, content }: EmittedFile, wanted: Tree): readonly EmitFault[] {
  try {
    return differences(wanted, parse(content), []).map((message) => ({ path, line: 1, column: 1, message }));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return [{ path, line: error.line, column: error.column, message: 'is not TOML' }];
  }
}

/** Key paths under which `found` is not `wanted`. */
function differences(wanted: unknown, found: unknown, path: readonly string[]): readonly string[] {
  const [a, b] = [branches(wanted), branches(found)];
  if (a === undefined || b === undefined) {
    return a === b && sameScalar(wanted, found) ? [] : [`${path.join(' > ')} is not what the policy says`];
  }
  const keys = new Set([...a.keys(), ...b.keys()]);
  return [...keys].flatMap((key) => {
    const here = [...path, key];
    const [left, right] = [a.get(key), b.get(key)];
    if (left === undefined) return [`${here.join(' > ')} is not in the policy`];
    if (right === undefined) return [`${here.join(' > ')} is missing`];
    return differences(left, right, here);
  });
}

function sameScalar(wanted: unknown, found: unknown): boolean {
  return typeof wanted === 'string' ? asWritten(wanted) === found : Object.is(wanted, found) || wanted === found;
}

/** Children by key; a list's keys are its indices, told apart from a table's by their count. */
function branches(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [asWritten(String(key)), item]));
  if (Array.isArray(value))
    return new Map([['[]', value.length], ...value.map((item, index) => [`[${index}]`, item] as const)]);
  if (typeof value !== 'object' || value === null) return undefined;
  return new Map(Object.entries(value).map(([key, item]) => [asWritten(key), item]));
}

/** Lone surrogates are written as U+FFFD. */
function asWritten(text: string): string {
  if (!/[\ud800-\udfff]/.test(text)) return text;
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text));
}
