/** A line that stands once in each of three texts: its index (zero-based) in each. */
export interface Anchor {
  readonly base: number;
  readonly yours: number;
  readonly generated: number;
}

/**
 * Lines that stand exactly once in each text and come in the same order in all three: what is between two of them can
 * be merged for itself. Without them, the lines that repeat in every block of a long file are matched across blocks,
 * and it takes time that grows with the square of the length.
 */
export function anchorsOf(
  base: readonly string[],
  yours: readonly string[],
  generated: readonly string[],
): readonly Anchor[] {
  const [inYours, inGenerated] = [uniqueLines(yours), uniqueLines(generated)];
  const shared = [...uniqueLines(base)].flatMap(([line, at]) => {
    const [a, b] = [inYours.get(line), inGenerated.get(line)];
    return a === undefined || b === undefined ? [] : [{ base: at, yours: a, generated: b }];
  });
  const inOrder = longestRising(shared, ({ yours: at }) => at);
  return longestRising(inOrder, ({ generated: at }) => at);
}

/** Line → index, of lines that stand there once, in their order. */
function uniqueLines(lines: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const repeated = new Set<string>();
  lines.forEach((line, index) => {
    if (found.has(line)) repeated.add(line);
    found.set(line, index);
  });
  for (const line of repeated) found.delete(line);
  return found;
}

/** The longest subsequence in which `of` rises (patience sorting). */
function longestRising<T>(items: readonly T[], of: (item: T) => number): readonly T[] {
  interface Link {
    readonly item: T;
    readonly before: Link | undefined;
  }
  const piles: Link[] = [];
  for (const item of items) {
    let [low, high] = [0, piles.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const top = piles[middle];
      if (top !== undefined && of(top.item) < of(item)) low = middle + 1;
      else high = middle;
    }
    piles[low] = { item, before: piles[low - 1] };
  }
  const found: T[] = [];
  for (let link = piles.at(-1); link !== undefined; link = link.before) found.push(link.item);
  return found.reverse();
}
