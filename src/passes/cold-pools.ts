import { sameValue } from '../kumo/format';
import type { Setting, VirtualMta } from '../pmta/model';
import { coldLimit, coldPlaces } from './cold';
import type { Pass, PassContext, PoolChoice } from './pass';

const NAME = 'cold-pools';

/** How much more often a cold source is asked than the others: first, as long as its limit is not spent. */
const FIRST = 100;

/**
 * Puts cold sources into the pools of the virtual-mtas they work for. Where only some domains have a daily limit, these
 * get a pool of their own, since a source is in a pool for every domain or for none.
 */
export const coldPoolsPass: Pass = {
  name: NAME,
  needs: ['egress', 'cold', 'pools'],
  run(context) {
    const { config, egress } = context;
    for (const vmta of config.virtualMtas.values()) convertPools(context, vmta.name, [vmta]);
    for (const pool of config.pools.values()) {
      const members = pool.members.flatMap(({ name }) => config.virtualMtas.get(name.toLowerCase()) ?? []);
      const tenant = egress.tenantOf.get(pool.name.toLowerCase()) ?? '';
      if (!context.policy.lua.memberPools.has(tenant)) convertPools(context, pool.name, members);
    }
  },
};

interface ColdUse {
  readonly sources: readonly string[];
  readonly settings: readonly Setting[];
}

/** The cold sources that mail of a pool may use for a domain. */
function usedFor({ config, egress }: PassContext, members: readonly VirtualMta[], domain: string): ColdUse {
  const sources = new Set<string>();
  const settings = new Set<Setting>();
  for (const member of members) {
    const { perDay, setting } = coldLimit(config, member, domain);
    if (setting !== undefined) settings.add(setting);
    if (perDay === 0) continue;
    for (const cold of egress.coldsOf.get(member.name.toLowerCase()) ?? [])
      for (const source of cold.sources) sources.add(source);
  }
  return { sources: [...sources].sort(), settings: [...settings] };
}

function convertPools(context: PassContext, pool: string, all: readonly VirtualMta[]): void {
  const { config, egress } = context;
  const members = all.filter(({ name }) => egress.coldsOf.has(name.toLowerCase()));
  if (members.length === 0) return;
  const domains = new Set(members.flatMap((vmta) => coldPlaces(config, vmta).map(({ domain }) => domain)));
  const usual = usedFor(context, members, '*');
  const variants: { readonly name: string; readonly use: ColdUse }[] = [{ name: pool, use: usual }];
  const choices = new Map<string, PoolChoice>();
  for (const domain of domains) {
    if (domain === '*') continue;
    const use = usedFor(context, members, domain);
    const known = variants.find((variant) => sameValue(variant.use.sources, use.sources));
    const variant = known ?? { name: nameOf(pool, use, variants.length), use };
    if (known === undefined) variants.push(variant);
    choices.set(domain, { pool: variant.name, settings: use.settings });
  }
  for (const { name, use } of variants.toReversed()) writePool(context, pool, name, use);
  const tenant = egress.tenantOf.get(pool.toLowerCase());
  // A name below a wildcard with another pool has to say its own, so it is all of them or none.
  if (variants.length > 1 && tenant !== undefined) egress.poolsByDomain.set(tenant, choices);
}

function nameOf(pool: string, { sources }: ColdUse, number: number): string {
  return `${pool}+${sources.length === 0 ? 'warm' : 'cold'}${number === 1 ? '' : number}`;
}

/** The pool of the warm sources, which is written last, with the cold ones before them. */
function writePool({ policy }: PassContext, base: string, name: string, { sources, settings }: ColdUse): void {
  const warm = policy.pools.get(base);
  if (warm === undefined) return;
  const weight = FIRST * Math.max(1, ...warm.entries.values());
  const entries = new Map([...warm.entries, ...sources.map((source) => [source, weight] as const)]);
  const origins = [...new Set([...warm.origins, ...settings.map(({ span }) => span)])];
  policy.pools.set(name, { entries, origins, comments: [...warm.comments] });
}
