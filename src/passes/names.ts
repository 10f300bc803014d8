import type { VirtualMta } from '../pmta/model';
import type { PassContext } from './pass';

/**
 * Keys that the queue helper reads as fields of a block, so that no tenant can be called so (KumoMTA reference,
 * make_queue_config, and the helper's own keys).
 */
const QUEUE_KEYS: readonly string[] = [
  'campaigns',
  'egress_pool',
  'max_age',
  'max_message_rate',
  'max_retry_interval',
  'overall_max_message_rate',
  'protocol',
  'provider_name',
  'reap_interval',
  'refresh_interval',
  'refresh_strategy',
  'require_authz',
  'retry_interval',
  'routing_domain',
  'shrink_policy',
  'strategy',
  'tenants',
  'timerwheel_tick_interval',
];

/** Characters that structure KumoMTA's queue names (`campaign:tenant@domain!route`), blanks and control characters. */
const UNSAFE = /[:@!\s\u0000-\u001f\u007f]/g;

/**
 * The tenant for a virtual-mta or pool: its name in lower case, because PowerMTA compares names without regard to case
 * and KumoMTA exactly, with everything replaced that KumoMTA cannot hold in a queue name. Real changes (not those of
 * case alone) go to the rename map.
 */
export function assignTenants(context: PassContext): void {
  const { config, egress, policy } = context;
  const taken = new Set<string>();
  const owners = [...config.virtualMtas.values(), ...config.pools.values()];
  for (const { name, blocks } of owners) {
    const folded = name.toLowerCase();
    const tenant = unused(safeName(folded), taken);
    taken.add(tenant);
    egress.tenantOf.set(folded, tenant);
    if (tenant === folded) continue;
    const why = QUEUE_KEYS.includes(folded)
      ? 'it is the name of a queue field in KumoMTA'
      : 'KumoMTA uses some of its characters to structure queue names';
    const origin = blocks[0]?.tag?.span;
    policy.renames.push({ what: 'tenant', from: name, to: tenant, why, ...(origin === undefined ? {} : { origin }) });
  }
}

function safeName(name: string): string {
  const safe = name.replace(UNSAFE, '_');
  return QUEUE_KEYS.includes(safe) ? `${safe}_` : safe;
}

function unused(name: string, taken: ReadonlySet<string>): string {
  let candidate = name;
  for (let n = 2; taken.has(candidate); n++) candidate = `${name}_${n}`;
  return candidate;
}

/**
 * Every tenant whose mail leaves as the virtual-mta's does: its own, and those of pools that it stands for because all
 * their members say the same. '' stands for everybody, for settings of no virtual-mta.
 */
export function tenantsOf(context: PassContext, vmta: VirtualMta | undefined): readonly string[] {
  if (vmta === undefined) return [''];
  const { config, egress, policy } = context;
  const own = egress.tenantOf.get(vmta.name.toLowerCase());
  const pools = [...config.pools.values()].filter(
    (pool) => config.virtualMtas.get(pool.members[0]?.name.toLowerCase() ?? '') === vmta,
  );
  const shared = pools.flatMap((pool) => egress.tenantOf.get(pool.name.toLowerCase()) ?? []);
  return [...(own === undefined ? [] : [own]), ...shared.filter((tenant) => !policy.lua.memberPools.has(tenant))];
}
