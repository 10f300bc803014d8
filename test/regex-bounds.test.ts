import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTree } from '../src/kumo/runtime/load-tree';
import { matchBounded } from '../src/kumo/runtime/regex';
import { convertText } from './support/converted';

const SOURCES = join(import.meta.dirname, '..', 'src');

/** Where expressions are made of texts that are known only at run time, and why none of them can run for ever. */
const MADE: Readonly<Record<string, string>> = {
  'diagnostics/secrets.ts': 'of our own constants',
  'kumo/runtime/host-text.ts': 'of one that compileRegex made; matchBounded runs it',
  'kumo/runtime/regex.ts': 'of a pattern of the policy; matchBounded runs it',
  'kumo/runtime/tree.ts': 'of a glob, without repeats that overlap',
  'merge/origins.ts': 'of our own constants',
  'passes/regex.ts': 'of a pattern of the input; compiled, never run',
  'syntax/tokens.ts': 'of our own constants',
};

/** Each tries more ways than there is time for, if nothing ends it. */
const ENDLESS: readonly (readonly [pattern: string, text: string])[] = [
  ['^(a+)+$', `${'a'.repeat(50)}b`],
  ['^(?:a|a)*$', `${'a'.repeat(50)}b`],
  ['^(?:a|aa)+$', `${'a'.repeat(100)}b`],
  ['(.*)*x', 'a'.repeat(60)],
  [`^${'a?'.repeat(40)}${'a'.repeat(40)}b`, 'a'.repeat(45)],
  [`^${'(?:a|a)'.repeat(40)}b`, 'a'.repeat(45)],
  [`^${'(a|a)?'.repeat(30)}b`, 'a'.repeat(45)],
  ['^(?:a?){50}a{50}b', 'a'.repeat(60)],
  ['(\\w+\\s?)+$', `${'word '.repeat(30)}!`],
];

describe('a regular expression of the input', () => {
  it('is made in few places', () => {
    const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
    const making = files.filter((path) =>
      /\bnew RegExp\(|(?<!\.)\bRegExp\(/.test(readFileSync(join(SOURCES, path), 'utf8')),
    );
    expect(making.sort()).toEqual(Object.keys(MADE).sort());
  });

  it.each(ENDLESS)('that tries everything is given up: %s', (pattern, text) => {
    expect(matchBounded(new RegExp(pattern), text)).toBe(null);
  });

  it('that is harmless is run as it is', () => {
    expect(matchBounded(/over (?:quota|limit)/, 'is over quota')?.[0]).toBe('over quota');
    expect(matchBounded(/a+b/, 'xaab')?.[0]).toBe('aab');
    expect(matchBounded(/(a|b)?c+/, 'xbcc')?.[0]).toBe('bcc');
  });

  it.each(ENDLESS)('converts and loads without being run: %s', async (pattern) => {
    const converted = convertText(
      'host-name a.example\nsmtp-listener 0.0.0.0:25\n<smtp-pattern-list l>\n' +
        `reply /${pattern}/ mode=backoff\n</smtp-pattern-list>\n<domain *>\nsmtp-pattern-list l\nbackoff-max-msg-rate 3/h\n</domain>\n` +
        `<bounce-category-patterns>\n/${pattern}/ bad-mailbox\n</bounce-category-patterns>\n`,
    );
    const tree = await loadTree(converted.files, { installDir: '/x' });
    tree.close();
    expect(tree.findings.filter(({ code }) => code === 'tree-limit')).toEqual([]);
  });

  it('of a policy is given up in each function of KumoMTA that takes one', async () => {
    const [pattern = '', text = ''] = ENDLESS[0] ?? [];
    const init = [
      "local kumo = require 'kumo'",
      `local evil = kumo.regex.compile '${pattern}'`,
      `local text = '${text}'`,
      'evil:is_match(text) evil:find(text) evil:captures(text) evil:find_all(text) evil:split(text)',
      "evil:replace(text, 'x') evil:replace_all(text, 'x')",
    ].join('\n');
    const tree = await loadTree(new Map([['init.lua', init]]), { installDir: '/x' });
    tree.close();
    expect(tree.findings.map(({ code }) => code)).not.toContain('tree-limit');
    expect(tree.findings.filter(({ code }) => code === 'tree-lua-error')).toEqual([]);
  });
});
