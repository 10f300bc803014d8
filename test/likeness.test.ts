import { describe, expect, it } from 'vitest';
import { didYouMean, mostLike } from '../src/diagnostics/likeness';

describe('mostLike', () => {
  it('takes the nearest candidate, the first among equals, in its own spelling', () => {
    expect(mostLike('max_agge', ['max_ages', 'max_age', 'min_age'])).toBe('max_age');
    expect(mostLike('abcd', ['abce', 'abcf'])).toBe('abce');
    expect(mostLike('required', ['Optional', 'Required'])).toBe('Required');
  });

  it('allows more edits to longer names, and never more than asked for', () => {
    expect(mostLike('ab', ['ac'])).toBeUndefined();
    expect(mostLike('abcd', ['abxy'])).toBeUndefined();
    expect(mostLike('abcdef', ['abcdxy'])).toBe('abcdxy');
    expect(mostLike('abcdefghijkl', ['abcdefghwxyz'])).toBe('abcdefghwxyz');
    expect(mostLike('abcdefghijkl', ['abcdefghwxyz'], 2)).toBeUndefined();
  });

  it('does not compare what is no word', () => {
    const long = 'a'.repeat(61);
    expect(mostLike(long, [long])).toBeUndefined();
  });
});

describe('didYouMean', () => {
  it('is the end of a message, or nothing', () => {
    expect(didYouMean('max_aeg', ['max_age'])).toBe('; did you mean max_age?');
    expect(didYouMean('something', ['max_age'])).toBe('');
  });
});
