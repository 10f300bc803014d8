import type { Audit } from './audit';
import { addAreas, addRemainders, addShares, type Share, type SharedRemainder } from './shares';

/** The sum over all configurations of a run. */
export interface Total {
  readonly configs: number;
  readonly share: Share;
  readonly areas: readonly Share[];
  readonly remainders: readonly SharedRemainder[];
  /** Minutes; the sum of the estimates. */
  readonly effort: number;
  readonly inputLines: number;
  readonly emittedLines: number;
}

export function totalOf(audits: readonly Audit[]): Total {
  const sum = (count: (audit: Audit) => number): number => audits.reduce((all, audit) => all + count(audit), 0);
  return {
    configs: audits.length,
    share: addShares(
      'total',
      audits.map(({ share }) => share),
    ),
    areas: addAreas(audits.map(({ areas }) => areas)),
    remainders: addRemainders(audits),
    effort: sum(({ effort }) => effort.minutes),
    inputLines: sum(({ size }) => size.inputLines),
    emittedLines: sum(({ size }) => size.emittedLines),
  };
}
