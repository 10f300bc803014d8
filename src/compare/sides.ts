import type { Value } from '../directives/value';
import type { AcceptedMessage } from '../kumo/runtime/messages';
import type { ApplicableRule } from '../kumo/runtime/shaping';
import type { EffectiveSettings, PmtaConfig, VirtualMta } from '../pmta/model';

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
  readonly sources: readonly string[];
  /** Domain that the path is looked up by; the recipient's when null. */
  readonly routingDomain: string | null;
  readonly queue: Readonly<Record<string, unknown>>;
  readonly paths: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** A message that was handed in for this tenant; undefined when no client may choose it. */
  readonly message: AcceptedMessage | undefined;
  /** The same message from another author. */
  messageFrom(address: string): AcceptedMessage | undefined;
  /** Rules of the automation that mail to the recipient domain is under. */
  readonly rules: readonly ApplicableRule[];
  /** Seconds before attempts 2, 3, …; as far as the list of PowerMTA goes. */
  readonly waits: readonly number[];
}

/** `stricter`: KumoMTA sends less, later or only over better TLS. `looser`: the other way round. */
export type Verdict = 'equal' | 'stricter' | 'looser' | 'differs' | 'not-comparable';

export interface Comparison {
  readonly directive: string;
  readonly pmta: string;
  readonly kumo: string;
  readonly verdict: Verdict;
  /** A sentence; empty for equal values. */
  readonly why: string;
}
