import { mostLike } from '../diagnostics/likeness';
import { excerpt } from './draft';

/** Beyond so many candidates no hint is looked for: each undefined name would be held against each of them. */
const MOST_CANDIDATES = 1_000;

/** `did you mean x? ` or nothing; the sigil stands before a name in the configuration (`$` for a macro). */
export function hintFor(name: string, defined: Iterable<string>, sigil = ''): string {
  const near = nearestName(name, defined);
  return near === undefined ? '' : `did you mean ${sigil}${excerpt(near)}? `;
}

/**
 * The defined name that a misspelt one most likely means, lower case. Names that differ in their numbers alone are no
 * misspellings of each other: `mta-7` is missing, and not meant to be `mta-1`.
 */
export function nearestName(name: string, defined: Iterable<string>): string | undefined {
  const candidates = [...defined];
  if (candidates.length > MOST_CANDIDATES) return undefined;
  const lettersOf = (text: string) => text.toLowerCase().replace(/\d+/g, '');
  const letters = lettersOf(name);
  return mostLike(
    name,
    candidates.filter((candidate) => lettersOf(candidate) !== letters),
    2,
  );
}
