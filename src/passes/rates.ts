import type { Rate } from '../directives/value';
import { releaseAtLeast } from '../kumo/format';

const UNIT_SECONDS: Readonly<Record<Rate['unit'], number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
/** `m` alone would be legal too; `min` cannot be mistaken for months. */
const UNIT_NAMES: Readonly<Record<Rate['unit'], string>> = { s: 's', m: 'min', h: 'h', d: 'd' };

/**
 * A PowerMTA rate as a KumoMTA throttle. KumoMTA's throttle is a bucket that lets the whole quota through at once, so
 * periods above a minute get `max_burst` = the quota of one minute (since 2025.01.29). `3/5m` needs 2025.01.23; older
 * targets get the rate in the next unit in which it is a whole number, rounded down otherwise.
 */
export function throttleOf(rate: Rate, target: string): string {
  const spec =
    rate.multiple === 1 || releaseAtLeast(target, '2025.01.23')
      ? `${rate.count}/${rate.multiple === 1 ? UNIT_NAMES[rate.unit] : `${rate.multiple}${rate.unit}`}`
      : scaled(rate);
  const perMinute = (rate.count * 60) / (rate.multiple * UNIT_SECONDS[rate.unit]);
  const longPeriod = rate.multiple * UNIT_SECONDS[rate.unit] > 60;
  if (!longPeriod || !releaseAtLeast(target, '2025.01.29')) return spec;
  return `${spec},max_burst=${Math.max(1, Math.ceil(perMinute))}`;
}

/** Messages per second, to compare rates written in different units. */
export function perSecond(rate: Rate): number {
  return rate.count / (rate.multiple * UNIT_SECONDS[rate.unit]);
}

/** Messages per second of an emitted throttle. */
export function throttlePerSecond(spec: string): number {
  const match = /^(\d+)\/(\d*)(s|min|m|h|d)/.exec(spec);
  if (match === null) return Number.POSITIVE_INFINITY;
  const unit = match[3] === 'min' ? 'm' : match[3];
  const seconds = unit === 's' || unit === 'm' || unit === 'h' || unit === 'd' ? UNIT_SECONDS[unit] : 1;
  return Number(match[1]) / ((match[2] === '' ? 1 : Number(match[2])) * seconds);
}

function scaled(rate: Rate): string {
  for (const unit of ['m', 'h', 'd'] as const) {
    const count = (rate.count * UNIT_SECONDS[unit]) / (rate.multiple * UNIT_SECONDS[rate.unit]);
    if (count >= 1 && Number.isInteger(count)) return `${count}/${UNIT_NAMES[unit]}`;
  }
  const perDay = (rate.count * UNIT_SECONDS.d) / (rate.multiple * UNIT_SECONDS[rate.unit]);
  return `${Math.max(1, Math.floor(perDay))}/d`;
}
