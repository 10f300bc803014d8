import { describe, expect, it } from 'vitest';
import { PASSES } from '../../src/passes';

const names = PASSES.map(({ name }) => name);

describe('the list of passes', () => {
  it('has each name once, and leftovers last', () => {
    expect(new Set(names).size).toBe(names.length);
    expect(names.at(-1)).toBe('leftovers');
  });

  it('runs what a pass needs before it', () => {
    const early = PASSES.flatMap(({ name, needs }, at) =>
      needs.filter((need) => !names.slice(0, at).includes(need)).map((need) => `${name} needs ${need}`),
    );
    expect(early).toEqual([]);
  });
});
