import { closingQuote, endsLine, GREATER, HASH, isBlank, QUOTE, SLASH, skipBlanks } from './characters';

/** Where the parts of a tag stand; all offsets into the text. */
export interface TagShape {
  readonly closing: boolean;
  readonly nameStart: number;
  readonly nameEnd: number;
  /** Without the blanks around it, with its quotes. Empty when there is none. */
  readonly argumentStart: number;
  readonly argumentEnd: number;
  readonly end: number;
  /** False when the line or a comment came before the `>`. */
  readonly terminated: boolean;
  /** A `#` stands inside a quoted string of the argument and was kept. */
  readonly keptHash: boolean;
}

/**
 * Reads `<name argument>` or `</name argument>` at `at`. Undefined when this is no tag at all (`<>`, `< x`, `<<<`).
 * Rules: language.md 4. A `>` or `#` inside a balanced quoted string belongs to the argument.
 */
export function scanTag(text: string, at: number): TagShape | undefined {
  const closing = text.charCodeAt(at + 1) === SLASH;
  const nameStart = closing ? skipBlanks(text, at + 2) : at + 1;
  if (!startsName(text.charCodeAt(nameStart))) return undefined;
  let nameEnd = nameStart + 1;
  while (!endsName(text.charCodeAt(nameEnd))) nameEnd++;
  const argumentStart = skipBlanks(text, nameEnd);
  const quoted = findEnd(text, argumentStart, true);
  // A quote may stand alone before the `>` and find its twin in a comment: then it is an ordinary character.
  const found = quoted.terminated ? quoted : findEnd(text, argumentStart, false);
  // An unterminated tag without argument ends with its name, and leaves the blanks behind it to the tree.
  const argumentEnd = trimmedEnd(text, nameEnd, found.at);
  return {
    closing,
    nameStart,
    nameEnd,
    argumentStart: Math.min(argumentStart, argumentEnd),
    argumentEnd,
    end: found.terminated ? found.at + 1 : argumentEnd,
    terminated: found.terminated,
    keptHash: found.keptHash,
  };
}

/** Takes the quotes off an argument that is quoted as a whole; a pipe command keeps the quotes inside it. */
export function unquoteArgument(argument: string): string {
  if (argument.charCodeAt(0) !== QUOTE || closingQuote(argument, 1) !== argument.length - 1) return argument;
  // Other backslashes stay: the manual writes `"c:\my stuff\\acctproc.exe"` (language.md 2).
  return argument.slice(1, -1).replace(/\\(["\\])/g, '$1');
}

function findEnd(text: string, from: number, quotes: boolean): { at: number; terminated: boolean; keptHash: boolean } {
  let keptHash = false;
  let protecting = quotes;
  for (let at = from; ; at++) {
    const code = text.charCodeAt(at);
    if (code === GREATER) return { at, terminated: true, keptHash };
    if (endsLine(code) || code === HASH) return { at, terminated: false, keptHash };
    if (!protecting || code !== QUOTE) continue;
    const close = closingQuote(text, at + 1);
    // The next ones would find no twin either, and looking for it each time would take quadratic time.
    protecting = close >= 0;
    if (!protecting) continue;
    keptHash ||= text.slice(at, close).includes('#');
    at = close;
  }
}

function trimmedEnd(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && isBlank(text.charCodeAt(end - 1))) end--;
  return end;
}

function startsName(code: number): boolean {
  const letter = code | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || (code >= 0x80 && !isBlank(code));
}

function endsName(code: number): boolean {
  return endsLine(code) || isBlank(code) || code === GREATER || code === HASH || code === QUOTE;
}
