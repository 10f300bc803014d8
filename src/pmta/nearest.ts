import { mostLike } from '../directives/likeness';

/** Beyond so many candidates no hint is looked for: each undefined name would be held against each of them. */
const MOST_CANDIDATES = 1_000;

/**
 * The defined name that a misspelt one most likely means, lower case. Names that differ in their numbers alone are no
 * misspellings of each other: `mta-7` is missing, and not meant to be `mta-1`.
 */
export function nearest(name: string, defined: Iterable<string>): string | undefined {
  const candidates = [...defined];
  if (candidates.length > MOST_CANDIDATES) return undefined;
  const wanted = name.toLowerCase();
  const lettersOf = (text: string) => text.toLowerCase().replace(/\d+/g, '');
  const letters = lettersOf(wanted);
  return mostLike(
    wanted,
    candidates.filter((candidate) => lettersOf(candidate) !== letters),
    2,
  );
}
