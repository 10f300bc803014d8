import type { Regex, ValueError } from './value';
import { fail, isBlank, skipBlanks, trimmed } from './value-text';

/** Index behind the closing slash of the regex that begins at `start`, if it has one. */
export function endOfRegex(raw: string, start: number): number | undefined {
  for (let at = start + 1; at < raw.length; at++) {
    if (raw[at] === '\\') at++;
    else if (raw[at] === '/') return at + 1;
  }
  return undefined;
}

export interface ReadRegex {
  readonly regex: Regex;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads `/…/`, first thing behind `from`. Only `\/` is resolved; everything else is PCRE's business (M5 3.2). No flags
 * are documented, so nothing may stand right behind the closing slash.
 */
export function readRegex(raw: string, from = 0): ReadRegex | ValueError {
  const start = skipBlanks(raw, from);
  if (raw[start] !== '/') return fail('is not a pattern between slashes, such as /user unknown/', wordAt(raw, start));
  const end = endOfRegex(raw, start);
  if (end === undefined) {
    const whole = { start, end: trimmed(raw, start).end };
    return fail('has no closing slash (a # begins a comment even in a pattern: write \\x23)', whole);
  }
  if (end < raw.length && !isBlank(raw[end])) {
    return fail('stands right after the closing slash (a slash in a pattern is written \\/)', wordAt(raw, end));
  }
  return { regex: { pattern: withoutEscapedSlashes(raw.slice(start + 1, end - 1)) }, start, end };
}

function withoutEscapedSlashes(body: string): string {
  return body.replace(/\\([\s\S])/g, (pair, char: string) => (char === '/' ? '/' : pair));
}

/** The blank-separated word at `start`. */
function wordAt(raw: string, start: number): { readonly start: number; readonly end: number } {
  let end = start;
  while (end < raw.length && !isBlank(raw[end])) end++;
  return { start, end };
}
