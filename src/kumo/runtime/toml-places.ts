/** Where a key stands: offsets in UTF-16 code units, `end` exclusive. */
export interface KeyRange {
  readonly start: number;
  readonly end: number;
}

/** Ranges by path of keys, joined by {@link pathKey}; elements of arrays count from 1. */
export type KeyRanges = ReadonlyMap<string, KeyRange>;

export function pathKey(path: readonly string[]): string {
  return path.join('\u0000');
}

interface Scan {
  readonly text: string;
  at: number;
  /** The scan may end at any of these, joined by {@link pathKey}. */
  readonly wanted?: ReadonlySet<string>;
  readonly ranges: Map<string, KeyRange>;
  /** Arrays of tables: path of the array → how many elements so far. */
  readonly counts: Map<string, number>;
}

interface KeyPart extends KeyRange {
  readonly name: string;
}

const BARE = /[^\s.=\]"'#]/;

/**
 * Finds every key of a TOML text that was parsed before: headers, dotted keys, inline tables, elements of arrays. The
 * TOML reader keeps no positions. Of a key that is named more than once the first place counts.
 */
export function tomlKeyRanges(text: string): KeyRanges {
  return scanKeys({ text, at: 0, ranges: new Map(), counts: new Map() });
}

/** The first place in the text of any of some keys, joined by {@link pathKey}; reads no further than there. */
export function firstTomlKey(text: string, wanted: ReadonlySet<string>): KeyRange | undefined {
  const ranges = scanKeys({ text, at: 0, ranges: new Map(), counts: new Map(), wanted });
  for (const [key, range] of ranges) if (wanted.has(key)) return range;
  return undefined;
}

function scanKeys(scan: Scan): KeyRanges {
  const { text } = scan;
  let header: readonly string[] = [];
  for (;;) {
    skipBlank(scan);
    if (scan.at >= text.length) return scan.ranges;
    if (text[scan.at] === '[') header = readHeader(scan);
    else readPair(scan, header);
  }
}

function readHeader(scan: Scan): readonly string[] {
  const array = scan.text[scan.at + 1] === '[';
  scan.at += array ? 2 : 1;
  const parts = readKey(scan);
  let path: readonly string[] = [];
  parts.forEach((part, index) => {
    path = [...path, part.name];
    note(scan, path, part);
    const isLast = index === parts.length - 1;
    if (array && isLast) scan.counts.set(pathKey(path), (scan.counts.get(pathKey(path)) ?? 0) + 1);
    const count = scan.counts.get(pathKey(path));
    if (count !== undefined) {
      path = [...path, String(count)];
      note(scan, path, part);
    }
  });
  scan.at += array ? 2 : 1;
  return path;
}

function readPair(scan: Scan, above: readonly string[]): void {
  const before = scan.at;
  const parts = readKey(scan);
  let path = above;
  for (const part of parts) {
    path = [...path, part.name];
    note(scan, path, part);
  }
  skipSpace(scan);
  if (scan.text[scan.at] === '=') {
    scan.at++;
    readValue(scan, path);
  }
  // What is no TOML would hold the scan here for ever.
  if (scan.at === before) scan.at++;
}

function note(scan: Scan, path: readonly string[], { start, end }: KeyRange): void {
  const key = pathKey(path);
  if (!scan.ranges.has(key)) scan.ranges.set(key, { start, end });
  if (scan.wanted?.has(key) === true) scan.at = scan.text.length;
}

function readKey(scan: Scan): readonly KeyPart[] {
  const parts: KeyPart[] = [];
  for (;;) {
    skipSpace(scan);
    const start = scan.at;
    const first = scan.text[start];
    if (first === '"' || first === "'") {
      skipString(scan);
      parts.push({ name: unquoted(scan.text.slice(start, scan.at)), start, end: scan.at });
    } else {
      while (scan.at < scan.text.length && BARE.test(scan.text[scan.at] ?? '')) scan.at++;
      if (scan.at === start) return parts;
      parts.push({ name: scan.text.slice(start, scan.at), start, end: scan.at });
    }
    skipSpace(scan);
    if (scan.text[scan.at] !== '.') return parts;
    scan.at++;
  }
}

function unquoted(text: string): string {
  const inner = text.slice(1, -1);
  if (text.startsWith("'") || !inner.includes('\\')) return inner;
  const plain: Readonly<Record<string, string>> = { b: '\b', e: '\u001b', f: '\f', n: '\n', r: '\r', t: '\t' };
  return inner.replace(/\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|(.))/gi, (_, x, u, long, letter?: string) => {
    const code: string | undefined = x ?? u ?? long;
    if (code === undefined) return plain[letter ?? ''] ?? letter ?? '';
    const point = Number.parseInt(code, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd';
  });
}

function readValue(scan: Scan, path: readonly string[]): void {
  skipSpace(scan);
  const next = scan.text[scan.at];
  if (next === '"' || next === "'") skipString(scan);
  else if (next === '[') readArray(scan, path);
  else if (next === '{') readInlineTable(scan, path);
  else while (scan.at < scan.text.length && !/[,\]}\n#]/.test(scan.text[scan.at] ?? '')) scan.at++;
}

function readArray(scan: Scan, path: readonly string[]): void {
  scan.at++;
  for (let count = 1; ; ) {
    skipBlank(scan);
    const start = scan.at;
    const next = scan.text[start];
    if (next === undefined) return;
    if (next === ']') return void scan.at++;
    if (next === ',') {
      scan.at++;
      count++;
      continue;
    }
    readValue(scan, [...path, String(count)]);
    if (scan.at === start) return;
    note(scan, [...path, String(count)], { start, end: trimmedEnd(scan.text, start, scan.at) });
  }
}

function readInlineTable(scan: Scan, path: readonly string[]): void {
  scan.at++;
  for (;;) {
    skipBlank(scan);
    const next = scan.text[scan.at];
    if (next === undefined) return;
    if (next === '}') return void scan.at++;
    if (next === ',') scan.at++;
    else readPair(scan, path);
  }
}

function trimmedEnd(text: string, start: number, end: number): number {
  let last = end;
  while (last > start && /\s/.test(text[last - 1] ?? '')) last--;
  return last;
}

function skipString(scan: Scan): void {
  const { text } = scan;
  const quote = text[scan.at] ?? '"';
  const long = text.startsWith(quote.repeat(3), scan.at);
  const close = long ? quote.repeat(3) : quote;
  scan.at += close.length;
  while (scan.at < text.length && !text.startsWith(close, scan.at)) {
    if (!long && text[scan.at] === '\n') return;
    scan.at += quote === '"' && text[scan.at] === '\\' ? 2 : 1;
  }
  scan.at += close.length;
  // A long string may end in up to two quotes of its own.
  while (long && text[scan.at] === quote) scan.at++;
}

function skipSpace(scan: Scan): void {
  while (scan.text[scan.at] === ' ' || scan.text[scan.at] === '\t') scan.at++;
}

/** Blanks, line ends and comments. */
function skipBlank(scan: Scan): void {
  for (;;) {
    while (scan.at < scan.text.length && /[\s\ufeff]/.test(scan.text[scan.at] ?? '')) scan.at++;
    if (scan.text[scan.at] !== '#') return;
    while (scan.at < scan.text.length && scan.text[scan.at] !== '\n') scan.at++;
  }
}
