import { isNear } from './limits';
import type { Comparison, KumoPath, PmtaPath, Read, Verdict } from './sides';

/** Compares one thing of a path; undefined where PowerMTA's value says nothing (or its manual does not say what). */
export type Compare = (pmta: PmtaPath, kumo: KumoPath) => Comparison | undefined;

/** Which way round "more" is. */
type Direction = 'more-is-looser' | 'more-is-stricter' | 'other-is-different';

interface Amounts {
  readonly directive: string;
  readonly direction: Direction;
  readonly pmta: number;
  readonly kumo: number;
  readonly text: (amount: number) => string;
  readonly why?: string;
  readonly read: readonly Read[];
}

/** A comparison of two amounts, by meaning: `500/h` is `500/hour`, `4d12h` is `108h`. */
export function compareAmounts({ directive, direction, pmta, kumo, text, why, read }: Amounts): Comparison {
  const verdict = isNear(pmta, kumo) ? 'equal' : verdictOf(direction, kumo > pmta);
  return {
    directive,
    pmta: text(pmta),
    kumo: text(kumo),
    verdict,
    why: verdict === 'equal' ? '' : (why ?? (verdict === 'not-comparable' ? '' : SENTENCES[verdict])),
    read,
  };
}

function verdictOf(direction: Direction, more: boolean): Verdict {
  if (direction === 'other-is-different') return 'differs';
  return more === (direction === 'more-is-looser') ? 'looser' : 'stricter';
}

const SENTENCES: Readonly<Record<Exclude<Verdict, 'equal' | 'not-comparable'>, string>> = {
  stricter: 'KumoMTA sends less or later than PowerMTA did.',
  looser: 'KumoMTA sends more or earlier than PowerMTA did.',
  differs: 'The two values are not the same.',
};
