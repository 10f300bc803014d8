import type { ValueError } from './value';
import { endOfRegex } from './value-regex';
import {
  fail,
  failed,
  type Input,
  isBlank,
  type Piece,
  type Reader,
  readQuoted,
  readWords,
  skipBlanks,
  trimmed,
} from './value-text';

export interface Item extends Piece {
  /** The separator before it; '' for the first, ' ' for one that only blanks separate from the one before. */
  readonly after: string;
}

export interface ItemRules {
  readonly separators: string;
  /** Items such as `/a,b/` may hold separators. */
  readonly regexes?: boolean;
}

/**
 * Cuts the text from `from` on at its separators. Items are the raw text between them, without the blanks around;
 * an item is empty where nothing stands between two separators.
 */
export function cutItems(input: Input, rules: ItemRules, from = 0): readonly Item[] | ValueError {
  const { raw } = input;
  const items: Item[] = [];
  let after = '';
  for (let at = from; at <= raw.length; at++) {
    const end = endOfItem(input, rules, skipBlanks(raw, at));
    if (typeof end !== 'number') return end;
    items.push({ ...pieceOf(raw, at, end), after });
    after = raw[end] ?? '';
    at = end;
  }
  return items;
}

/** For lists that cannot do without one of their items; nothing in the text is wrong by itself. */
export function emptyItem({ raw }: Input): ValueError {
  return fail('has an empty item in its list', trimmed(raw));
}

function pieceOf(raw: string, from: number, to: number): Piece {
  const start = Math.min(skipBlanks(raw, from), to);
  let end = to;
  while (end > start && isBlank(raw[end - 1])) end--;
  return { text: raw.slice(start, end), start, end };
}

/** Index of the separator that ends the item, or of the end of the text. */
function endOfItem(input: Input, { separators, regexes }: ItemRules, from: number): number | ValueError {
  const { raw } = input;
  let at = from;
  let wordStart = true;
  while (at < raw.length && !separators.includes(raw[at] ?? '')) {
    if (wordStart && raw[at] === '"') {
      const quoted = readQuoted(input, at);
      if (failed(quoted)) return quoted;
      at = quoted.end;
    } else {
      const end = wordStart && regexes === true && raw[at] === '/' ? endOfRegex(raw, at) : undefined;
      at = end ?? at + 1;
    }
    wordStart = isBlank(raw[at - 1]);
  }
  return at;
}

/**
 * The items of a comma list from `from` on, quotes resolved. Blanks in the place of commas and empty items are accepted
 * with a warning: both are seen in the field.
 */
export function readItems(input: Input, from = 0, regexes = false): readonly Item[] | ValueError {
  const cut = cutItems(input, { separators: ',', regexes }, from);
  if (failed(cut)) return cut;
  const items: Item[] = [];
  for (const item of cut) {
    const isRegex = regexes && item.text.startsWith('/');
    const words = isRegex ? [item] : readWords(input, item.start, item.end);
    if (failed(words)) return words;
    if (words.length === 0 && cut.length > 1) input.warn('has an empty item in its list');
    if (words.length > 1) input.warn('has blanks in the place of commas');
    for (const [index, word] of words.entries()) items.push({ ...word, after: index === 0 ? item.after : ' ' });
  }
  return items;
}

/** Lets the value stand in quotes as a whole: `backoff-notify "a@x,b@x"` is the same list as without them. */
export function quotable(reader: Reader): Reader {
  return (input) => {
    const whole = trimmed(input.raw);
    if (!whole.text.startsWith('"')) return reader(input);
    const quoted = readQuoted(input, whole.start);
    if (failed(quoted)) return quoted;
    if (quoted.end !== whole.end) return reader(input);
    const value = reader({ ...input, raw: quoted.text });
    // Positions in the resolved text do not fit the raw one.
    return value.kind === 'error' ? fail(value.reason, whole) : value;
  };
}
