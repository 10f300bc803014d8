import type { Value, ValueError } from './value';

/** What a reader gets: the text after the directive, and where to say what it accepted all the same. */
export interface Input {
  readonly raw: string;
  /** The allowed words of the row, lower case. */
  readonly words: readonly string[];
  readonly warn: (reason: string) => void;
}

/** Reads one kind of value. Never throws. */
export type Reader = (input: Input) => Value | ValueError;

/** A piece of the raw text, quotes and escapes resolved. */
export interface Piece {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export function fail(reason: string, { start, end }: { readonly start: number; readonly end: number }): ValueError {
  return { kind: 'error', reason, start, end };
}

/** Whether a reader gave up. Pieces have no kind, so that both come through. */
export function failed<T extends object>(result: T | ValueError): result is ValueError {
  return 'kind' in result && result.kind === 'error';
}

const BLANK = /[ \t\r\n\f\v]/;

export function isBlank(char: string | undefined): boolean {
  return char !== undefined && BLANK.test(char);
}

/** The first index at or behind `from` that is no blank. */
export function skipBlanks(raw: string, from: number): number {
  let at = from;
  while (isBlank(raw[at])) at++;
  return at;
}

/** The part of the raw text from `from` on, without the blanks around it. */
export function trimmed(raw: string, from = 0): Piece {
  const start = skipBlanks(raw, from);
  let end = raw.length;
  while (end > start && isBlank(raw[end - 1])) end--;
  return { text: raw.slice(start, end), start, end };
}

/** Characters that a backslash protects inside quotes (M5 3.3.10.97.1, 7.3). */
const ESCAPED = '" $\\';

/**
 * Reads the quoted text that begins at `start`. A doubled quote inside stands for one quote: seen in the field, not
 * documented, hence the warning.
 */
export function readQuoted({ raw, warn }: Input, start: number): Piece | ValueError {
  let text = '';
  for (let at = start + 1; at < raw.length; at++) {
    const char = raw[at] ?? '';
    const next = raw[at + 1];
    if (char === '\\' && next !== undefined && ESCAPED.includes(next)) {
      text += next;
      at++;
    } else if (char !== '"') {
      text += char;
    } else if (next !== '"') {
      return { text, start, end: at + 1 };
    } else {
      warn('has a doubled quote, taken for a quote in the text');
      text += '"';
      at++;
    }
  }
  return fail('lacks its closing quote', { start, end: raw.length });
}

/** The words of the raw text from `from` on, up to `to`; a quoted word may hold blanks. */
export function readWords(input: Input, from = 0, to = input.raw.length): readonly Piece[] | ValueError {
  const { raw } = input;
  const words: Piece[] = [];
  for (let at = skipBlanks(raw, from); at < to; at = skipBlanks(raw, at)) {
    const word = raw[at] === '"' ? readQuoted(input, at) : plainWord(raw, at, to);
    if (failed(word)) return word;
    words.push(word);
    at = word.end;
    if (at < to && !isBlank(raw[at])) {
      return fail('stands right after a closing quote', { start: at, end: plainWord(raw, at, to).end });
    }
  }
  return words;
}

function plainWord(raw: string, start: number, to: number): Piece {
  let end = start;
  while (end < to && !isBlank(raw[end])) end++;
  return { text: raw.slice(start, end), start, end };
}

/** The first word, whatever stands behind it. */
export function readFirst(input: Input): Piece | ValueError {
  const { raw } = input;
  const start = skipBlanks(raw, 0);
  if (raw[start] !== '"') return plainWord(raw, start, raw.length);
  const word = readQuoted(input, start);
  if (failed(word) || word.end === raw.length || isBlank(raw[word.end])) return word;
  return fail('stands right after a closing quote', { start: word.end, end: plainWord(raw, word.end, raw.length).end });
}

/** Exactly `count` words from `from` on; `lacking` says what is wanted, as the end of a sentence. */
export function readExactly(input: Input, count: number, lacking: string, from = 0): readonly Piece[] | ValueError {
  const words = readWords(input, from);
  if (failed(words)) return words;
  const surplus = words[count];
  if (surplus !== undefined) return fail('is not expected here', { start: surplus.start, end: trimmed(input.raw).end });
  return words.length === count ? words : fail(lacking, trimmed(input.raw));
}

/** The only word. */
export function readWord(input: Input): Piece | ValueError {
  const words = readExactly(input, 1, 'has no value');
  if (failed(words)) return words;
  return words[0] ?? fail('has no value', trimmed(input.raw));
}

/**
 * The rest of the line from `from` on as one text: quoted, or as it stands, backslashes included (M5 3.3.1.33.1).
 * Text behind the closing quote means that the quotes belong to the text: `"Mail System" <mailer@example.com>`.
 */
export function readRest(input: Input, from = 0): Piece | ValueError {
  const rest = trimmed(input.raw, from);
  if (!rest.text.startsWith('"')) return rest;
  const quoted = readQuoted(input, rest.start);
  if (failed(quoted)) return quoted;
  if (quoted.end === rest.end) return quoted;
  input.warn('has text behind its closing quote, so the quotes were taken for a part of it');
  return rest;
}
