import { intervalOf, intValue, isUnlimited, NO_INTERVAL } from './read-numbers';
import type { Rate, Value, ValueError } from './value';
import { cutItems, emptyItem, quotable } from './value-items';
import { fail, failed, type Input, type Piece, type Reader, readWord } from './value-text';

/** Longest interval list that PowerMTA takes (M5 10.15). */
const MOST_INTERVALS = 30;

export const readIntervals: Reader = quotable((input) => {
  const items = tightItems(input);
  if (failed(items)) return items;
  const surplus = items[MOST_INTERVALS];
  if (surplus !== undefined)
    return fail(`is item ${MOST_INTERVALS + 1} of a list of at most ${MOST_INTERVALS}`, surplus);
  const values: number[] = [];
  for (const item of items) {
    const value = intervalOf(input, item);
    if (value === undefined) return fail(NO_INTERVAL, item);
    values.push(value);
  }
  return { kind: 'intervals', values };
});

/** Items of a list that is documented without blanks and without gaps (M5 3.3.10.39). */
function tightItems(input: Input): readonly Piece[] | ValueError {
  const items = cutItems(input, { separators: ',' });
  if (failed(items)) return items;
  const empty = items.find(({ text }) => text === '');
  if (empty !== undefined) return emptyItem(input);
  const loose = items.some((item, index) => index > 0 && item.start !== (items[index - 1]?.end ?? 0) + 1);
  if (loose) input.warn('has blanks beside its commas');
  return items;
}

/** `50/day,100/d`: one limit a day, `0/d` included (M5 3.3.10.48). */
export const readDailyRates: Reader = quotable((input) => {
  const items = tightItems(input);
  if (failed(items)) return items;
  const values: number[] = [];
  for (const item of items) {
    const count = Number(/^(\d+)\/d(?:ay)?$/i.exec(item.text)?.[1] ?? Number.NaN);
    if (!Number.isSafeInteger(count)) return fail('is not a daily limit such as 50/d', item);
    values.push(count);
  }
  return { kind: 'daily-rates', values };
});

const UNITS: Readonly<Record<string, Rate['unit']>> = {
  d: 'd',
  day: 'd',
  h: 'h',
  hr: 'h',
  m: 'm',
  min: 'm',
  s: 's',
  sec: 's',
};

const SIZES: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

interface ReadRate {
  readonly rate: Rate | 'unlimited';
}

const NO_RATE = 'is not a rate such as 500/h';
const NO_DATA_RATE = 'is not a data rate such as 20M/h';

/**
 * `N/[M]unit`, `unlimited`, or a lone 0, which means the same (M5 3.3.10.33, 3.3.7.7). With `bytes` the count may have
 * a size letter (M5 3.3.10.37).
 */
export function rateOf(input: Input, word: Piece, bytes: boolean): ReadRate | ValueError {
  if (isUnlimited(input, word) || word.text === '0') return { rate: 'unlimited' };
  const reason = bytes ? NO_DATA_RATE : NO_RATE;
  const match = /^(\d+)([bkmgt]?)\/(\d*)([a-z]+)$/i.exec(word.text);
  const [, digits = '', size = '', multiple = '', unit = ''] = match ?? [];
  const period = Object.hasOwn(UNITS, unit.toLowerCase()) ? UNITS[unit.toLowerCase()] : undefined;
  if (/^\d+$/.test(word.text)) return fail(`${reason} (it has no period)`, word);
  if (match === null || period === undefined || (size !== '' && !bytes)) return fail(reason, word);
  const rate = { count: bytesOf(digits, size), multiple: multiple === '' ? 1 : Number(multiple), unit: period };
  if (rate.count === 0) return fail(`${reason} (for no limit write 0 alone, or unlimited)`, word);
  if (rate.multiple === 0) return fail(`${reason} (its period is 0)`, word);
  if (!Number.isSafeInteger(rate.count) || !Number.isSafeInteger(rate.multiple))
    return fail('is too large a number', word);
  if (unit !== unit.toLowerCase()) input.warn('does not have its period in lower case');
  return { rate };
}

function bytesOf(digits: string, size: string): number {
  return Number(digits) * (SIZES[size.toLowerCase()] ?? 1);
}

export const readRate: Reader = (input) => {
  const word = readWord(input);
  if (failed(word)) return word;
  const read = rateOf(input, word, false);
  return failed(read) ? read : { kind: 'rate', rate: read.rate };
};

export const readDataRate: Reader = (input) => {
  const word = readWord(input);
  if (failed(word)) return word;
  const read = rateOf(input, word, true);
  return failed(read) ? read : { kind: 'data-rate', rate: read.rate };
};

/**
 * Bytes of `20M`, multiples of 1024 (M5 3.3.7.34, 3.3.11.4). Bare bytes are deprecated and accepted; what 0 means
 * (nothing, or no limit) depends on the directive.
 */
export const readSize: Reader = (input) => {
  const word = readWord(input);
  if (failed(word)) return word;
  if (isUnlimited(input, word)) return { kind: 'size', value: 'unlimited' };
  const [, digits, letter = ''] = /^(\d+)([bkmgt]?)$/i.exec(word.text) ?? [];
  if (digits === undefined) return fail('is not a size such as 20M', word);
  const value = bytesOf(digits, letter);
  if (!Number.isSafeInteger(value)) return fail('is too large a number', word);
  if (letter === '' && value > 0) input.warn('has a bare number, read as bytes');
  return { kind: 'size', value };
};

/** A number behind a network, as in `source-ip-max-smtp-out 10/8 20`. */
export function limitOf(input: Input, word: Piece): Extract<Value, { kind: 'int' }> | ValueError {
  return isUnlimited(input, word) ? { kind: 'int', value: 'unlimited' } : intValue(word);
}
