import {
  BACKSLASH,
  COMMA,
  closingQuote,
  endsLine,
  HASH,
  isBlank,
  LESS,
  lineEndAt,
  nextLineAt,
  QUOTE,
  SLASH,
  skipBlanks,
} from './characters';

/** Something in a value that PowerMTA's manual does not describe. */
export interface Oddity {
  readonly code: 'continued-list' | 'continued-quote' | 'continued-regex' | 'hash-in-quotes';
  readonly start: number;
  readonly end: number;
}

export interface ValueShape {
  readonly end: number;
  /** Without comments; the line break of a list is one blank, others are `\n`. */
  readonly value: string;
  readonly oddities: readonly Oddity[];
}

/** A closing tag that ends the value before it: `<domain x> max-smtp-out 5 </domain>`. */
const INLINE_CLOSE = /<\/[A-Za-z][^<>"#\r\n]*>(?=[ \t\v\f\uFEFF#<\r\n]|$)/y;
/** An opening tag at the end of a directive's line: `mail-from /x/ <pattern-list>` (language.md 2). */
const NESTED_OPEN = /<[A-Za-z-]+(?:[ \t][^<>"#\r\n]*)?>(?=[ \t\v\f\uFEFF]*(?:[#\r\n]|$))/y;

/** Characters that a regex has and a path has not; they decide whether an argument that begins with `/` may run on. */
const REGEX_SIGNS = /[([|\\^$?{]/;

/** How many further lines a regex or quoted string may take; a lost slash must not swallow the file. */
const MAX_EXTRA_LINES = 3;

export function closesInline(text: string, at: number): boolean {
  INLINE_CLOSE.lastIndex = at;
  return INLINE_CLOSE.test(text);
}

export function opensNested(text: string, at: number): boolean {
  NESTED_OPEN.lastIndex = at;
  return isBlank(text.charCodeAt(at - 1)) && NESTED_OPEN.test(text);
}

interface Scan {
  readonly text: string;
  readonly start: number;
  readonly opensLine: boolean;
  at: number;
  /** After the last character that is no blank. */
  end: number;
  partStart: number;
  readonly parts: string[];
  readonly oddities: Oddity[];
}

/**
 * Reads the value that begins at `start` (no blank) up to its line end, comment, inline closing tag or nested tag, and
 * beyond the line where it goes on (language.md 2, "More than one physical line").
 * `opensLine`: the value is a regex with which its line begins.
 */
export function scanValue(text: string, start: number, opensLine: boolean): ValueShape {
  const scan: Scan = { text, start, opensLine, at: start, end: start, partStart: start, parts: [], oddities: [] };
  for (;;) {
    const code = text.charCodeAt(scan.at);
    if (endsLine(code) || code === HASH) {
      if (!continueList(scan)) break;
    } else if (isBlank(code)) {
      scan.at++;
    } else if (code === LESS && endsBeforeTag(scan)) {
      break;
    } else {
      scan.at = afterArgumentPart(scan, code);
      scan.end = scan.at;
    }
  }
  const tail = text.slice(scan.partStart, scan.end);
  // Nothing noted means nothing ran over a line end: the common case, and no second look at the text.
  const value = scan.oddities.length === 0 ? tail : (scan.parts.join('') + tail).replace(/\r\n?/g, '\n');
  return { end: scan.end, value, oddities: scan.oddities };
}

function endsBeforeTag(scan: Scan): boolean {
  const { text, at } = scan;
  return isBlank(text.charCodeAt(at - 1)) && (closesInline(text, at) || opensNested(text, at));
}

/** Offset after the quoted string, regex or single character at `scan.at`. */
function afterArgumentPart(scan: Scan, code: number): number {
  if (code === QUOTE && mayOpenQuote(scan)) return afterQuote(scan);
  if (code === SLASH && mayOpenRegex(scan)) return afterRegex(scan);
  return scan.at + 1;
}

/** A quote inside a word is a character; doubled quotes open again, as in `"--from=""$from"""`. */
function mayOpenQuote(scan: Scan): boolean {
  const before = scan.text.charCodeAt(scan.at - 1);
  return scan.at === scan.partStart || isBlank(before) || ',=:!("'.includes(String.fromCharCode(before));
}

function mayOpenRegex(scan: Scan): boolean {
  const before = scan.text.charCodeAt(scan.at - 1);
  return scan.at === scan.partStart || isBlank(before) || ',=!'.includes(String.fromCharCode(before));
}

function afterQuote(scan: Scan): number {
  const { text, at } = scan;
  const close = closingQuote(text, at + 1);
  if (close >= 0) {
    if (text.slice(at, close).includes('#')) scan.oddities.push({ code: 'hash-in-quotes', start: at, end: close + 1 });
    return close + 1;
  }
  const far = closeOnLaterLine(text, at, (line) => {
    const found = closingQuote(text, line);
    return found < 0 ? 'open' : endsAfter(text, found + 1) ? found : 'no';
  });
  if (far === undefined) return at + 1;
  scan.oddities.push({ code: 'continued-quote', start: at, end: far + 1 });
  return far + 1;
}

function afterRegex(scan: Scan): number {
  const { text, at } = scan;
  const close = closingSlash(text, at + 1);
  if (close >= 0 && !isInsideTag(text, close)) return close + 1;
  if (close >= 0 || !mayRunOn(scan)) return at + 1;
  const far = closeOnLaterLine(text, at, (line) => {
    const found = closingSlash(text, line);
    if (found < 0) return 'open';
    return opensRegex(text, line, found) ? 'no' : found;
  });
  if (far === undefined) return at + 1;
  scan.oddities.push({ code: 'continued-regex', start: at, end: far + 1 });
  return far + 1;
}

/** A path such as `/opt` has no closing slash either, and must not go looking for one. */
function mayRunOn(scan: Scan): boolean {
  if (scan.opensLine && scan.at === scan.start) return true;
  return REGEX_SIGNS.test(scan.text.slice(scan.at, lineEndAt(scan.text, scan.at)));
}

/**
 * Looks for the closing character on the lines after the one of `open`. A comment, a line that begins with a tag or the
 * end of the text ends the search; `find` gets the start of a line and may end it (`no`) or pass the line (`open`).
 */
function closeOnLaterLine(
  text: string,
  open: number,
  find: (line: number) => number | 'open' | 'no',
): number | undefined {
  let lineEnd = lineEndAt(text, open);
  if (text.slice(open, lineEnd).includes('#')) return undefined;
  for (let count = 0; count < MAX_EXTRA_LINES; count++) {
    const line = nextLineAt(text, lineEnd);
    if (line === undefined || beginsWithTag(text, skipBlanks(text, line))) return undefined;
    const found = find(line);
    lineEnd = lineEndAt(text, line);
    if (found === 'no' || text.slice(line, found === 'open' ? lineEnd : found).includes('#')) return undefined;
    if (found !== 'open') return found;
  }
  return undefined;
}

/** Offset of the first unescaped slash on this line, or -1. A `#` ends the search: it is a comment even in a regex. */
function closingSlash(text: string, from: number): number {
  for (let at = from; ; at++) {
    const code = text.charCodeAt(at);
    if (endsLine(code) || code === HASH) return -1;
    if (code === SLASH) return at;
    if (code === BACKSLASH && !endsLine(text.charCodeAt(at + 1))) at++;
  }
}

/** `/opt </domain>`: the slash belongs to the tag that ends the value. */
function isInsideTag(text: string, slash: number): boolean {
  return text.charCodeAt(slash - 1) === LESS && isBlank(text.charCodeAt(slash - 2)) && closesInline(text, slash - 1);
}

/** A slash that begins an argument opens the regex of another entry: the one before was never closed. */
function opensRegex(text: string, line: number, slash: number): boolean {
  const before = text.charCodeAt(slash - 1);
  const after = text.charCodeAt(slash + 1);
  return (slash === line || isBlank(before)) && !isBlank(after) && !endsLine(after);
}

function endsAfter(text: string, from: number): boolean {
  const code = text.charCodeAt(skipBlanks(text, from));
  return endsLine(code) || code === HASH;
}

function beginsWithTag(text: string, at: number): boolean {
  return /^<\/?[A-Za-z]/.test(text.slice(at, at + 3));
}

/** At a line end or comment: steps to the next line when the value ends in a comma and something stands there. */
function continueList(scan: Scan): boolean {
  const { text } = scan;
  if (scan.end === scan.partStart || text.charCodeAt(scan.end - 1) !== COMMA) return false;
  const line = nextLineAt(text, lineEndAt(text, scan.at));
  if (line === undefined) return false;
  const next = skipBlanks(text, line);
  const code = text.charCodeAt(next);
  if (endsLine(code) || code === HASH || beginsWithTag(text, next)) return false;
  scan.oddities.push({ code: 'continued-list', start: scan.end - 1, end: scan.end });
  scan.parts.push(text.slice(scan.partStart, scan.end), ' ');
  scan.at = next;
  scan.end = next;
  scan.partStart = next;
  return true;
}
