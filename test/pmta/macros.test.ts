import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dependencyGroups, loopIn } from '../../src/pmta/macro-graph';
import { expandMacros, macrosIn, PATTERN_LIMIT } from '../../src/pmta/macros';

function table(definitions: Readonly<Record<string, readonly string[]>>) {
  return expandMacros(new Map(Object.entries(definitions).map(([name, values]) => [name, { values }])));
}

describe('expandMacros', () => {
  it('puts the values of a macro into a text, as text', () => {
    const { expand } = table({ tld: ['com', 'net'], sfx: ['.com', '.org'] });
    expect(expand('yahoo.$tld')).toEqual({ values: ['yahoo.com', 'yahoo.net'] });
    expect(expand('acme$sfx')).toEqual({ values: ['acme.com', 'acme.org'] });
  });

  it('expands macros in macros, in whatever order they stand', () => {
    const { expand } = table({ cc: ['com', 'co.uk', '$west'], west: ['fr', 'de'] });
    expect(expand('mailhost.$cc')).toEqual({
      values: ['mailhost.com', 'mailhost.co.uk', 'mailhost.fr', 'mailhost.de'],
    });
  });

  it('makes the product of several macros', () => {
    const { expand } = table({ brand: ['alpha', 'beta'], tld: ['com', 'net'] });
    expect(expand('$brand.$tld')).toEqual({ values: ['alpha.com', 'alpha.net', 'beta.com', 'beta.net'] });
  });

  it('lowers case, takes names case-blind, and gives each value once', () => {
    const { expand } = table({ isp: ['One.test', 'two.test', 'ONE.test'] });
    expect(expand('$ISP')).toEqual({ values: ['one.test', 'two.test'] });
  });

  it('ends the name at the first character that is no letter, digit or underscore', () => {
    expect(macrosIn('a-$b_1.$C$d-$')).toEqual(['b_1', 'C', 'd']);
  });

  it('names the chain of a loop, for each macro on it', () => {
    const { macros, expand } = table({ a: ['x', '$b'], b: ['$c'], c: ['$a'], d: ['$a'] });
    expect(macros.get('a')).toEqual({ fault: 'loop', chain: ['a', 'b', 'c', 'a'] });
    expect(macros.get('c')).toMatchObject({ fault: 'loop' });
    expect(macros.get('d')).toEqual({ fault: 'depends' });
    expect(expand('$d')).toEqual({ fault: 'depends' });
  });

  it('sees a macro that names itself', () => {
    expect(table({ a: ['$a'] }).macros.get('a')).toEqual({ fault: 'loop', chain: ['a', 'a'] });
  });

  it('tells an undefined macro from one whose line could not be read', () => {
    const { expand } = expandMacros(new Map([['bad', { values: undefined }]]));
    expect(expand('x.$none')).toEqual({ fault: 'undefined', name: 'none' });
    expect(expand('x.$bad')).toEqual({ fault: 'depends' });
  });

  it('stops at the limit of patterns', () => {
    const ten = Array.from({ length: 10 }, (_, i) => `v${i}`);
    const { expand } = table({ ten });
    const five = expand('$ten.$ten.$ten.$ten.$ten');
    expect('values' in five && five.values.length).toBe(PATTERN_LIMIT);
    expect(expand('$ten.$ten.$ten.$ten.$ten.$ten')).toEqual({ fault: 'too-large' });
  });

  it('stops macros that multiply each other, quickly', () => {
    const definitions: Record<string, readonly string[]> = { m0: ['a', 'b'] };
    for (let i = 1; i < 200; i++) definitions[`m${i}`] = [`$m${i - 1}$m${i - 1}`];
    const { macros } = table(definitions);
    expect(macros.get('m5')).toEqual({ fault: 'too-large' });
    expect(macros.get('m199')).toEqual({ fault: 'depends' });
  });

  it('bounds the length of texts that double each other', () => {
    const definitions: Record<string, readonly string[]> = { m0: ['a'] };
    for (let i = 1; i < 60; i++) definitions[`m${i}`] = [`$m${i - 1}$m${i - 1}`];
    const last = table(definitions).macros.get('m59');
    expect(last !== undefined && 'values' in last && last.values[0]?.length).toBe(261);
  });

  it('bounds what all blocks together may stand for', () => {
    const { expand } = table({ ten: Array.from({ length: 10 }, (_, i) => `v${i}`) });
    const results = Array.from({ length: 20 }, () => expand('$ten.$ten.$ten.$ten.$ten'));
    expect(results[0]).not.toHaveProperty('fault');
    expect(results.at(-1)).toEqual({ fault: 'too-large' });
  });

  it('survives a chain of macros longer than the stack', () => {
    const definitions: Record<string, readonly string[]> = { m0: ['x.test'] };
    for (let i = 1; i < 50_000; i++) definitions[`m${i}`] = [`$m${i - 1}`];
    expect(table(definitions).expand('$m49999')).toEqual({ values: ['x.test'] });
  });
});

describe('dependencyGroups', () => {
  it('puts every name into one group, behind the groups it refers to', () => {
    const graphs = fc.array(fc.array(fc.nat({ max: 7 }), { maxLength: 4 }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(graphs, (edges) => {
        const references = new Map(edges.map((to, from) => [String(from), to.map(String)]));
        const groups = dependencyGroups(references);
        const groupOf = new Map(groups.flatMap((group, index) => group.map((key) => [key, index] as const)));
        expect(groups.flat().sort()).toEqual([...references.keys()].sort());
        for (const [from, to] of references) {
          for (const key of to) expect(groupOf.get(key)).toBeLessThanOrEqual(groupOf.get(from) ?? -1);
        }
        for (const group of groups) checkLoop(group, references);
      }),
    );
  });

  function checkLoop(group: readonly string[], references: ReadonlyMap<string, readonly string[]>): void {
    const loop = loopIn(group, references);
    if (loop === undefined) {
      expect(group).toHaveLength(1);
      expect(references.get(group[0] ?? '')).not.toContain(group[0]);
      return;
    }
    expect(loop[0]).toBe(loop.at(-1));
    for (const [index, key] of loop.slice(1).entries()) expect(references.get(loop[index] ?? '')).toContain(key);
  }
});
