import { compileRegex, matchBounded } from '../kumo/runtime/regex';

/** A pattern for KumoMTA's regex engine, or why there is none. */
export type Translated = { readonly regex: string } | { readonly reason: string };

/** POSIX names that Rust's regex knows too. */
const POSIX_CLASS = /^\[:\^?[a-z]+:\]/;

/** Escapes of PCRE that mean something else in Rust's regex, or nothing: what stands for them. */
const ESCAPES: Readonly<Record<string, string>> = {
  '<': '<',
  '>': '>',
  R: '(?:\\r\\n|\\n|\\r)',
  Z: '$',
  e: '\\x1b',
  h: '[ \\t]',
  H: '[^ \\t]',
};

const UNSUPPORTED_ESCAPES = /^[CEGNQXgpP]/;

/**
 * PowerMTA's patterns are PCRE and match without regard to case (M5 3.3.15); KumoMTA uses Rust's fancy-regex, where an
 * unescaped brace, a bracket inside a class and some escapes mean something else. The pattern gets `(?i)`; its own
 * `(?-i)` still works behind it.
 */
export function translateRegex(pattern: string): Translated {
  // Both flags in a row say the same as none.
  const exactCase = pattern.startsWith('(?-i)');
  const flat = (exactCase ? pattern.slice('(?-i)'.length) : pattern).replace(/[\r\n]+/g, '');
  const out: string[] = [];
  for (let i = 0; i < flat.length; ) {
    const step = stepAt(flat, i, out.length === 0 ? '' : (out.at(-1) ?? ''));
    if ('reason' in step) return step;
    out.push(step.text);
    i = step.next;
  }
  const regex = `${exactCase ? '' : '(?i)'}${out.join('')}`;
  const fault = faultOf(out.join(''));
  return fault === undefined ? { regex } : { reason: fault };
}

type Step = { readonly text: string; readonly next: number } | { readonly reason: string };

function stepAt(pattern: string, at: number, before: string): Step {
  const char = pattern[at] ?? '';
  if (char === '\\') return escapeAt(pattern, at);
  if (char === '[') return classAt(pattern, at);
  if (char === '{') {
    const quantifier = /^\{\d+(?:,\d*)?\}/.exec(pattern.slice(at))?.[0];
    if (quantifier === undefined || before === '' || before === '(' || before === '|')
      return { text: '\\{', next: at + 1 };
    return { text: quantifier, next: at + quantifier.length };
  }
  if (char === '}') return { text: '\\}', next: at + 1 };
  const group = /^\(\?(?:R|\d|&|P[=>]|C|\|)/.exec(pattern.slice(at));
  if (group !== null) return { reason: `uses ${group[0]}…), which KumoMTA's regex engine does not know` };
  return { text: char, next: at + 1 };
}

function escapeAt(pattern: string, at: number): Step {
  const next = pattern[at + 1];
  if (next === undefined) return { reason: 'ends in a backslash' };
  const replaced = ESCAPES[next];
  if (replaced !== undefined) return { text: replaced, next: at + 2 };
  if (UNSUPPORTED_ESCAPES.test(next)) return { reason: `uses \\${next}, which KumoMTA's regex engine does not know` };
  // PCRE takes an escaped letter without a meaning for the letter itself; Rust refuses it.
  if (/[A-Za-z_]/.test(next) && !/[AbBdDfnrsStvwWxzkK]/.test(next)) return { text: next, next: at + 2 };
  if (/[^\x21-\x7e]/.test(next)) return { text: next, next: at + 2 };
  return { text: `\\${next}`, next: at + 2 };
}

/** A bracket expression; Rust would read `[`, `&&`, `--` and `~~` in it as set operations. */
function classAt(pattern: string, at: number): Step {
  let text = '[';
  let i = at + 1;
  if (pattern[i] === '^') {
    text += '^';
    i++;
  }
  for (let first = true; i < pattern.length; first = false) {
    const char = pattern[i] ?? '';
    if (char === ']' && !first) return { text: `${text}]`, next: i + 1 };
    const posix = POSIX_CLASS.exec(pattern.slice(i))?.[0];
    if (posix !== undefined) {
      text += posix;
      i += posix.length;
    } else if (char === '\\') {
      const step = escapeAt(pattern, i);
      if ('reason' in step) return step;
      text += step.text.startsWith('[') || step.text.startsWith('(') ? ' \\t' : step.text;
      i = step.next;
    } else {
      text += /[[\]&~]/.test(char) || (char === '-' && pattern[i + 1] === '-') ? `\\${char}` : char;
      i++;
    }
  }
  return { reason: 'has a [ that is never closed' };
}

/** Compiles (never runs) the pattern to find unbalanced groups and misplaced quantifiers. */
function faultOf(pattern: string): string | undefined {
  const plain = pattern
    .replace(/\(\?[imsx-]+\)/g, '')
    .replace(/\(\?[imsx-]+:/g, '(?:')
    .replace(/\(\?>/g, '(?:')
    .replace(/\(\?P</g, '(?<')
    .replace(/([*+?}])\+/g, '$1')
    .replace(/\[:\^?[a-z]+:\]/g, 'a');
  try {
    new RegExp(plain);
    return undefined;
  } catch (error) {
    const text = error instanceof Error ? error.message : '';
    return `is not a valid regular expression (${text.replace(/^.*\/: /, '').toLowerCase()})`;
  }
}

/**
 * A bounce rule whose pattern fits its own text never ends: the records of the bounces it causes quote the rule, and are
 * matched again. Breaking its literals keeps the meaning (`bloc[k]ed`). Undefined when it fits its own text even so.
 */
export function breakSelfMatch(regex: string): string | undefined {
  const broken = regex.replace(
    /(\\.|\[(?:\\.|[^\]\\])*\]|\(\?[a-zA-Z-]*\)?)|([A-Za-z]{3,})/g,
    (all, kept: string | undefined, run: string) =>
      kept !== undefined ? all : `${run.slice(0, -2)}[${run.slice(-2, -1)}]${run.slice(-1)}`,
  );
  const compiled = compileRegex(broken);
  if (!('regex' in compiled)) return undefined;
  const record = `Administrator bounced with reason: automation rule: ${broken} domain=x tenant=x`;
  return matchBounded(compiled.regex, record) === null ? broken : undefined;
}
