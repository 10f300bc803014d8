import { createContext, runInContext } from 'node:vm';

/** A Rust regular expression as this runtime can try it. */
export type CompiledRegex =
  | { readonly regex: RegExp }
  /** `invalid`: KumoMTA refuses it too. `foreign`: fine in Rust, but there is no JavaScript for it. */
  | { readonly fault: 'invalid' | 'foreign'; readonly reason: string };

const posixClasses: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  blank: '\\t ',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  lower: 'a-z',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\s',
  upper: 'A-Z',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
};

const cache = new Map<string, CompiledRegex>();

/**
 * Translates a fancy-regex or regex crate pattern to JavaScript: leading flags, named groups, anchors `\A \z`, POSIX
 * classes. Flags further in the pattern, atomic groups and possessive repeats are `foreign`.
 */
export function compileRegex(pattern: string): CompiledRegex {
  const known = cache.get(pattern);
  if (known !== undefined) return known;
  const compiled = translate(pattern);
  if (cache.size > 5000) cache.clear();
  cache.set(pattern, compiled);
  return compiled;
}

function translate(pattern: string): CompiledRegex {
  const flags = /^(?:\(\?([a-zA-Z]+)\))?/.exec(pattern);
  const letters = flags?.[1] ?? '';
  const unknown = /[^imsuU]/.exec(letters)?.[0];
  if (unknown === 'x' || letters.includes('U'))
    return { fault: 'foreign', reason: `the flag ${unknown ?? 'U'} is not modelled` };
  if (unknown !== undefined) return { fault: 'invalid', reason: `there is no flag ${unknown}` };
  const body = pattern.slice(flags?.[0].length ?? 0);
  if (/(^|[^\\])\(\?(?:[a-zA-Z]*-?[a-zA-Z]+[:)]|>)|[*+?}]\+/.test(body.replace(/\\./g, '  '))) {
    return { fault: 'foreign', reason: 'flags inside the pattern and possessive groups are not modelled' };
  }
  const source = body
    .replace(/\(\?P</g, '(?<')
    .replace(/\[:([a-z]+):\]/g, (all, name: string) =>
      Object.hasOwn(posixClasses, name) ? (posixClasses[name] ?? all) : all,
    )
    .replace(/\\([\s\S])/g, (all, letter: string) =>
      letter === 'A' ? '^' : letter === 'z' || letter === 'Z' ? '$' : all,
    );
  return construct(source, letters);
}

function construct(source: string, letters: string): CompiledRegex {
  const flags = [...new Set(letters.replace(/u/g, ''))].join('');
  try {
    return { regex: new RegExp(source, flags) };
  } catch (error) {
    return {
      fault: 'invalid',
      reason: error instanceof Error ? error.message.replace(/^.*: /, '') : 'it does not compile',
    };
  }
}

/** Texts are cut here: no reply or header that matters is longer. */
const longestText = 10_000;
/** milliseconds */
const longestTry = 100;

/** Of many matches in one call of the policy. */
const longestTries = 1000;

/** Says when the matches of one call have taken long enough together. */
export function createPatience(): () => boolean {
  const end = performance.now() + longestTries;
  return () => performance.now() < end;
}

const sandbox = createContext({ run: (): unknown => undefined });

/**
 * Runs one match with a bound: a pattern that backtracks without end counts as no match, as it does in KumoMTA, where
 * fancy-regex gives up too.
 */
export function matchBounded(regex: RegExp, text: string): RegExpExecArray | null {
  const subject = text.slice(0, longestText);
  if (cannotExplode(regex)) return regex.exec(subject);
  let result: RegExpExecArray | null = null;
  // V8 interrupts a regular expression only inside a script that has a time limit.
  sandbox['run'] = () => {
    result = regex.exec(subject);
  };
  try {
    runInContext('run()', sandbox, { timeout: longestTry });
  } catch {
    return null;
  }
  return result;
}

/**
 * With one repeat the work grows with the square of the text at most, and without any, one choice is tried once at each
 * place; that needs no time limit. Several multiply: also `a?a?a?…aaa` and `(a|a)(a|a)…b` try everything.
 */
function cannotExplode({ source }: RegExp): boolean {
  const repeats = source.match(/[*+{]|(?<!\()\?/g)?.length ?? 0;
  const groups = source.match(/\(/g)?.length ?? 0;
  return source.includes('|') ? repeats === 0 && groups <= 1 : repeats <= 1;
}
