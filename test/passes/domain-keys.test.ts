import { describe, expect, it } from 'vitest';
import { shadowedKeys } from '../../src/passes/domain-keys';

describe('shadowedKeys', () => {
  it('repeats a wildcard at every branch that a longer name opens under it', () => {
    expect(shadowedKeys(new Set(['*.x.test', 'a.b.x.test']))).toEqual(
      new Map([
        ['*.a.b.x.test', '*.x.test'],
        ['b.x.test', '*.x.test'],
        ['*.b.x.test', '*.x.test'],
      ]),
    );
  });

  it('asks for nothing when nothing is hidden', () => {
    expect(shadowedKeys(new Set(['*.x.test', 'x.test', 'y.test']))).toEqual(new Map());
  });

  it('takes the nearest wildcard', () => {
    expect(shadowedKeys(new Set(['*.test', '*.x.test', 'a.x.test'])).get('*.a.x.test')).toBe('*.x.test');
  });
});
