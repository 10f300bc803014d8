import type { LedgerEntry } from '../pmta/ledger';
import type { PmtaConfig, Setting, VirtualMta } from '../pmta/model';
import type { Comparison, PmtaPath, Verdict } from './sides';
import { domainsFor, type Tracer } from './trace';

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

export interface Verification {
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

/**
 * Compares every pair that the configuration distinguishes: each virtual-mta, alone and through each of its pools, with
 * each domain that its blocks or the general ones name, and one that nothing names. `progress` hears of each sender.
 */
export function verifyAll(
  config: PmtaConfig,
  tracer: Tracer,
  entryOf: (setting: Setting) => LedgerEntry | undefined,
  progress: (done: number, all: number) => void,
  domainsOf: (vmta: VirtualMta) => readonly string[] = (vmta) => domainsFor(config, vmta),
): Verification {
  const counts: Record<Verdict, number> = { equal: 0, stricter: 0, looser: 0, differs: 0, 'not-comparable': 0 };
  const kinds = new Map<
    string,
    Difference & { examples: { pair: string; pmta: string; kumo: string }[]; count: number }
  >();
  let pairs = 0;
  for (const [index, sender] of tracer.senders.entries()) {
    progress(index, tracer.senders.length);
    for (const domain of domainsOf(sender.vmta)) {
      pairs++;
      const trace = tracer.trace(sender, domain);
      for (const each of trace.comparison) {
        counts[each.verdict]++;
        if (each.verdict === 'equal') continue;
        const explained = isExplained(each, trace.pmta, entryOf);
        const kind = { directive: each.directive, verdict: each.verdict, why: each.why, explained };
        const key = JSON.stringify(kind);
        const known = kinds.get(key) ?? { ...kind, count: 0, examples: [] };
        kinds.set(key, known);
        known.count++;
        const pair = `${domain}/${trace.vmta}`;
        if (known.examples.length < EXAMPLES) known.examples.push({ pair, pmta: each.pmta, kumo: each.kumo });
      }
    }
  }
  const rank = ({ explained, verdict }: Difference) => (explained || verdict === 'not-comparable' ? 1 : 0);
  const differences = [...kinds.values()].sort((a, b) => rank(a) - rank(b) || b.count - a.count);
  return { pairs, comparisons: counts, differences };
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
