/** Longer names are no misspellings of a word; comparing them would only take time. */
const LONGEST = 60;

/** More edits than these make another word of it, however long it is. */
const MOST_EDITS = 4;

/**
 * The candidate that a misspelt name most likely means, in its own spelling; undefined when none is near. Near is at
 * most two edits away (one for short names, none for the shortest), or a third of its length but not more than `most`.
 * Upper and lower case are the same; the first one wins among equals.
 */
export function mostLike(name: string, candidates: Iterable<string>, most = MOST_EDITS): string | undefined {
  if (name.length > LONGEST) return undefined;
  const wanted = name.toLowerCase();
  let limit = name.length < 3 ? 0 : name.length <= 4 ? 1 : Math.min(most, Math.max(2, Math.floor(name.length / 3)));
  let best: string | undefined;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > limit) continue;
    const edits = editsBetween(wanted, candidate.toLowerCase(), limit);
    if (edits > limit) continue;
    best = candidate;
    limit = edits - 1;
    if (limit < 0) break;
  }
  return best;
}

/** The end of a message about an unknown name: `; did you mean x?`, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const near = mostLike(name, candidates);
  return near === undefined ? '' : `; did you mean ${near}?`;
}

/**
 * Insertions, deletions, replacements and swaps of neighbours that turn one text into the other (Damerau-Levenshtein,
 * no text edited twice). Gives up, with a number above the limit, as soon as it cannot be kept.
 */
export function editsBetween(a: string, b: string, limit: number): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? limit) + 1 : replaced;
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    if (Math.min(...next, ...row) > limit) return limit + 1;
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
