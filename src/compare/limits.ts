import type { Rate, Value } from '../directives/value';
import { parseThrottle } from '../kumo/api/grammars';
import type { KumoPath, Read } from './sides';

const UNIT_SECONDS: Readonly<Record<Rate['unit'], number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
/** What the converter and people write where KumoMTA knows no "unlimited". */
const AS_GOOD_AS_NONE = 100_000;

/** Per second; Infinity for no limit. */
export function rateOf(value: Value | undefined): number {
  if (value?.kind === 'int') {
    // max-msg-per-hour
    return typeof value.value === 'number' && value.value > 0 ? value.value / 3_600 : Number.POSITIVE_INFINITY;
  }
  if (value?.kind !== 'rate' || value.rate === 'unlimited' || value.rate.count === 0) return Number.POSITIVE_INFINITY;
  return value.rate.count / (value.rate.multiple * UNIT_SECONDS[value.rate.unit]);
}

/** Per second of a throttle; Infinity for none, and for one that stands for none. */
export function throttleRate(value: unknown): number {
  const parsed = typeof value === 'string' ? parseThrottle(value) : undefined;
  if (parsed === undefined) return Number.POSITIVE_INFINITY;
  const rate = parsed.limit / parsed.period;
  return rate >= 1_000_000 ? Number.POSITIVE_INFINITY : rate;
}

export function limitOf(value: unknown): number {
  const number = typeof value === 'string' ? Number(value.replace('local:', '')) : value;
  return typeof number === 'number' && number < AS_GOOD_AS_NONE ? number : Number.POSITIVE_INFINITY;
}

/**
 * What all sources of a path may do together: each its own limit, and all of them what a counter of the same name allows
 * (KumoMTA additional_connection_limits, additional_message_rate_throttles).
 */
export function together(
  { paths }: KumoPath,
  field: string,
  counters: string,
  read: (value: unknown) => number,
): { readonly amount: number; readonly read: readonly Read[] } {
  const each = [...paths.values()].map((path) => read(path[field]));
  const sum = each.reduce((total, amount) => total + amount, 0);
  const shared = [...paths.values()].map((path) => tableOf(path[counters]));
  const common = Object.keys(shared[0] ?? {}).filter((name) => shared.every((table) => name in table));
  const caps = common.map((name) => Math.max(...shared.map((table) => read(table[name]))));
  const least = Math.min(...caps);
  const key = least < sum ? common[caps.indexOf(least)] : undefined;
  const counter: readonly Read[] = key === undefined ? [] : [{ from: 'path', field: counters, key }];
  const own: Read = { from: 'path', field };
  // Lua makes a counter of a path's own limit: the line of the limit tells more.
  const copied = each.every((amount) => isNear(amount, least));
  return { amount: Math.min(sum, ...caps), read: copied ? [own, ...counter] : [...counter, own] };
}

/** Of the counters that all sources share, one that allows just this much. */
export function counterOf(
  kumo: KumoPath,
  counters: string,
  amount: number,
  read: (value: unknown) => number,
): string | undefined {
  const tables = [...kumo.paths.values()].map((path) => tableOf(path[counters]));
  return Object.keys(tables[0] ?? {}).find((name) => tables.every((table) => isNear(read(table[name]), amount)));
}

export function isNear(a: number, b: number): boolean {
  // Nothing is near to having no limit.
  return a === b || (Number.isFinite(a - b) && Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)));
}

function tableOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
