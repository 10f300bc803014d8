import type { KumoPolicy, KumoValue, PatternEntry } from './model';

/** Pools of which Lua picks a member, without those that no message is chosen for. */
export function chosenMemberPools(policy: KumoPolicy): ReadonlyMap<string, readonly string[]> {
  const { lua } = policy;
  const rules = [...lua.sourcesByCidr.values(), ...lua.sourcesByName.values()];
  const said = (key: string) => rules.map(({ fields }) => fields.get(key)?.value);
  // By X-Virtual-MTA any may be named, and by address any that sends from one.
  const isFree =
    said('process_x_virtual_mta').includes(true) || said('default_virtual_mta').includes('by-smtp-source-ip');
  if (isFree) return lua.memberPools;
  const chosen = new Set<KumoValue | undefined>([
    lua.tenants.get('{default}') ?? '{default}',
    ...said('default_virtual_mta'),
    ...[...lua.patternLists.values()].flat().flatMap(tenantsOf),
  ]);
  return new Map([...lua.memberPools].filter(([tenant]) => chosen.has(tenant)));
}

function tenantsOf({ result }: PatternEntry): readonly string[] {
  if ('tenant' in result) return [result.tenant];
  return 'entries' in result ? result.entries.flatMap(tenantsOf) : [];
}

/** Address of a source → the first tenant that sends from it; virtual-mtas stand before the pools over them. */
export function tenantsByAddress({ tenants, pools, sources, coldSources }: KumoPolicy): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [tenant, { fields }] of tenants) {
    const pool = fields.get('egress_pool')?.value;
    for (const source of typeof pool === 'string' ? (pools.get(pool)?.entries.keys() ?? []) : []) {
      const address = sources.get(source)?.fields.get('source_address')?.value;
      if (coldSources.has(source)) continue;
      if (typeof address === 'string' && !found.has(address)) found.set(address, tenant);
    }
  }
  return found;
}
