import { describe, expect, it } from 'vitest';
import { contains } from '../../src/directives/cidr';
import { addressesIn, subtract } from '../../src/passes/cidr';

describe('subtract', () => {
  it('cuts a /16 out of a /8 with the fewest networks (trap 23)', () => {
    expect(subtract('10.0.0.0/8', ['10.1.0.0/16'])).toEqual([
      '10.0.0.0/16',
      '10.2.0.0/15',
      '10.4.0.0/14',
      '10.8.0.0/13',
      '10.16.0.0/12',
      '10.32.0.0/11',
      '10.64.0.0/10',
      '10.128.0.0/9',
    ]);
  });

  it('gives nothing when a hole covers the network, and the network when no hole touches it', () => {
    expect(subtract('10.0.0.0/8', ['0.0.0.0/0'])).toEqual([]);
    expect(subtract('10.0.0.0/8', ['192.0.2.0/24'])).toEqual(['10.0.0.0/8']);
    expect(subtract('::/0', ['10.0.0.0/8'])).toEqual(['::/0']);
  });

  it('writes single addresses without a suffix', () => {
    expect(subtract('192.0.2.0/31', ['192.0.2.1'])).toEqual(['192.0.2.0']);
    expect(subtract('::1/128', [])).toEqual(['::1']);
  });
});

describe('contains', () => {
  it('keeps the address families apart', () => {
    expect(contains('0.0.0.0/0', '10.1.0.0/16')).toBe(true);
    expect(contains('0.0.0.0/0', '::1')).toBe(false);
    expect(contains('10.1.0.0/16', '10.0.0.0/8')).toBe(false);
    expect(contains('not a network', '10.0.0.0/8')).toBe(false);
  });
});

describe('addressesIn', () => {
  it('lists a small range and refuses a large one', () => {
    expect(addressesIn('198.51.100.16/30', 16)).toEqual([
      '198.51.100.16',
      '198.51.100.17',
      '198.51.100.18',
      '198.51.100.19',
    ]);
    expect(addressesIn('198.51.100.7', 16)).toEqual(['198.51.100.7']);
    expect(addressesIn('198.51.100.0/24', 16)).toBeUndefined();
    expect(addressesIn('mail.example', 16)).toBeUndefined();
  });
});
