import { type KeyRange, type KeyRanges, pathKey } from './toml-places';

/** Where the keys of a JSON text stand, or where it stops being JSON. */
export type JsonScan = { readonly ranges: KeyRanges } | { readonly fault: string; readonly at: number };

class Fault extends Error {
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

interface Scan {
  readonly text: string;
  at: number;
  readonly ranges: Map<string, KeyRange>;
}

const DEEPEST = 500;
const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y;
// Control characters have to be escaped in JSON.
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;

/** Reads JSON (RFC 8259) for the places of its keys; elements of arrays count from 1. */
export function scanJson(text: string): JsonScan {
  const scan: Scan = { text, at: 0, ranges: new Map() };
  try {
    readValue(scan, []);
    skipBlank(scan);
    if (scan.at < text.length) throw new Fault('there is text behind the end of the document', scan.at);
    return { ranges: scan.ranges };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { fault: error.message, at: error.at };
  }
}

function readValue(scan: Scan, path: readonly string[]): void {
  if (path.length > DEEPEST) throw new Fault('the values are nested too deeply', scan.at);
  skipBlank(scan);
  const next = scan.text[scan.at];
  if (next === '{') readList(scan, '}', () => readMember(scan, path));
  else if (next === '[') {
    let count = 0;
    readList(scan, ']', () => readElement(scan, [...path, String(++count)]));
  } else if (next === '"') readText(scan);
  else take(scan, SCALAR, 'a value is expected here');
}

function readMember(scan: Scan, path: readonly string[]): void {
  const start = scan.at;
  const name = readText(scan);
  note(scan, [...path, name], start);
  skipBlank(scan);
  if (scan.text[scan.at] !== ':') throw new Fault('a colon is expected after the name', scan.at);
  scan.at++;
  readValue(scan, [...path, name]);
}

function readElement(scan: Scan, path: readonly string[]): void {
  const start = scan.at;
  readValue(scan, path);
  note(scan, path, start);
}

function note(scan: Scan, path: readonly string[], start: number): void {
  const key = pathKey(path);
  if (!scan.ranges.has(key)) scan.ranges.set(key, { start, end: scan.at });
}

function readList(scan: Scan, close: string, readItem: () => void): void {
  scan.at++;
  skipBlank(scan);
  if (scan.text[scan.at] === close) return void scan.at++;
  for (;;) {
    skipBlank(scan);
    readItem();
    skipBlank(scan);
    const next = scan.text[scan.at];
    if (next !== ',' && next !== close) throw new Fault(`a comma or ${close} is expected here`, scan.at);
    scan.at++;
    if (next === close) return;
  }
}

function readText(scan: Scan): string {
  const raw = take(scan, TEXT, 'a text in double quotes is expected here');
  const value: unknown = JSON.parse(raw);
  return typeof value === 'string' ? value : raw;
}

function take(scan: Scan, pattern: RegExp, missing: string): string {
  pattern.lastIndex = scan.at;
  const found = pattern.exec(scan.text)?.[0];
  if (found === undefined) throw new Fault(missing, scan.at);
  scan.at += found.length;
  return found;
}

function skipBlank(scan: Scan): void {
  while (/[ \t\r\n]/.test(scan.text[scan.at] ?? '')) scan.at++;
}
