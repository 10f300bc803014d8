import ipaddr from 'ipaddr.js';
import type { Release } from './release';

const unitSeconds: Readonly<Record<string, number>> = {
  ...all(1e-9, 'ns', 'nsec', 'nanos'),
  ...all(1e-6, 'us', 'usec', 'micros'),
  ...all(1e-3, 'ms', 'msec', 'millis'),
  ...all(1, 's', 'sec', 'secs', 'second', 'seconds'),
  ...all(60, 'm', 'min', 'mins', 'minute', 'minutes'),
  ...all(3600, 'h', 'hr', 'hrs', 'hour', 'hours'),
  ...all(86400, 'd', 'day', 'days'),
  ...all(604800, 'w', 'week', 'weeks'),
  ...all(2630016, 'M', 'month', 'months'),
  ...all(31557600, 'y', 'year', 'years'),
};

function all(seconds: number, ...names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, seconds]));
}

/**
 * Seconds of a duration: a number of seconds, or text as the humantime crate reads it (`90m`, `1h 30m`; case-sensitive,
 * `M` is a month). Undefined for anything else, among it a bare number in quotes.
 */
export function durationSeconds(value: unknown): number | undefined {
  if (typeof value === 'number') return value >= 0 && Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.length > 200) return undefined;
  if (!/^(\s*\d+\s*[a-zA-Z]+)+\s*$/.test(value)) return undefined;
  let seconds = 0;
  for (const [, count, unit] of value.matchAll(/(\d+)\s*([a-zA-Z]+)/g)) {
    const factor = unit === undefined ? undefined : Object.hasOwn(unitSeconds, unit) ? unitSeconds[unit] : undefined;
    if (factor === undefined) return undefined;
    seconds += Number(count) * factor;
  }
  return seconds;
}

export interface Throttle {
  readonly limit: number;
  /** seconds */
  readonly period: number;
  /** Messages at once; the limit itself when absent. */
  readonly burst?: number;
  /** Kept in this process even where Redis shares the counters. */
  readonly local: boolean;
  /** First release that reads this form. */
  readonly since: Release;
}

const periods: Readonly<Record<string, number>> = {
  ...all(1, 's', 'sec', 'second'),
  ...all(60, 'm', 'min', 'minute'),
  ...all(3600, 'h', 'hr', 'hour'),
  ...all(86400, 'd', 'day'),
};

/** Reads `[local:]LIMIT/[N]PERIOD[,max_burst=B]` (crates/throttle); undefined when KumoMTA would refuse it. */
export function parseThrottle(text: string): Throttle | undefined {
  const match = /^(local:)?(\d[\d_,]*)\/(\d*)([a-z]+)(?:,max_burst=(\d[\d_,]*))?$/.exec(text);
  if (match === null) return undefined;
  const [, local, limitText = '', multiplier = '', unit = '', burstText] = match;
  const unitLength = Object.hasOwn(periods, unit) ? periods[unit] : undefined;
  const limit = count(limitText);
  const factor = multiplier === '' ? 1 : Number(multiplier);
  const burst = burstText === undefined ? undefined : count(burstText);
  if (unitLength === undefined || limit < 1 || factor < 1 || burst === 0) return undefined;
  const since =
    burst !== undefined ? '2025.01.29' : multiplier !== '' ? '2025.01.23' : local ? '2024.11.08' : '2023.03.31';
  const base = { limit, period: factor * unitLength, local: local !== undefined, since } as const;
  return burst === undefined ? base : { ...base, burst };
}

/** What a rate needs its release for. */
export function rateForm({ burst, since }: Throttle): string {
  if (burst !== undefined) return 'max_burst in a rate';
  return since === '2025.01.23' ? 'a rate per several units of time' : 'a rate';
}

/** Reads a limit: an integer of 1 or more, or `[local:]N`. Undefined when KumoMTA would refuse it. */
export function parseLimit(value: unknown): { readonly limit: number; readonly since: Release } | undefined {
  if (typeof value === 'number')
    return Number.isInteger(value) && value >= 1 ? { limit: value, since: '2023.03.31' } : undefined;
  const match = typeof value === 'string' ? /^(?:local:)?(\d[\d_,]*)$/.exec(value) : null;
  const limit = count(match?.[1] ?? '0');
  return limit >= 1 ? { limit, since: '2025.01.23' } : undefined;
}

/** Digits with the separators that KumoMTA strips. */
function count(text: string): number {
  return Number(text.replace(/[_,]/g, ''));
}

/** A single IPv4 or IPv6 address, without port, brackets or zone. */
export function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || (ipaddr.IPv6.isValid(text) && !text.includes('%'));
}

/**
 * Why an entry of a CIDR list would be refused; undefined when it is fine. Host bits have to be zero
 * (crates/cidr-map).
 */
export function cidrFault(text: string): string | undefined {
  if (isAddress(text)) return undefined;
  const slash = text.indexOf('/');
  const bits = text.slice(slash + 1);
  const address = text.slice(0, slash);
  if (slash < 0 || !/^\d{1,3}$/.test(bits) || !isAddress(address)) return 'is neither an address nor a CIDR';
  const parsed = ipaddr.parse(address);
  const length = Number(bits);
  if (length > (parsed.kind() === 'ipv4' ? 32 : 128)) return 'has a prefix longer than the address';
  const network =
    parsed.kind() === 'ipv4' ? ipaddr.IPv4.networkAddressFromCIDR(text) : ipaddr.IPv6.networkAddressFromCIDR(text);
  return network.toString() === parsed.toString()
    ? undefined
    : `has host bits set; the network is ${network.toString()}/${length}`;
}

/** `IP:PORT`, `[v6]:PORT` or a path of a unix socket. */
export function isSocketAddress(text: string): boolean {
  if (text.startsWith('/')) return true;
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  return host !== undefined && isAddress(host) && Number(match?.[3]) <= 65535;
}
