import type { LedgerEntry } from '../pmta/ledger';
import type { PmtaConfig, Setting, VirtualMta } from '../pmta/model';
import type { Comparison, PmtaPath, Verdict } from './sides';
import { domainsFor, type Trace, type Tracer } from './trace';

/** Differences of one kind, with the first pair that shows it. */
export interface Difference {
  readonly directive: string;
  readonly verdict: Exclude<Verdict, 'equal'>;
  readonly why: string;
  /** In how many pairs. */
  readonly count: number;
  /** Some pairs, as `domain/virtual-mta`, with both values. */
  readonly examples: readonly { readonly pair: string; readonly pmta: string; readonly kumo: string }[];
  /** The conversion has said of the lines behind it that they are not exact; a stricter value needs no such word. */
  readonly explained: boolean;
}

/** What one comparison of a pair came to, as a text: the same text is the same difference. */
export type Noted = string;

export interface Verification {
  /** Every difference of every pair. */
  readonly noted: ReadonlySet<Noted>;
  /** Pairs of a virtual-mta and a domain that were compared. */
  readonly pairs: number;
  readonly comparisons: Readonly<Record<Verdict, number>>;
  /** Unexplained ones first, then by count. */
  readonly differences: readonly Difference[];
}

/** Of the pairs with a difference, this many are named. */
const EXAMPLES = 3;

/** Outcomes that say: this is not what PowerMTA did. */
const TOLD: ReadonlySet<string> = new Set(['approximate', 'manual', 'unsupported', 'unknown', 'invalid']);

export interface VerifyOptions {
  readonly entryOf: (setting: Setting) => LedgerEntry | undefined;
  /** Hears of each sender before it is compared. */
  readonly progress?: (done: number, all: number) => void;
  /** Differences of the conversion's own tree: for another tree the report can explain only these. */
  readonly known?: ReadonlySet<Noted>;
  /** The domains to ask about; all that the configuration tells apart when absent. */
  readonly domainsOf?: (vmta: VirtualMta) => readonly string[];
}

/**
 * Compares every pair that the configuration distinguishes: each virtual-mta, alone and through each of its pools, with
 * each domain that its blocks or the general ones name, and one that nothing names.
 */
export function verifyAll(config: PmtaConfig, tracer: Tracer, options: VerifyOptions): Verification {
  const { domainsOf = (vmta) => domainsFor(config, vmta) } = options;
  const tally = createTally(options);
  let pairs = 0;
  for (const [index, sender] of tracer.senders.entries()) {
    options.progress?.(index, tracer.senders.length);
    for (const domain of domainsOf(sender.vmta)) {
      pairs++;
      const trace = tracer.trace(sender, domain);
      for (const each of trace.comparison) tally.count(trace, each);
    }
  }
  options.progress?.(tracer.senders.length, tracer.senders.length);
  const rank = ({ explained, verdict }: Difference) => (explained || verdict === 'not-comparable' ? 1 : 0);
  const differences = [...tally.kinds.values()].sort((a, b) => rank(a) - rank(b) || b.count - a.count);
  return { noted: tally.noted, pairs, comparisons: tally.counts, differences };
}

interface Kind extends Difference {
  count: number;
  readonly examples: { pair: string; pmta: string; kumo: string }[];
}

function createTally({ entryOf, known }: VerifyOptions) {
  const counts: Record<Verdict, number> = { equal: 0, stricter: 0, looser: 0, differs: 0, 'not-comparable': 0 };
  const kinds = new Map<string, Kind>();
  const noted = new Set<Noted>();
  const count = (trace: Trace, each: Comparison): void => {
    counts[each.verdict]++;
    if (each.verdict === 'equal') return;
    const note = JSON.stringify([trace.vmta, trace.pool, trace.domain, each.directive, each.kumo]);
    noted.add(note);
    const explained = isExplained(each, trace.pmta, entryOf) && known?.has(note) !== false;
    const kind = { directive: each.directive, verdict: each.verdict, why: each.why, explained };
    const key = JSON.stringify(kind);
    const same = kinds.get(key) ?? { ...kind, count: 0, examples: [] };
    kinds.set(key, same);
    same.count++;
    const pair = `${trace.domain}/${trace.vmta}`;
    if (same.examples.length < EXAMPLES) same.examples.push({ pair, pmta: each.pmta, kumo: each.kumo });
  };
  return { counts, kinds, noted, count };
}

/** True for differences that fail a verification. */
export function isFailure({ verdict, explained }: Difference): boolean {
  return (verdict === 'looser' || verdict === 'differs') && !explained;
}

function isExplained(
  { directive, verdict }: Comparison,
  pmta: PmtaPath,
  entryOf: (setting: Setting) => LedgerEntry | undefined,
): boolean {
  if (verdict === 'stricter' || verdict === 'not-comparable') return true;
  return (LINES[directive.replace(/ .*/, '')] ?? [directive]).some((name) => {
    const found = pmta.settings.get(name);
    const outcome = found === undefined ? undefined : entryOf(found.setting)?.outcome;
    return outcome !== undefined && TOLD.has(outcome);
  });
}

/** Directives that have a part in a comparison of this name. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  'domain-key': ['dkim-identity', 'dkim-identity-fallback', 'dkim-sign'],
  'max-connect-rate': ['max-connect-rate', 'smtp-out-rampup-interval'],
  'max-msg-rate': ['max-msg-per-hour', 'max-msg-rate'],
  'max-smtp-out': ['max-smtp-out', 'max-smtp-out-per-source-ip'],
  'retry-after': ['retry-after', 'retry-recipients-after'],
  'smtp-hosts': ['queue-to', 'route', 'smtp-hosts'],
  'use-starttls': ['require-starttls', 'smtp-tls-ca-file', 'use-starttls'],
};
