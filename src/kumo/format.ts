import { compareReleases } from './api/release';
import type { KumoValue } from './model';

/**
 * Seconds as a humantime text (`388800` → `4d12h`). KumoMTA reads `m` as minutes; the text is never a bare number,
 * which it would refuse (KumoMTA reference, duration).
 */
export function formatDuration(seconds: number): string {
  const units = [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
    ['s', 1],
  ] as const;
  let rest = seconds;
  let text = '';
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text === '' ? '0s' : text;
}

/** True when release `have` (`2024.11.08`) is at least `need`. */
export function releaseAtLeast(have: string, need: string): boolean {
  return compareReleases(have, need) >= 0;
}

/** Whether two values are the same for KumoMTA. */
export function sameValue(a: KumoValue | undefined, b: KumoValue | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && JSON.stringify(a) === JSON.stringify(b));
}

/** Stands for "no limit" where a wider block sets one: nothing can be unset in KumoMTA. */
export const NO_RATE_LIMIT = '1000000/s';
