import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { convertPath, FIXTURES } from '../support/converted';
import { describeCorpus } from '../support/corpus';
import { changesOf, mutate, randomFrom, reformatLua, reformatToml, respellUnits } from '../support/tree-edits';

const NAMES = readdirSync(FIXTURES, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);
const convert = (name: string) => convertPath(join(FIXTURES, name, 'input'));

describe('a tree and its own source', () => {
  it.each(NAMES)('%s: there is nothing to change', async (name) => {
    const own = convert(name);
    expect(await changesOf(own, own.files)).toEqual([]);
  });
});

describeCorpus('a tree and its own source', (configs) => {
  it.each(configs)('$name: there is nothing to change', async ({ path }) => {
    const own = convertPath(path, { allowOpenRelay: true });
    expect(await changesOf(own, own.files)).toEqual([]);
  });
});

describe('what only the form says', () => {
  it.each(NAMES)('%s: other order, blanks, comments, tables and units in TOML', async (name) => {
    const own = convert(name);
    const files = reformatToml(respellUnits(own.files), randomFrom(NAMES.indexOf(name) + 7));
    expect(await changesOf(own, files)).toEqual([]);
  });

  it.each(NAMES)('%s: locals renamed, comments, blanks and quotes in Lua', async (name) => {
    const own = convert(name);
    const files = reformatLua(own.files);
    expect([...files].filter(([path, text]) => path === 'init.lua' && text === own.files.get(path))).toEqual([]);
    expect(await changesOf(own, files)).toEqual([]);
  });
});

describe('what means something', () => {
  const own = ['virtual-mta', 'routing', 'scopes', 'addresses', 'backoff', 'cold-virtual-mtas'].map(convert);
  const seeds = Array.from({ length: 80 }, (_, index) => index + 1);
  let made = 0;

  it.each(seeds)('is told (mutation %i)', async (seed) => {
    const random = randomFrom(seed * 7919);
    const tree = own[seed % own.length];
    if (tree === undefined) throw new Error('no tree');
    const mutation = mutate(tree.files, random);
    if (mutation === undefined) return;
    made++;
    expect({ what: mutation.what, found: await changesOf(tree, mutation.files) }).not.toEqual({
      what: mutation.what,
      found: [],
    });
  });

  it('was tried often enough', () => {
    expect(made).toBeGreaterThan(60);
  });
});
