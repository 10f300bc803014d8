import { describe, expect, it } from 'vitest';
import { breakSelfMatch, translateRegex } from '../../src/passes/regex';

function regexOf(pattern: string): string {
  const translated = translateRegex(pattern);
  return 'regex' in translated ? translated.regex : `refused: ${translated.reason}`;
}

describe('translateRegex', () => {
  it('matches without regard to case, as PowerMTA does (trap 26)', () => {
    expect(regexOf('^421 .*[TS01]')).toBe('(?i)^421 .*[TS01]');
    expect(regexOf('(?-i)ABUSE')).toBe('ABUSE');
    expect(regexOf('')).toBe('(?i)');
  });

  it('escapes what Rust would read as syntax', () => {
    expect(regexOf('user {unknown}')).toBe('(?i)user \\{unknown\\}');
    expect(regexOf('a{2,3}b{4}')).toBe('(?i)a{2,3}b{4}');
    expect(regexOf('[[a]x')).toBe('(?i)[\\[a]x');
    expect(regexOf('[a&&b--c]')).toBe('(?i)[a\\&\\&b\\--c]');
    expect(regexOf('[]a]')).toBe('(?i)[\\]a]');
    expect(regexOf('[[:digit:]]+')).toBe('(?i)[[:digit:]]+');
  });

  it('replaces escapes that mean something else in Rust', () => {
    expect(regexOf('\\<b\\>')).toBe('(?i)<b>');
    expect(regexOf('a\\hb')).toBe('(?i)a[ \\t]b');
    expect(regexOf('rate \\x23\\d+')).toBe('(?i)rate \\x23\\d+');
    expect(regexOf('\\_x\\mail')).toBe('(?i)_xmail');
  });

  it('refuses what KumoMTA cannot do, and what is broken', () => {
    expect(regexOf('a(?R)b')).toContain('refused');
    expect(regexOf('\\Qa.b\\E')).toContain('refused');
    expect(regexOf('(a')).toContain('not a valid regular expression');
    expect(regexOf('*a')).toContain('not a valid regular expression');
    expect(regexOf('[a')).toBe('refused: has a [ that is never closed');
    expect(regexOf('a\\')).toBe('refused: ends in a backslash');
  });

  it('joins a pattern that ran over a line break', () => {
    expect(regexOf('temporarily\n+)?(x)'.replace('+)?', ''))).toBe('(?i)temporarily(x)');
  });
});

describe('breakSelfMatch', () => {
  it('breaks every literal, so that no alternative fits the rule itself (trap 17)', () => {
    expect(breakSelfMatch('(?i)blocked for abuse')).toBe('(?i)block[e]d f[o]r abu[s]e');
    expect(breakSelfMatch('(?i)blocked|spam')).toBe('(?i)block[e]d|sp[a]m');
  });

  it('leaves classes and escapes alone', () => {
    expect(breakSelfMatch('(?i)[abcdef]blocked\\bxyz')).toBe('(?i)[abcdef]block[e]d\\bx[y]z');
  });

  it('refuses a pattern that fits everything', () => {
    expect(breakSelfMatch('(?i)')).toBeUndefined();
    expect(breakSelfMatch('(?i).*')).toBeUndefined();
  });
});
