import ipaddr from 'ipaddr.js';

/** Addresses from `first` to `last`, both inclusive, of one family. */
interface Range {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/** The addresses that a list of networks covers, however it is written; undefined when an entry is no network. */
export function rangesOf(list: readonly string[]): readonly Range[] | undefined {
  const ranges = list.map(rangeOf);
  const known = ranges.filter((range) => range !== undefined);
  return known.length === ranges.length ? joined(known) : undefined;
}

/** Whether every address of `inner` is in `outer`. */
export function covers(outer: readonly Range[], inner: readonly Range[]): boolean {
  return inner.every((range) => outer.some((other) => holds(other, range)));
}

function holds(outer: Range, inner: Range): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

function rangeOf(text: string): Range | undefined {
  try {
    const [address, bits] = text.includes('/') ? ipaddr.parseCIDR(text) : [ipaddr.parse(text), undefined];
    const bytes = address.toByteArray();
    const length = bytes.length * 8;
    const free = BigInt(length - (bits ?? length));
    const value = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
    const first = (value >> free) << free;
    return { family: length === 32 ? 4 : 6, first, last: first + (1n << free) - 1n };
  } catch {
    return undefined;
  }
}

function joined(ranges: readonly Range[]): readonly Range[] {
  const sorted = [...ranges].sort((a, b) => a.family - b.family || (a.first < b.first ? -1 : 1));
  const result: Range[] = [];
  for (const range of sorted) {
    const last = result.at(-1);
    if (last === undefined || last.family !== range.family || range.first > last.last + 1n) result.push(range);
    else if (range.last > last.last) result[result.length - 1] = { ...last, last: range.last };
  }
  return result;
}
