import type { Value, ValueError } from './value';
import { fail, failed, type Input, type Piece, type Reader, readWord } from './value-text';

const YES_NO: Readonly<Record<string, boolean>> = { yes: true, true: true, no: false, false: false };
const NOT_YES_NO = ['on', 'off', '1', '0'];

/** `yes no true false` (M5 3.2); other case is accepted. */
export const readBool: Reader = (input) => {
  const word = readWord(input);
  if (failed(word)) return word;
  return boolOf(input, word) ?? fail(boolReason(word.text), word);
};

function boolOf(input: Input, { text }: Piece): Value | undefined {
  const folded = text.toLowerCase();
  if (!Object.hasOwn(YES_NO, folded)) return undefined;
  warnOfCase(input, text, folded);
  return { kind: 'bool', value: YES_NO[folded] === true };
}

function boolReason(text: string): string {
  const known = NOT_YES_NO.includes(text.toLowerCase());
  return known ? 'is not yes or no (PowerMTA knows yes, no, true and false only)' : 'is not yes or no';
}

function warnOfCase(input: Input, written: string, folded: string): void {
  if (written !== folded) input.warn('is not written in lower case');
}

/** Yes, no, an interval or `never` (M5 3.3.10.60). */
export const readBoolOrInterval: Reader = (input) => {
  const word = readWord(input);
  if (failed(word)) return word;
  const bool = boolOf(input, word);
  if (bool !== undefined) return bool;
  const value = isNever(input, word) ? 'never' : intervalOf(input, word);
  return value === undefined
    ? fail('is not yes, no, never or an interval such as 4h', word)
    : { kind: 'interval', value };
};

/** A whole number without sign; one of the row's own words is given back as text. */
export const readInt: Reader = (input) => {
  const word = readWord(input);
  if (failed(word)) return word;
  const folded = word.text.toLowerCase();
  if (input.words.includes(folded)) return { kind: 'text', value: folded };
  return intValue(word);
};

export const readIntOrUnlimited: Reader = (input) => {
  const word = readWord(input);
  if (failed(word)) return word;
  return isUnlimited(input, word) ? { kind: 'int', value: 'unlimited' } : intValue(word);
};

/** A TCP port; 0 stands for none. */
export const readPort: Reader = (input) => {
  const word = readWord(input);
  if (failed(word)) return word;
  const read = intValue(word);
  return read.kind === 'int' && read.value !== 'unlimited' && read.value > 65_535
    ? fail('is no port: they end at 65535', word)
    : read;
};

export function intValue(word: Piece): Extract<Value, { kind: 'int' }> | ValueError {
  if (!/^\d+$/.test(word.text)) return fail('is not a whole number', word);
  const value = Number(word.text);
  return Number.isSafeInteger(value) ? { kind: 'int', value } : fail('is too large a number', word);
}

export function isUnlimited(input: Input, { text }: Piece): boolean {
  if (text.toLowerCase() !== 'unlimited') return false;
  warnOfCase(input, text, 'unlimited');
  return true;
}

function isNever(input: Input, { text }: Piece): boolean {
  if (text.toLowerCase() !== 'never') return false;
  warnOfCase(input, text, 'never');
  return true;
}

const SECONDS: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3_600, m: 60, s: 1 };

/**
 * Seconds of `1w2d12h` (M5 3.2). PowerMTA itself prints bare seconds (`retry-recipients-after 600`), so they are
 * accepted; a plain 0 is how it prints several defaults.
 */
export function intervalOf(input: Input, { text }: Piece): number | undefined {
  const folded = text.toLowerCase();
  if (/^\d+$/.test(text)) {
    if (Number(text) > 0) input.warn('has a bare number, read as seconds');
    return safe(Number(text));
  }
  if (!/^(?:\d+[wdhms])+$/.test(folded)) return undefined;
  warnOfCase(input, text, folded);
  const parts = folded.match(/\d+[wdhms]/g) ?? [];
  return safe(parts.reduce((sum, part) => sum + Number(part.slice(0, -1)) * (SECONDS[part.slice(-1)] ?? 0), 0));
}

function safe(value: number): number | undefined {
  return Number.isSafeInteger(value) ? value : undefined;
}

export const NO_INTERVAL = 'is not an interval such as 4d12h';

export const readInterval: Reader = (input) => {
  const word = readWord(input);
  if (failed(word)) return word;
  const value = intervalOf(input, word);
  return value === undefined ? fail(NO_INTERVAL, word) : { kind: 'interval', value };
};

export const readIntervalOrNever: Reader = (input) => {
  const word = readWord(input);
  if (failed(word)) return word;
  const value = isNever(input, word) ? 'never' : intervalOf(input, word);
  return value === undefined ? fail(`${NO_INTERVAL}, or never`, word) : { kind: 'interval', value };
};
