import { describe, expect, it } from 'vitest';
import { throttleOf } from '../../src/passes/rates';

const NEW = '2026.06.23';
const OLD = '2024.11.08';

describe('throttleOf', () => {
  it('gives periods above a minute the quota of one minute as burst', () => {
    expect(throttleOf({ count: 100, multiple: 1, unit: 'h' }, NEW)).toBe('100/h,max_burst=2');
    expect(throttleOf({ count: 9000, multiple: 1, unit: 'h' }, NEW)).toBe('9000/h,max_burst=150');
    expect(throttleOf({ count: 50_000, multiple: 1, unit: 'h' }, NEW)).toBe('50000/h,max_burst=834');
    expect(throttleOf({ count: 50, multiple: 1, unit: 'd' }, NEW)).toBe('50/d,max_burst=1');
  });

  it('leaves short periods alone, because waits are whole seconds (trap 11)', () => {
    expect(throttleOf({ count: 5000, multiple: 1, unit: 'm' }, NEW)).toBe('5000/min');
    expect(throttleOf({ count: 2, multiple: 1, unit: 's' }, NEW)).toBe('2/s');
  });

  it('scales multiples for releases that do not know them (trap 10)', () => {
    expect(throttleOf({ count: 3, multiple: 5, unit: 'm' }, NEW)).toBe('3/5m,max_burst=1');
    expect(throttleOf({ count: 3, multiple: 5, unit: 'm' }, OLD)).toBe('36/h');
    expect(throttleOf({ count: 100, multiple: 15, unit: 'm' }, OLD)).toBe('400/h');
    expect(throttleOf({ count: 120, multiple: 2, unit: 'h' }, OLD)).toBe('1/min');
  });

  it('never scales up: a rate that is no whole number in any unit is rounded down', () => {
    expect(throttleOf({ count: 1, multiple: 7, unit: 'h' }, OLD)).toBe('3/d');
  });
});
