/** What counts as a blank inside a line, and where lines end. Texts are addressed by UTF-16 offset. */

export const HASH = 0x23;
export const QUOTE = 0x22;
export const SLASH = 0x2f;
export const LESS = 0x3c;
export const GREATER = 0x3e;
export const BACKSLASH = 0x5c;
export const COMMA = 0x2c;

/** The same set as a regular expression class, for token patterns. A byte order mark counts: files get concatenated. */
export const BLANKS = ' \\t\\v\\f\\uFEFF';

export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0b || code === 0x0c || code === 0xfeff;
}

/** True at the end of the text too, where `charCodeAt` gives NaN. */
export function endsLine(code: number): boolean {
  return code === 0x0a || code === 0x0d || Number.isNaN(code);
}

/** Offset of the line end (or the end of the text) at or after `from`. */
export function lineEndAt(text: string, from: number): number {
  let at = from;
  while (!endsLine(text.charCodeAt(at))) at++;
  return at;
}

/** Offset of the first character after the LF, CRLF or lone CR at `at`; undefined at the end of the text. */
export function nextLineAt(text: string, at: number): number | undefined {
  if (at >= text.length) return undefined;
  return text.charCodeAt(at) === 0x0d && text.charCodeAt(at + 1) === 0x0a ? at + 2 : at + 1;
}

/** Offset of the first character at or after `from` that is no blank; stops at line ends. */
export function skipBlanks(text: string, from: number): number {
  let at = from;
  while (isBlank(text.charCodeAt(at))) at++;
  return at;
}

/** Offset of the double quote that closes the string whose content begins at `from`, or -1 when the line ends before. */
export function closingQuote(text: string, from: number): number {
  for (let at = from; ; at++) {
    const code = text.charCodeAt(at);
    if (endsLine(code)) return -1;
    if (code === QUOTE) return at;
    if (code === BACKSLASH && !endsLine(text.charCodeAt(at + 1))) at++;
  }
}
