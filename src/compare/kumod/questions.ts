import type { LoadedTree } from '../../kumo/runtime/answers';
import { patternsOf } from '../../pmta/match';
import type { PmtaConfig, VirtualMta } from '../../pmta/model';
import type { TenantOf } from '../messages/compare-message';
import { mxList } from '../routes';
import { domainsFor } from '../trace';

/** A ready queue's path: what its settings are looked up by. */
export interface PathQuestion {
  readonly domain: string;
  readonly source: string;
  /** A list of hosts is a site of its own; where absent, the site is that of the domain's mail exchangers. */
  readonly site?: string;
}

/** What a server is asked about a policy. */
export interface Questions {
  /** Names of scheduled queues, `tenant@domain`. */
  readonly queues: readonly string[];
  readonly paths: readonly PathQuestion[];
  /** How many there are in all; of many, every so manieth is asked. */
  readonly all: { readonly queues: number; readonly paths: number };
}

/** A server answers some thousand in a second; its answers are kept. */
const MOST_QUEUES = 3_000;
const MOST_PATHS = 6_000;

/** The queues and paths of every virtual-mta and pool with every domain that the configuration tells apart. */
export function kumodQuestions(config: PmtaConfig, tree: LoadedTree, tenantOf: TenantOf): Questions {
  const senders = sendersOf(config);
  const all = senders.reduce((sum, { domains }) => sum + domains.length, 0);
  const step = Math.max(1, all / MOST_QUEUES);
  const queues: string[] = [];
  const paths = new Map<string, PathQuestion>();
  let [at, next] = [0, 0];
  for (const { name, domains } of senders) {
    const tenant = tenantOf(name);
    for (const domain of domains) {
      if (at++ < Math.floor(next)) continue;
      next += step;
      queues.push(`${tenant}@${domain}`);
      for (const path of pathsOf(tree, tenant, domain)) paths.set(JSON.stringify(path), path);
    }
  }
  const asked = spread([...paths.values()], MOST_PATHS);
  return { queues, paths: asked, all: { queues: all, paths: paths.size } };
}

interface NamedDomains {
  readonly name: string;
  readonly domains: readonly string[];
}

/** Each virtual-mta and each pool once; virtual-mtas without blocks of their own share one list. */
function sendersOf(config: PmtaConfig): readonly NamedDomains[] {
  const known = new Map<string, readonly string[]>();
  const domainsOf = (vmta: VirtualMta): readonly string[] => {
    const own = [vmta.domains, ...(vmta.domainPool === undefined ? [] : [vmta.domainPool.domains])];
    if (own.some(({ blocks }) => blocks.length > 0)) return domainsIn(config, vmta);
    const shared = known.get('') ?? domainsIn(config, vmta);
    known.set('', shared);
    return shared;
  };
  const pools = [...config.pools.values()].flatMap(({ name, members }) => {
    const vmta = config.virtualMtas.get(members[0]?.name.toLowerCase() ?? '');
    return vmta === undefined ? [] : [{ name, domains: domainsOf(vmta) }];
  });
  return [...[...config.virtualMtas.values()].map((vmta) => ({ name: vmta.name, domains: domainsOf(vmta) })), ...pools];
}

function domainsIn(config: PmtaConfig, vmta: VirtualMta): readonly string[] {
  const scopes = [config.domains, vmta.domains, ...(vmta.domainPool === undefined ? [] : [vmta.domainPool.domains])];
  // The queues that queue-to names, too.
  const named = scopes.flatMap(patternsOf).flatMap((each) => (each.form === 'name' ? [each.name] : []));
  return [...new Set([...domainsFor(config, vmta), ...named.filter((name) => !name.startsWith('{'))])];
}

function pathsOf(tree: LoadedTree, tenant: string, domain: string): readonly PathQuestion[] {
  const queue = tree.queueConfig(domain, tenant);
  const pool = typeof queue['egress_pool'] === 'string' ? queue['egress_pool'] : '';
  const hosts = mxList(queue['protocol']);
  const routing = typeof queue['routing_domain'] === 'string' ? queue['routing_domain'] : domain;
  const sources = (tree.pools().get(pool) ?? []).filter(({ weight }) => weight !== 0);
  return sources.map(({ name }) => ({
    domain: routing,
    source: name,
    ...(hosts === undefined ? {} : { site: `mx_list:${hosts.join(',')}` }),
  }));
}

/** At most so many, evenly taken from all. */
function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, at) => all[Math.floor((at * all.length) / most)]).filter(
    (one) => one !== undefined,
  );
}
