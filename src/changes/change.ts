import type { Verdict } from '../compare/sides';

/** What a change is about, in the order in which reports show it. */
export const AREAS = [
  'sources',
  'pools',
  'tenants',
  'queues',
  'paths',
  'automation',
  'dkim',
  'listeners',
  'listener-domains',
  'access',
  'users',
  'reception',
  'retry',
  'bounce-rules',
  'logging',
  'storage',
  'handlers',
  'data',
  'code',
] as const;
export type Area = (typeof AREAS)[number];

/** Why a change has to be looked at before the others. */
export type Risk = 'relaying' | 'address' | 'signature' | 'limit' | 'encryption' | 'route';

/** A place in a file of one of the trees, line one-based. */
export interface TreePlace {
  readonly path: string;
  readonly line?: number;
}

/** One thing that `convert` would change: of the tree that is there (`before`) to the converted one (`after`). */
export interface Change {
  readonly area: Area;
  readonly kind: 'added' | 'removed' | 'changed';
  /** What it is about, in words: `mta1`, `example.org from mta1, mta2`. */
  readonly subject: string;
  /** How many things that is, and the first of them. */
  readonly count: number;
  readonly examples: readonly string[];
  /** Absent for things that are added or removed as a whole. */
  readonly field?: string;
  readonly before?: string;
  readonly after?: string;
  /** `looser`: the converted tree allows or sends more than the one that is there. */
  readonly verdict: Exclude<Verdict, 'equal'>;
  readonly risk?: Risk;
  /** A sentence, where the values alone do not say it. */
  readonly why?: string;
  readonly tree?: TreePlace;
  readonly converted?: TreePlace;
  /** Places in the PowerMTA configuration, as `config:12`. */
  readonly lines: readonly string[];
  /** An answer of the tree hangs on what only a server knows, so the change is likely, and no more. */
  readonly uncertain?: true;
}

/** What was asked of both trees. */
export interface Asked {
  readonly sources: number;
  readonly pools: number;
  readonly queues: number;
  readonly paths: number;
  readonly messages: number;
}

export interface Comparison {
  /** Those with a risk first, then by area. */
  readonly changes: readonly Change[];
  readonly asked: Asked;
  /** What could not be known or was not compared, in sentences. */
  readonly notes: readonly string[];
}
