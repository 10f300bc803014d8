import type { SecretRange } from '../../diagnostics/secrets';
import type { Source } from '../../diagnostics/span';
import type { Setting } from '../../pmta/model';

/** Shorter words are words like others. */
const SHORTEST = 4;
const WORD = /[^\s"'`<>=,;|()[\]{}#]+/g;

/**
 * Where secrets stand in the input besides the lines that look like one: as values of directives that hold secrets, and
 * wherever else one of their words is, such as a comment. Offsets in the text, in order, for each file.
 */
export function secretStretches(
  sources: readonly Source[],
  settings: readonly Setting[],
): ReadonlyMap<Source, readonly SecretRange[]> {
  const found = secretsByFile(settings);
  const words = new Set<string>();
  for (const [{ text }, ranges] of found) {
    for (const { start, end } of ranges) for (const [word] of text.slice(start, end).matchAll(WORD)) words.add(word);
  }
  for (const source of words.size === 0 ? [] : sources) {
    const own = found.get(source) ?? [];
    found.set(source, own);
    for (const match of source.text.matchAll(WORD)) {
      const [word] = match;
      const bare = word.replace(/[.:!?]+$/, '');
      if (bare.length < SHORTEST || !(words.has(word) || words.has(bare))) continue;
      own.push({ start: match.index, end: match.index + word.length });
    }
    own.sort((a, b) => a.start - b.start);
  }
  return found;
}

/** By the kind of the directive, in case that nothing on the line tells them. */
function secretsByFile(settings: readonly Setting[]): Map<Source, SecretRange[]> {
  const found = new Map<Source, SecretRange[]>();
  for (const { value, row, valueSpan } of settings) {
    const { source, start, end } = valueSpan;
    const whole = value?.kind === 'secret' || row?.value === 'secret';
    const part = value?.kind === 'path-secret' || value?.kind === 'privacy-policy' ? value.secret : undefined;
    if (!whole && part === undefined) continue;
    const at = part === undefined ? -1 : source.text.slice(start, end).lastIndexOf(part);
    const range = at === -1 ? { start, end } : { start: start + at, end };
    const own = found.get(source) ?? [];
    if (own.length === 0) found.set(source, own);
    own.push(range);
  }
  return found;
}
