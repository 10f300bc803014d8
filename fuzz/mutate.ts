import fc from 'fast-check';
import { VALUES } from '../test/support/hostile-values';

/** One change of a text. Places are fractions of its length, so that the same change fits any text. */
export interface Mutation {
  readonly kind: (typeof KINDS)[number];
  /** 0 to 1 */
  readonly at: number;
  /** UTF-16 code units, or lines, or repetitions. */
  readonly size: number;
  readonly token: string;
}

const KINDS = [
  'insert',
  'replace-word',
  'replace-number',
  'replace-value',
  'cut',
  'cut-line',
  'double-line',
  'move-line',
  'truncate',
  'wrap',
  'repeat',
  'case',
] as const;

const NUMBERS = ['0', '1', '-1', '00', '1e9', '65536', '4294967296', '9007199254740993', '99999999999999999999', '0.5'];

/** What the language is made of, where a change of one of them changes the meaning. */
const PIECES = [
  ...['"', '\\', '#', ' # c', '/', '<', '>', '<>', '</domain>', '</virtual-mta>', '<domain *>', '<domain $m>', '\n'],
  ...['\r\n', '\r', '\t', '\f', '\0', '\ufeff', ',', '=', '/x/', '*', '[*.]', '$', '{', '}', ':', '::', '/24', '@'],
  ...['include config\n', 'include *\n', 'include b.conf\n', 'domain-macro m a.example\n', 'queue-to a/b', '{default}'],
  ...['unlimited', 'never', 'yes', 'no', '10/h', '5m,10m', '192.0.2.1', '::1', '0/0', 'DEFAULT', 'by-smtp-source-ip'],
];

/** Any characters, lone surrogates too; fast-check's own strings take a second to set up. */
export function noise(maxLength: number): fc.Arbitrary<string> {
  const character = fc.oneof(fc.integer({ min: 0, max: 0xff }), fc.integer({ min: 0, max: 0x10_ffff }));
  return fc.array(character, { maxLength }).map((codes) => String.fromCodePoint(...codes));
}

const token = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...PIECES) },
  { weight: 2, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 2, arbitrary: fc.constantFrom(...VALUES.filter((value) => value.length < 100)) },
  { weight: 1, arbitrary: noise(6) },
);

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom(...KINDS),
  at: fc.integer({ min: 0, max: 0xff_ffff }).map((part) => part / 0x100_0000),
  size: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 0, max: 12 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 300 }) },
  ),
  token,
});

/** The text after the changes, in order. */
export function mutated(text: string, mutations: readonly Mutation[]): string {
  return mutations.reduce(apply, text);
}

function apply(text: string, { kind, at, size, token: piece }: Mutation): string {
  const place = Math.floor(at * (text.length + 1));
  switch (kind) {
    case 'insert':
      return text.slice(0, place) + piece + text.slice(place);
    case 'cut':
      return text.slice(0, place) + text.slice(place + size);
    case 'truncate':
      return text.slice(0, Math.max(place, text.length >> 1));
    case 'replace-word':
      return replaced(text, /[^\s<>,"/=:]+/g, at, () => piece);
    case 'replace-number':
      return replaced(text, /\d+/g, at, () => (/^[\d.e-]+$/.test(piece) ? piece : String(size)));
    case 'replace-value':
      return replaced(text, /(?<=^[ \t]*[\w-]+[ \t]+)\S.*$/gm, at, () => piece);
    case 'case':
      return replaced(text, /[a-z]+/g, at, (word) => word.toUpperCase());
    case 'wrap':
      return `<${piece} x>\n`.repeat(size) + text;
    case 'repeat':
      return text.slice(0, place) + piece.repeat(size * 4) + text.slice(place);
    case 'cut-line':
    case 'double-line':
    case 'move-line':
      return withLines(text, kind, at, size);
  }
}

/** Replaces one of the matches. */
function replaced(text: string, pattern: RegExp, at: number, by: (found: string) => string): string {
  const found = [...text.matchAll(pattern)];
  const one = found[Math.floor(at * found.length)];
  if (one === undefined) return text;
  return text.slice(0, one.index) + by(one[0]) + text.slice(one.index + one[0].length);
}

function withLines(text: string, kind: 'cut-line' | 'double-line' | 'move-line', at: number, size: number): string {
  const lines = text.split('\n');
  const index = Math.floor(at * lines.length);
  const line = lines[index] ?? '';
  if (kind === 'double-line') lines.splice(index, 0, ...Array.from({ length: 1 + (size % 3) }, () => line));
  else lines.splice(index, 1);
  if (kind === 'move-line') lines.splice(size % (lines.length + 1), 0, line);
  return lines.join('\n');
}
