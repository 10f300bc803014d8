import { describe, expect, it } from 'vitest';
import { createNetworkSet } from '../src/directives/network-set';
import { subtract } from '../src/passes/cidr';

describe('a set of networks', () => {
  it('gives what is free, and takes it', () => {
    const set = createNetworkSet();
    expect(set.take('10.0.0.0/9')).toEqual(['10.0.0.0/9']);
    expect(set.take('10.0.0.0/8')).toEqual(['10.128.0.0/9']);
    expect(set.take('10.1.2.3')).toEqual([]);
    expect(set.take('2001:db8::1')).toEqual(['2001:db8::1']);
    expect(set.take('0.0.0.0/0')).toEqual(subtract('0.0.0.0/0', ['10.0.0.0/8']));
    expect(set.take('::/0')).toEqual(subtract('::/0', ['2001:db8::1']));
    expect(set.take('nowhere')).toEqual([]);
  });

  it('is what subtracting every earlier network gives', () => {
    const set = createNetworkSet();
    const before: string[] = [];
    // Networks of all lengths, spread by a multiplier without a common factor.
    for (let i = 1; i <= 300; i++) {
      const bits = (i * 2_654_435_761) % 65_536;
      const cidr = `10.${bits >> 14}.${bits & 7}.${(bits >> 3) & 255}/${24 + (i % 9)}`;
      const strict = subtract(cidr, [])[0] ?? '';
      expect(set.take(strict)).toEqual(subtract(strict, before));
      before.push(strict);
    }
  });
});
