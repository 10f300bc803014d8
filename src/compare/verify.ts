import type { LedgerEntry } from '../pmta/ledger';
import type { PmtaConfig, Setting, VirtualMta, VirtualMtaPool } from '../pmta/model';
import { type Origins, originsOf } from './origins';
import { pmtaPath } from './pmta-path';
import type { Comparison, PmtaPath, Verdict } from './sides';
import { domainsFor, type Sender, type Trace, type Tracer } from './trace';

/** A pair, as `domain/virtual-mta`, with both values and their places. */
export interface Example extends Partial<Origins> {
  readonly pair: string;
  readonly pmta: string;
  readonly kumo: string;
}

/** Differences of one kind, with the first pair that shows it. */
export interface Difference {
  readonly directive: string;
  readonly verdict: Exclude<Verdict, 'equal'>;
  readonly why: string;
  /** In how many pairs. */
  readonly count: number;
  readonly examples: readonly Example[];
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

export interface VerifyOptions {
  readonly entryOf: (setting: Setting) => LedgerEntry | undefined;
  /** Hears of each sender before it is compared. */
  readonly progress?: (done: number, all: number) => void;
  /** Of the conversion's own tree: for another tree the report can explain only differences that this one has too. */
  readonly own?: Tracer;
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
  const pools = new Set<VirtualMtaPool>();
  let pairs = 0;
  for (const [index, sender] of tracer.senders.entries()) {
    options.progress?.(index, tracer.senders.length);
    const domains = domainsOf(sender.vmta);
    for (const domain of domains) {
      pairs++;
      tally.count(sender, domain, tracer.compare(sender, domain));
    }
    // Members of a pool are selected by its name alike.
    const { vmta, pool } = sender;
    const isNew = pool === undefined || !pools.has(pool);
    if (pool !== undefined) pools.add(pool);
    if (domains[0] !== undefined && isNew)
      tally.count(sender, domains[0], {
        pmta: pmtaPath(config, vmta, domains[0]),
        comparison: tracer.selection(sender),
      });
  }
  options.progress?.(tracer.senders.length, tracer.senders.length);
  const rank = ({ explained, verdict }: Difference) => (explained || verdict === 'not-comparable' ? 1 : 0);
  const differences = [...tally.kinds.values()]
    .map((kind) => ({ ...kind, examples: kind.examples.map((one) => exampleOf(tracer, one)) }))
    .sort((a, b) => rank(a) - rank(b) || b.count - a.count);
  return { pairs, comparisons: tally.counts, differences };
}

type Compared = Pick<Trace, 'pmta' | 'comparison'>;

/** A kind of differences while it is counted; its examples are looked at again at the end. */
interface Kind extends Omit<Difference, 'examples'> {
  count: number;
  readonly examples: { readonly sender: Sender; readonly domain: string; readonly compared: string }[];
}

/** Kinds of differences that are told apart; what differs beyond them is counted by directive and verdict alone. */
const MOST_KINDS = 500;

function createTally({ entryOf, own }: VerifyOptions) {
  const counts: Record<Verdict, number> = { equal: 0, stricter: 0, looser: 0, differs: 0, 'not-comparable': 0 };
  const kinds = new Map<string, Kind>();
  const note = (
    sender: Sender,
    domain: string,
    pmta: PmtaPath,
    each: Comparison,
    verdict: Difference['verdict'],
  ): void => {
    const isOwn = () => own === undefined || hasToo(comparisonsLike(each.directive, own, sender, domain), each);
    const explained = isExplained(each, pmta, entryOf) && isOwn();
    // Keys of many authors are one cause.
    const directive = each.directive.replace(
      / for From .*| of (?!the virtual-mta).*|(?<=^selection by [\w-]+), .*/,
      '',
    );
    const few = { directive, verdict, why: '', explained };
    const kind = { ...few, why: each.why };
    const full = kinds.size >= MOST_KINDS && !kinds.has(JSON.stringify(kind));
    const key = JSON.stringify(full ? few : kind);
    const same = kinds.get(key) ?? { ...(full ? few : kind), count: 0, examples: [] };
    kinds.set(key, same);
    same.count++;
    if (same.examples.length < EXAMPLES) same.examples.push({ sender, domain, compared: each.directive });
  };
  const count = (sender: Sender, domain: string, { pmta, comparison }: Compared): void => {
    for (const each of comparison) {
      counts[each.verdict]++;
      if (each.verdict !== 'equal') note(sender, domain, pmta, each, each.verdict);
    }
  };
  return { counts, kinds, count };
}

/** The comparisons of a pair that one of this name is among. */
function comparisonsLike(directive: string, tracer: Tracer, sender: Sender, domain: string): readonly Comparison[] {
  return isSelection(directive) ? tracer.selection(sender) : tracer.compare(sender, domain).comparison;
}

function isSelection(directive: string): boolean {
  return directive.startsWith('selection ');
}

/** Whether the conversion's own tree comes to the same. */
function hasToo(comparison: readonly Comparison[], { directive, kumo }: Comparison): boolean {
  return comparison.some((each) => each.directive === directive && each.kumo === kumo && each.verdict !== 'equal');
}

/** True for differences that fail a verification. */
export function isFailure({ verdict, explained }: Difference): boolean {
  return (verdict === 'looser' || verdict === 'differs') && !explained;
}

/** Both values of an example, with their places. */
function exampleOf(tracer: Tracer, { sender, domain, compared }: Kind['examples'][number]): Example {
  const trace = tracer.trace(sender, domain);
  const all = isSelection(compared) ? tracer.selection(sender) : trace.comparison;
  const found = all.find(({ directive }) => directive === compared);
  const through = sender.pool === undefined ? '' : ` in ${sender.pool.name}`;
  const author = / for (From .*)| (of (?!the virtual-mta).*)/.exec(compared);
  return {
    pair: `${domain}/${trace.vmta}${through}${author === null ? '' : `, ${author[1] ?? author[2]}`}`,
    pmta: found?.pmta ?? '',
    kumo: found?.kumo ?? '',
    ...(found === undefined ? {} : originsOf(tracer.tree, trace, found)),
  };
}

function isExplained(
  { directive, verdict, lines = [] }: Comparison,
  pmta: PmtaPath,
  entryOf: (setting: Setting) => LedgerEntry | undefined,
): boolean {
  if (verdict === 'stricter' || verdict === 'not-comparable') return true;
  const isTold = (setting: Setting): boolean => TOLD.has(entryOf(setting)?.outcome ?? '');
  if (lines.some(isTold)) return true;
  return (LINES[directive.replace(/ .*/, '')] ?? [directive]).some((name) => {
    const found = pmta.settings.get(name);
    return found !== undefined && isTold(found.setting);
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
