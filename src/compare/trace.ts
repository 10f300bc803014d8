import type { LoadedTree } from '../kumo/runtime/answers';
import type { DomainRoles } from '../kumo/runtime/domain-roles';
import { patternsOf } from '../pmta/match';
import type { DomainPattern, PmtaConfig, VirtualMta, VirtualMtaPool } from '../pmta/model';
import { clientFor, clientsOf } from './clients';
import { createComparing } from './comparing';
import { retryList } from './comparisons';
import { createKumoSide, type NamingClient } from './kumo-path';
import { pmtaPath } from './pmta-path';
import { createSelections } from './selection';
import type { Comparison, KumoPath, PmtaPath } from './sides';

/** Both sides of one path, and the comparison. */
export interface Trace {
  /** Virtual-mta, and the pool that it was chosen through. */
  readonly vmta: string;
  readonly pool?: string;
  readonly domain: string;
  readonly pmta: PmtaPath;
  readonly kumo: KumoPath;
  readonly comparison: readonly Comparison[];
  /** A sentence where there is nothing to compare: no mail gets the tenant. */
  readonly noMail?: string;
}

/** What mail may be sent as: a virtual-mta, or one through a pool. */
export interface Sender {
  readonly vmta: VirtualMta;
  readonly pool?: VirtualMtaPool;
}

/** Compares paths of one configuration and one tree; what does not depend on the domain is found once a sender. */
export interface Tracer {
  readonly config: PmtaConfig;
  readonly tree: LoadedTree;
  readonly senders: readonly Sender[];
  trace(sender: Sender, domain: string): Trace;
  /** Who may select the sender and how, which no domain changes. */
  selection(sender: Sender): readonly Comparison[];
  /** The same for one of many pairs; lines and counters may be those of another pair with the same values. */
  compare(sender: Sender, domain: string): Pick<Trace, 'pmta' | 'kumo' | 'comparison'>;
}

export interface TracerOptions {
  /** Tenant of a virtual-mta or pool (by lower-cased name), where it is not the name in lower case. */
  readonly tenants: ReadonlyMap<string, string>;
  /** Unix time in seconds that the tree was loaded with. */
  readonly now: number;
  /** What the tree's Lua can tell apart; every domain is asked about by itself when absent. */
  readonly roles?: DomainRoles;
}

export function createTracer(config: PmtaConfig, tree: LoadedTree, { tenants, now, roles }: TracerOptions): Tracer {
  const side = createKumoSide(tree, now, roles);
  const compare = createComparing();
  const clients = clientsOf(config);
  const named = new Map<string, NamingClient | undefined>();
  const tenant = (name: string) => tenants.get(name.toLowerCase()) ?? name.toLowerCase();
  const client = (name: string) => {
    const key = tenant(name);
    if (!named.has(key)) named.set(key, clientFor(side.travels, clients, name, key));
    return named.get(key);
  };
  const selections = createSelections(config, tree, tenant);
  const sources = sourcesByVmta(tree);
  const sidesOf = ({ vmta, pool }: Sender, domain: string) => {
    const pmta = pmtaPath(config, vmta, domain);
    const name = (pool ?? vmta).name;
    const own = sources.get(vmta.name);
    const attempts = retryList(pmta).length + 2;
    const subject = { tenant: tenant(name), client: client(name), attempts, ...(own && { sources: own }) };
    return { pmta, kumo: side.path(subject, domain) };
  };
  return {
    config,
    tree,
    senders: sendersOf(config),
    trace(sender, domain) {
      const { pmta, kumo } = sidesOf(sender, domain);
      const { vmta, pool } = sender;
      const base = { vmta: vmta.name, domain, pmta, kumo, comparison: compare.alone(pmta, kumo) };
      return pool === undefined ? base : { ...base, pool: pool.name };
    },
    selection: ({ vmta, pool }) => selections.of((pool ?? vmta).name),
    compare(sender, domain) {
      const { pmta, kumo } = sidesOf(sender, domain);
      return { pmta, kumo, comparison: compare.ofMany(sender, pmta, kumo) };
    },
  };
}

/** `v` and `v#192.0.2.1`, but not the cold source of another virtual-mta. */
function sourcesByVmta(tree: LoadedTree): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const add = (vmta: string, source: string) => {
    const known = found.get(vmta);
    if (known === undefined) found.set(vmta, [source]);
    else known.push(source);
  };
  for (const source of tree.sources().keys()) {
    add(source, source);
    if (source.endsWith('#cold')) continue;
    for (let at = source.indexOf('#'); at >= 0; at = source.indexOf('#', at + 1)) add(source.slice(0, at), source);
  }
  return found;
}

/**
 * A trace whose tenant has no pool and is given to no mail, with the sentence that says so and without a comparison;
 * any other as it is. `members`: tenants that the mail of the pool gets instead.
 */
export function withoutMail(trace: Trace, members: readonly string[] | undefined): Trace {
  const { message, pool } = trace.kumo;
  if (message !== undefined || pool !== '') return trace;
  const noMail =
    members === undefined
      ? 'No mail can get it in KumoMTA: no client of the configuration chooses it, and queues.toml has no pool for its tenant.'
      : `No mail has its tenant in KumoMTA: each message gets one member of the pool, so trace a member: ${members.join(', ')}.`;
  return { ...trace, comparison: [], noMail };
}

function sendersOf({ virtualMtas, pools }: PmtaConfig): readonly Sender[] {
  const through = [...pools.values()].flatMap((pool) =>
    pool.members.flatMap(({ name }) => {
      const vmta = virtualMtas.get(name.toLowerCase());
      return vmta === undefined ? [] : [{ vmta, pool }];
    }),
  );
  return [...[...virtualMtas.values()].map((vmta) => ({ vmta })), ...through];
}

/** Names to ask about for a sender: those that its blocks name, one below each wildcard, and one that nothing names. */
export function domainsFor(config: PmtaConfig, vmta: VirtualMta): readonly string[] {
  const scopes = [config.domains, vmta.domains, ...(vmta.domainPool === undefined ? [] : [vmta.domainPool.domains])];
  return [...new Set([...scopes.flatMap(patternsOf).flatMap(namesOf), 'named-nowhere.example'])];
}

function namesOf(pattern: DomainPattern): readonly string[] {
  // Nobody has an address there: mail gets into these queues from other domains, which are asked about.
  if (pattern.form === 'name') return /^\{|\.(?:queue|rollup)$/.test(pattern.name) ? [] : [pattern.name];
  return pattern.form === 'below' || pattern.form === 'tree' ? [`a.${pattern.name}`, pattern.name] : [];
}
