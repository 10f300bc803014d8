import { asList, asTable, type PolicyTable, type PolicyValue } from '../api/value';

/** A table in what the Lua half answered. The bridge makes JSON of plain values only, so the kinds are known. */
export function readTable(value: unknown): PolicyTable | undefined {
  return isPolicyValue(value) ? asTable(value) : undefined;
}

/** An array in what the Lua half answered. */
export function readList(value: unknown): readonly PolicyValue[] {
  return (isPolicyValue(value) ? asList(value) : undefined) ?? [];
}

export function readText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function readTexts(value: unknown): readonly string[] {
  return readList(value).filter((item) => typeof item === 'string');
}

function isPolicyValue(value: unknown): value is PolicyValue {
  return value !== undefined && value !== null;
}
