import type { Value } from '../directives/value';
import type { Place } from '../kumo/runtime/finding';
import type { Journey } from '../kumo/runtime/journeys';
import type { ApplicableRule } from '../kumo/runtime/shaping';
import type { EffectiveSettings, PmtaConfig, Setting, VirtualMta } from '../pmta/model';

/** A path through PowerMTA: the queue `queue/vmta` that mail for `domain` is put into, and what counts for it. */
export interface PmtaPath {
  readonly config: PmtaConfig;
  readonly vmta: VirtualMta;
  /** Recipient domain. */
  readonly domain: string;
  /** Domain part of the queue, after queue-to. */
  readonly queue: string;
  readonly settings: EffectiveSettings;
  value(directive: string): Value | undefined;
}

/** The same path as KumoMTA resolves it from the files of the tree. */
export interface KumoPath {
  readonly tenant: string;
  readonly pool: string;
  /** Sources of the pool that take part. */
  readonly members: readonly string[];
  /** Those of the virtual-mta. */
  readonly sources: readonly string[];
  readonly sourceFields: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Domain part of the scheduled queue. */
  readonly domain: string;
  /** Site of the ready queues. */
  readonly site: string;
  /** Domain that the path is looked up by; the recipient's when null. */
  readonly routingDomain: string | null;
  readonly queue: Readonly<Record<string, unknown>>;
  readonly paths: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** A message that was handed in for this tenant; undefined when no client may choose it. */
  readonly message: Journey | undefined;
  /** The same message from another author. */
  messageFrom(address: string): Journey | undefined;
  /** Rules of the automation that mail to the recipient domain is under. */
  readonly rules: readonly ApplicableRule[];
  /** Seconds before attempts 2, 3, …; as far as the list of PowerMTA goes. */
  readonly waits: readonly number[];
  /** The same after replies that fit these expressions; undefined when no message could be sent. */
  waitsAfter(patterns: readonly string[]): readonly number[] | undefined;
}

/** `stricter`: KumoMTA sends less, later or only over better TLS. `looser`: the other way round. */
export type Verdict = 'equal' | 'stricter' | 'looser' | 'differs' | 'not-comparable';

/** Something of KumoMTA's side that has a place in the tree. `key` names a shared counter. */
export type Read =
  | { readonly from: 'path'; readonly field: string; readonly key?: string }
  | { readonly from: 'queue' | 'source'; readonly field: string }
  | { readonly from: 'pool' }
  | { readonly from: 'handler'; readonly event: string }
  | { readonly from: 'place'; readonly place: Place | undefined };

export interface Comparison {
  readonly directive: string;
  readonly pmta: string;
  readonly kumo: string;
  readonly verdict: Verdict;
  /** A sentence; empty for equal values. */
  readonly why: string;
  /** The lines of PowerMTA's value; those of the directive when absent. */
  readonly lines?: readonly Setting[];
  /** What KumoMTA's value was read from, the most telling first. */
  readonly read?: readonly Read[];
}
