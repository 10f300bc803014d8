import { placeOf } from '../diagnostics/span';
import type { LoadedTree } from '../kumo/runtime/answers';
import { patternsOf } from '../pmta/match';
import type { DomainPattern, PmtaConfig, VirtualMta, VirtualMtaPool } from '../pmta/model';
import { compareBackoff } from './backoff';
import { COMPARISONS, retryList } from './comparisons';
import { clientFor, kumoPath } from './kumo-path';
import { pmtaPath } from './pmta-path';
import { compareRoute } from './routes';
import type { Comparison, KumoPath, PmtaPath } from './sides';
import { compareSignatures } from './signatures';

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
  readonly senders: readonly Sender[];
  trace(sender: Sender, domain: string): Trace;
}

/**
 * `tenantOf`: tenant of a virtual-mta or pool (by lower-cased name), where it is not the name in lower case. `now`: unix
 * time in seconds that the tree was loaded with.
 */
export function createTracer(
  config: PmtaConfig,
  tree: LoadedTree,
  tenantOf: ReadonlyMap<string, string>,
  now: number,
): Tracer {
  const met = new Set<string>();
  const clients = new Map<string, ReturnType<typeof clientFor>>();
  const tenant = (name: string) => tenantOf.get(name.toLowerCase()) ?? name.toLowerCase();
  const client = (name: string) => {
    const key = tenant(name);
    if (!clients.has(key)) clients.set(key, clientFor(tree, config, name, key));
    return clients.get(key);
  };
  return {
    senders: sendersOf(config),
    trace({ vmta, pool }, domain) {
      const pmta = pmtaPath(config, vmta, domain);
      const name = (pool ?? vmta).name;
      const own = [...tree.sources().keys()].filter((source) => isOf(source, vmta.name));
      const kumo = kumoPath(
        tree,
        {
          tenant: tenant(name),
          client: client(name),
          now,
          attempts: retryList(pmta).length + 2,
          ...(own.length === 0 ? {} : { sources: own }),
        },
        domain,
      );
      const base = { vmta: vmta.name, domain, pmta, kumo, comparison: compare(pmta, kumo, met) };
      return pool === undefined ? base : { ...base, pool: pool.name };
    },
  };
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

/** `v` and `v#192.0.2.1`, but not the cold source of another virtual-mta. */
function isOf(source: string, vmta: string): boolean {
  return source === vmta || (source.startsWith(`${vmta}#`) && !source.endsWith('#cold'));
}

function compare(pmta: PmtaPath, kumo: KumoPath, met: Set<string>): readonly Comparison[] {
  const limits = kumo.paths.size === 0 ? [] : COMPARISONS.flatMap((each) => each(pmta, kumo) ?? []);
  return [...limits, compareRoute(pmta, kumo), ...compareBackoff(pmta, kumo), ...compareSignatures(pmta, kumo, met)];
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

/** Where the value of a directive stands, `config:12`, or `default`. */
export function originOf({ settings }: PmtaPath, directive: string): string {
  const found = settings.get(directive);
  return found === undefined ? 'default' : placeOf(found.setting.span);
}
