import type { Setting, VirtualMta, VirtualMtaPool } from '../pmta/model';
import type { Pass, PassContext } from './pass';
import { addOrigins, blockIn, openingTags } from './policy-writer';

const NAME = 'pools';

/**
 * Settings that belong to the scheduled queue or to the signature in KumoMTA, so that they follow the tenant of a
 * message and not the source it leaves by.
 */
const FOLLOWS_TENANT: ReadonlySet<string> = new Set([
  'assume-delivery-upon-data-termination-timeout',
  'add-x-msys-api-header',
  'backoff-reroute-to-virtual-mta',
  'backoff-retry-after',
  'bcc-upon-delivery',
  'bounce-after',
  'bounce-upon-5xx-greeting',
  'bounce-upon-no-mx',
  'bounce-upon-transfer-failure',
  'discard-as-bounce',
  'queue-to',
  'remove-header',
  'reroute-to-virtual-mta',
  'retry-after',
  'retry-recipients-after',
  'route',
  'smtp-hosts',
  'smtp-pattern-list',
  'sparkpost-ip-pool',
  'sparkpost-sandbox',
  'type',
]);

/** The same, of the virtual-mta itself. */
const OWN_FOLLOWS_TENANT: ReadonlySet<string> = new Set(['domain-key', 'include-headers-from', 'rewrite-list']);

/**
 * A pool becomes an egress pool over its members' sources and a tenant (M5 8.3). When the members differ in something
 * that KumoMTA ties to the tenant, choosing a source is not enough: then Lua picks a member for each message.
 */
export const poolsPass: Pass = {
  name: NAME,
  needs: ['egress'],
  run(context) {
    for (const pool of context.config.pools.values()) convertPool(context, pool);
  },
};

function convertPool(context: PassContext, pool: VirtualMtaPool): void {
  const { config, egress, policy } = context;
  const key = pool.name.toLowerCase();
  const tenant = egress.tenantOf.get(key) ?? key;
  const members: VirtualMta[] = [];
  for (const { name, setting } of pool.members) {
    const member = config.virtualMtas.get(name.toLowerCase());
    if (member !== undefined) members.push(member);
    // A line with a weight is invalid, whoever it names.
    if (setting.fault === undefined) settleMember(context, setting, member !== undefined);
  }
  for (const block of pool.blocks) {
    if (block.tag !== undefined) context.ledger.settle(block.tag, 'exact', NAME);
  }
  if (new Set(members.map((member) => tenantProfile(member))).size > 1) {
    policy.lua.memberPools.set(
      tenant,
      members.map((member) => egress.tenantOf.get(member.name.toLowerCase()) ?? member.name),
    );
    context.diagnostics.report('pool-by-member', pool.blocks[0]?.tag?.span, { pool: pool.name });
    return;
  }
  writePool(context, pool, tenant, members);
}

function settleMember({ ledger }: PassContext, line: Setting, defined: boolean): void {
  if (defined) ledger.settle(line, 'exact', NAME);
  else ledger.settle(line, 'invalid', NAME, 'No virtual-mta of this name is defined, so it is not in the pool.');
}

function writePool(context: PassContext, pool: VirtualMtaPool, tenant: string, members: readonly VirtualMta[]): void {
  const { egress, policy } = context;
  const tags = openingTags(pool.blocks);
  const sources = members.map((member) => egress.sourcesOf.get(member.name.toLowerCase()) ?? []);
  const weights = memberWeights(sources.map((list) => list.length));
  const entries = new Map<string, number>();
  sources.forEach((list, i) => {
    for (const source of list) entries.set(source, (entries.get(source) ?? 0) + (weights[i] ?? 1));
  });
  const made = { entries, origins: [], comments: [] as string[] };
  if (entries.size === 0) made.comments.push('no member is defined: mail of this pool waits');
  addOrigins(made, tags);
  policy.pools.set(pool.name, made);
  const block = blockIn(policy.tenants, tenant);
  block.fields.set('egress_pool', { value: pool.name, origins: tags.map((tag) => tag.span) });
  addOrigins(block, tags);
}

/** Weights that make members share equally although some have several addresses: M5 8.3 takes turns by member. */
function memberWeights(addressCounts: readonly number[]): readonly number[] {
  const total = addressCounts.filter((count) => count > 0).reduce(leastCommonMultiple, 1);
  return addressCounts.map((count) => (count === 0 ? 0 : total / count));
}

function leastCommonMultiple(a: number, b: number): number {
  const divisor = (x: number, y: number): number => (y === 0 ? x : divisor(y, x % y));
  return (a / divisor(a, b)) * b;
}

/** Everything of a virtual-mta that follows the tenant, as a text to compare. */
function tenantProfile(vmta: VirtualMta): string {
  const keys = vmta.blocks.flatMap((block) => block.settings.filter((line) => OWN_FOLLOWS_TENANT.has(line.name)));
  const domains = vmta.domains.blocks.flatMap(({ block, patterns }) =>
    block.settings
      .filter((line) => FOLLOWS_TENANT.has(line.name) || line.name.includes('dkim'))
      .map((line) => [JSON.stringify(patterns), line.name, line.raw]),
  );
  return JSON.stringify([keys.map((line) => line.raw), domains, vmta.domainPool?.name ?? '']);
}
