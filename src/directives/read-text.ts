import type { PrivacyMethod, Value, ValueError } from './value';
import {
  fail,
  failed,
  type Input,
  type Piece,
  type Reader,
  readExactly,
  readFirst,
  readRest,
  readWord,
  readWords,
  trimmed,
} from './value-text';

/** Free text to the end of the line. */
export const readText: Reader = (input) => {
  const rest = readRest(input);
  return failed(rest) ? rest : { kind: 'text', value: rest.text };
};

export const readSecret: Reader = (input) => {
  const rest = readRest(input);
  return failed(rest) ? rest : { kind: 'secret', value: rest.text };
};

/** One word; one with blanks stands in quotes. */
export const readName: Reader = (input) => {
  const word = readWord(input);
  return failed(word) ? word : { kind: 'text', value: word.text };
};

export const readPath: Reader = (input) => {
  const words = readWords(input);
  if (failed(words)) return words;
  const [path, surplus] = words;
  if (path === undefined) return fail('has no value', trimmed(input.raw));
  return surplus === undefined
    ? { kind: 'text', value: path.text }
    : fail('is not expected here (a path with blanks stands in double quotes)', surplus);
};

/** One of the row's words; comes back in lower case. */
export const readEnum: Reader = (input) => {
  const word = readWord(input);
  if (failed(word)) return word;
  const folded = word.text.toLowerCase();
  if (!input.words.includes(folded)) return fail(`is not ${inWords(input.words)}`, word);
  if (folded !== word.text) input.warn('is not written in lower case');
  return { kind: 'text', value: folded };
};

function inWords(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`;
}

/** `PICKUP-DIR BAD-DIR` (M5 3.3.1.34.1). */
export const readPathPair: Reader = (input) => {
  const words = readExactly(input, 2, 'is not two directories');
  if (failed(words)) return words;
  const [first, second] = words;
  if (first === undefined || second === undefined) return fail('is not two directories', trimmed(input.raw));
  return { kind: 'path-pair', first: first.text, second: second.text };
};

/** A file and, if its key has one, the pass phrase, which runs to the end of the line (M5 3.3.1.9). */
export const readPathSecret: Reader = (input) => {
  const parts = wordAndRest(input);
  if (failed(parts)) return parts;
  const { word, rest } = parts;
  return { kind: 'path-secret', path: word.text, ...(rest.text === '' ? {} : { secret: rest.text }) };
};

const METHODS: readonly PrivacyMethod[] = [
  'retain',
  'redact',
  'siphash',
  'siphash-hexkey',
  'hmac-sha256',
  'hmac-sha256-hexkey',
];

/** `METHOD ["KEY-OR-TEXT"]` (M5 3.3.11.16); errors point at the method only, because the rest may be a key. */
export const readPrivacyPolicy: Reader = (input) => {
  const parts = wordAndRest(input);
  if (failed(parts)) return parts;
  const { word, rest } = parts;
  const method = METHODS.find((known) => known === word.text.toLowerCase());
  if (method === undefined) return fail(`is not ${inWords(METHODS)}`, word);
  if (rest.text === '' && method !== 'retain' && method !== 'redact') return fail('has no key behind it', word);
  return { kind: 'privacy-policy', method, ...(rest.text === '' ? {} : { secret: rest.text }) };
};

interface WordAndRest {
  readonly word: Piece;
  readonly rest: Piece;
}

function wordAndRest(input: Input): WordAndRest | ValueError {
  const word = readFirst(input);
  if (failed(word)) return word;
  const rest = readRest(input, word.end);
  return failed(rest) ? rest : { word, rest };
}

/** Nothing of SparkPost Signals is converted, so that its settings are only kept. */
export const readSignals: Reader = (input) => ({ kind: 'text', value: trimmed(input.raw).text });

export const readTag: Reader = (input): Value => {
  const whole = trimmed(input.raw);
  const rest = readRest({ ...input, warn: () => undefined });
  return { kind: 'tag', argument: failed(rest) ? whole.text : rest.text };
};
