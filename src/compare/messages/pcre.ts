import { compileRegex, matchBounded } from '../../kumo/runtime/regex';
import type { Fits } from '../../pmta/reception/sample';

/**
 * Whether a PCRE of PowerMTA fits: in any case, unless the pattern says `(?-i)` (M5 3.2). A pattern that JavaScript does
 * not have is not tried; one that backtracks without end fits nothing.
 */
export const fitsPcre: Fits = (pattern, text) => {
  const [, exact] = /^\(\?-i\)([\s\S]*)$/.exec(pattern) ?? [];
  const compiled = compileRegex(exact ?? `(?i)${pattern}`);
  return 'regex' in compiled ? matchBounded(compiled.regex, text) !== null : undefined;
};
