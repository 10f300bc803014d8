import type { KumoPolicy } from './model';

/** True when a rule fits every reply, so that none behind it is ever tried. */
export function fitEverything(rules: KumoPolicy['bounceRules']): boolean {
  return rules.some((file) => [...file.rules.values()].some((list) => list.includes('(?i)')));
}
