import type { KumoPolicy } from '../kumo/model';
import { groupBy } from '../pmta/group-by';
import type { PmtaConfig, VirtualMta, VirtualMtaPool } from '../pmta/model';
import { referencesOf } from '../pmta/references';

/** Pools and virtual-mtas that hang together. */
export interface Group {
  readonly pools: readonly VirtualMtaPool[];
  readonly virtualMtas: readonly VirtualMta[];
  /** A default-virtual-mta, or mail without any choice, leads to it. */
  readonly isDefault: boolean;
  /** Lines that name one of them. */
  readonly references: number;
}

const DEFAULT = '{default}';

/**
 * Virtual-mtas in groups that can only move as one: members of one pool, a virtual-mta and its cold ones, and those with
 * an address in common. In the order of the configuration. `{default}` stands for itself only where it is declared, or
 * where there is nothing else.
 */
export function groupsOf(config: PmtaConfig, policy: KumoPolicy): readonly Group[] {
  const vmtas = [...config.virtualMtas.values()].filter(
    ({ name, blocks }) => name !== DEFAULT || blocks.length > 0 || config.virtualMtas.size === 1,
  );
  const joined = join(vmtas, tiesOf(config, policy)).map((virtualMtas) => ({
    virtualMtas,
    pools: [...new Set(virtualMtas.flatMap((vmta) => vmta.pools))],
  }));
  const empty = [...config.pools.values()]
    .filter((pool) => membersOf(config, pool).length === 0)
    .map((pool) => ({ virtualMtas: [], pools: [pool] }));
  const counts = referenceCounts(config);
  return [...joined, ...empty].map(({ virtualMtas, pools }) => {
    const names = [...pools, ...virtualMtas].map(({ name }) => name.toLowerCase());
    const sum = (count: ReadonlyMap<string, number>): number =>
      names.reduce((n, name) => n + (count.get(name) ?? 0), 0);
    const isDefault = sum(counts.asDefault) > 0 || names.includes(DEFAULT);
    return { pools, virtualMtas, isDefault, references: sum(counts.all) };
  });
}

function membersOf({ virtualMtas }: PmtaConfig, { members }: VirtualMtaPool): readonly VirtualMta[] {
  return members.flatMap(({ name }) => virtualMtas.get(name.toLowerCase()) ?? []);
}

/** Sets of virtual-mtas that belong together for one reason each. */
function tiesOf(config: PmtaConfig, policy: KumoPolicy): readonly (readonly VirtualMta[])[] {
  const pools = [...config.pools.values()].map((pool) => membersOf(config, pool));
  const cold = [...config.virtualMtas.values()].map((vmta) => {
    const named = vmta.blocks
      .flatMap(({ settings }) => settings)
      .filter(({ name }) => name === 'cold-virtual-mta')
      .flatMap(referencesOf);
    return [vmta, ...named.flatMap(({ name }) => config.virtualMtas.get(name.toLowerCase()) ?? [])];
  });
  const addressed = [...config.virtualMtas.values()].flatMap((vmta) =>
    addressesOf(policy, vmta).map((address) => ({ address, vmta })),
  );
  const sharing = [...groupBy(addressed, ({ address }) => address).values()];
  return [...pools, ...cold, ...sharing.map((own) => own.map(({ vmta }) => vmta))];
}

function addressesOf(policy: KumoPolicy, { name }: VirtualMta): readonly string[] {
  return [...(policy.pools.get(name)?.entries.keys() ?? [])].flatMap((source) => {
    const fields = policy.sources.get(source)?.fields;
    const address = (fields?.get('ha_proxy_source_address') ?? fields?.get('source_address'))?.value;
    return typeof address === 'string' ? [address] : [];
  });
}

/** The virtual-mtas in groups, so that those of each tie are in one; in the order of their first ones. */
function join(
  vmtas: readonly VirtualMta[],
  ties: readonly (readonly VirtualMta[])[],
): readonly (readonly VirtualMta[])[] {
  const leaders = new Map(vmtas.map((vmta) => [vmta, vmta]));
  const leaderOf = (vmta: VirtualMta): VirtualMta => {
    let leader = vmta;
    for (let next = leaders.get(leader); next !== undefined && next !== leader; next = leaders.get(leader)) {
      leader = next;
    }
    // Chains stay short, however many ties there are.
    leaders.set(vmta, leader);
    return leader;
  };
  for (const [first, ...rest] of ties.map((tie) => tie.filter((vmta) => leaders.has(vmta)))) {
    if (first === undefined) continue;
    for (const other of rest) leaders.set(leaderOf(other), leaderOf(first));
  }
  return [...groupBy(vmtas, leaderOf).values()];
}

function referenceCounts({ settings }: PmtaConfig) {
  const all = new Map<string, number>();
  const asDefault = new Map<string, number>();
  for (const setting of settings) {
    for (const { name, to } of referencesOf(setting)) {
      if (!to.includes('virtual-mta')) continue;
      const key = name.toLowerCase();
      all.set(key, (all.get(key) ?? 0) + 1);
      if (setting.name === 'default-virtual-mta') asDefault.set(key, (asDefault.get(key) ?? 0) + 1);
    }
  }
  return { all, asDefault };
}
