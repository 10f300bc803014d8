import { dirname } from 'node:path/posix';
import type { SigningKey } from '../kumo/model';
import { vmtaSettings } from '../pmta/match';
import type { Setting, VirtualMta } from '../pmta/model';
import { claimCopy } from './copies';
import type { PassContext } from './pass';

/** Every key of the configuration, in the order in which PowerMTA tries them. */
export interface SigningKeys {
  readonly global: readonly SigningKey[];
  readonly byTenant: Map<string, readonly SigningKey[]>;
  /** `<domain-key-list>` by lower-cased name; none where no message may choose one. */
  readonly lists: ReadonlyMap<string, readonly SigningKey[]>;
  readonly all: readonly SigningKey[];
}

/** Reads the domain-key lines, settles them as `by`, and asks for the key files to be copied (M5 3.3.1.33.1). */
export function collectKeys(context: PassContext, by: string): SigningKeys {
  const { config, egress } = context;
  const global = config.top.settings.flatMap((line) => keyOf(context, line, by));
  const byTenant = new Map<string, readonly SigningKey[]>();
  const keep = (name: string, vmta: VirtualMta): void => {
    const own = vmtaSettings(config, vmta, 'domain-key').filter((line) => line.scope.kind !== 'global');
    const tenant = egress.tenantOf.get(name.toLowerCase());
    if (tenant !== undefined && own.length > 0)
      byTenant.set(
        tenant,
        own.flatMap((line) => keyOf(context, line, by)),
      );
  };
  for (const vmta of config.virtualMtas.values()) keep(vmta.name, vmta);
  for (const pool of config.pools.values()) {
    const member = config.virtualMtas.get(pool.members[0]?.name.toLowerCase() ?? '');
    const byMember = context.policy.lua.memberPools.has(egress.tenantOf.get(pool.name.toLowerCase()) ?? '');
    if (member !== undefined && !byMember) keep(pool.name, member);
  }
  // Keys that everybody tries anyway, in the same order, need not be a tenant's own.
  for (const [tenant, keys] of byTenant) if (contentOf(keys) === contentOf(global)) byTenant.delete(tenant);
  const lists = keyLists(context, by);
  return { global, byTenant, lists, all: [global, ...byTenant.values(), ...lists.values()].flat() };
}

/** Lists of keys that X-DKIM-Options chooses by name (M5 3.3.19); nothing else leads to them. */
function keyLists(context: PassContext, by: string): ReadonlyMap<string, readonly SigningKey[]> {
  const lists = new Map<string, readonly SigningKey[]>();
  const chosen = someRule(context, 'process_x_dkim_options');
  for (const [name, blocks] of context.config.named.get('domain-key-list') ?? []) {
    const lines = blocks.flatMap((block) => block.settings);
    const tags = blocks.flatMap(({ tag }) => tag ?? []);
    if (chosen) {
      for (const tag of tags) context.ledger.settle(tag, 'exact', by);
      lists.set(
        name,
        lines.flatMap((line) => keyOf(context, line, by)),
      );
      continue;
    }
    for (const line of [...tags, ...lines.filter(({ value }) => value !== undefined)])
      context.ledger.settle(line, 'implicit', by, 'No source honours X-DKIM-Options, so no message chooses this list.');
  }
  return lists;
}

/** True when some client's messages are under a rule that switches `key` on. */
export function someRule({ policy }: PassContext, key: string): boolean {
  return [...policy.lua.sourcesByCidr.values(), ...policy.lua.sourcesByName.values()].some(
    ({ fields }) => fields.get(key)?.value === true,
  );
}

function keyOf(context: PassContext, line: Setting, by: string): readonly SigningKey[] {
  if (line.name !== 'domain-key' || line.value?.kind !== 'domain-key') return [];
  const { selector, domain, file: from } = line.value;
  const lower = domain.toLowerCase();
  const file = keyFile(context, line, lower === '*' ? 'any' : lower, selector, from);
  context.ledger.settle(line, 'exact', by);
  return [{ selector, domain: lower, file, origins: [line.span] }];
}

/** The helper's own place for a key, unless another key file has taken it already. */
function keyFile(context: PassContext, line: Setting, domain: string, selector: string, from: string): string {
  const folder = `${dirname(context.options.installDir)}/dkim/${safeSegment(domain)}`;
  const path = (n: number) => `${folder}/${safeSegment(selector)}${n === 1 ? '' : `-${n}`}.key`;
  return claimCopy(context, from, path, 'DKIM key', line);
}

function safeSegment(text: string): string {
  const safe = text.replace(/[^A-Za-z0-9._-]/g, '_');
  return /^\.+$/.test(safe) ? '_' : safe;
}

function contentOf(keys: readonly SigningKey[]): string {
  return JSON.stringify(keys.map(({ selector, domain, file }) => [selector, domain, file]));
}
