import { type DomainBlocks, domainScopeOf } from './domain-blocks';
import { excerpt, type ResolveContext, valueOrAll } from './draft';
import { groupBy } from './group-by';
import type { ScopeBlock, Setting, VirtualMta, VirtualMtaPool } from './model';
import { weightedMember } from './read-value';

export interface Senders {
  /** By lower-cased name; `{default}` is always in it. */
  readonly virtualMtas: ReadonlyMap<string, VirtualMta>;
  /** By lower-cased name. */
  readonly pools: ReadonlyMap<string, VirtualMtaPool>;
}

/** The virtual-mta of mail for which none was chosen (M5 10.3.2). */
const DEFAULT = '{default}';

/** Merges the blocks of each virtual-mta and each pool, and joins the two: they share one name space (M5 8.3). */
export function readSenders(context: ResolveContext, top: ScopeBlock, domains: DomainBlocks): Senders {
  const pools = new Map<string, VirtualMtaPool>();
  for (const [key, blocks] of blocksByName(top, 'virtual-mta-pool')) {
    const members = blocks.flatMap((block) => block.settings.flatMap(memberOf));
    pools.set(key, { name: nameOf(blocks, key), blocks, domains: domainScopeOf(blocks, domains), members });
  }
  const poolsOf = poolsByMember(pools);
  const virtualMtas = new Map<string, VirtualMta>();
  for (const [key, blocks] of [...blocksByName(top, 'virtual-mta'), [DEFAULT, []] as const]) {
    if (virtualMtas.has(key)) continue;
    const own = poolsOf.get(key) ?? [];
    const [domainPool] = own.filter(({ domains: { blocks } }) => blocks.length > 0);
    const vmta = { name: nameOf(blocks, key), blocks, domains: domainScopeOf(blocks, domains), pools: own };
    virtualMtas.set(key, domainPool === undefined ? vmta : { ...vmta, domainPool });
  }
  const senders = { virtualMtas, pools };
  reportClashes(context, senders);
  reportPoolConflicts(context, senders);
  return senders;
}

/** The member that a line of a pool names. A weight is a fault, but leaves no doubt who is meant. */
function memberOf(setting: Setting): readonly { readonly name: string; readonly setting: Setting }[] {
  if (setting.name !== 'virtual-mta') return [];
  const { value } = setting;
  if (value !== undefined) return [{ name: value.kind === 'text' ? value.value : setting.raw, setting }];
  const name = setting.fault === 'invalid' ? weightedMember(setting) : undefined;
  return name === undefined ? [] : [{ name, setting }];
}

function blocksByName(top: ScopeBlock, kind: ScopeBlock['kind']): ReadonlyMap<string, readonly ScopeBlock[]> {
  return groupBy(
    top.blocks.filter((block) => block.kind === kind),
    ({ argument }) => argument.toLowerCase(),
  );
}

/** The spelling of the first definition. */
function nameOf(blocks: readonly ScopeBlock[], key: string): string {
  return blocks[0]?.argument ?? key;
}

/** For each member, lower-cased, the pools that name it; each pool once. */
function poolsByMember(pools: ReadonlyMap<string, VirtualMtaPool>): ReadonlyMap<string, readonly VirtualMtaPool[]> {
  const pairs = [...pools.values()].flatMap((pool) =>
    [...new Set(pool.members.map(({ name }) => name.toLowerCase()))].map((member) => ({ member, pool })),
  );
  const byMember = groupBy(pairs, ({ member }) => member);
  return new Map([...byMember].map(([member, found]) => [member, found.map(({ pool }) => pool)]));
}

function reportClashes({ diagnostics }: ResolveContext, { virtualMtas, pools }: Senders): void {
  for (const [key, pool] of pools) {
    const vmta = virtualMtas.get(key);
    const tag = pool.blocks[0]?.tag;
    if (vmta === undefined || tag === undefined) continue;
    const other = vmta.blocks[0]?.tag?.span;
    const related = other === undefined ? [] : [{ span: other, message: 'the virtual-mta of this name' }];
    diagnostics.report('name-clash', valueOrAll(tag), { name: excerpt(pool.name) }, related);
  }
}

/** A virtual-mta may inherit the `<domain>` blocks of one pool only (M5 3.3.13.2). */
function reportPoolConflicts({ diagnostics }: ResolveContext, { virtualMtas }: Senders): void {
  for (const [key, vmta] of virtualMtas) {
    const [first, second] = vmta.pools.filter(({ domains }) => domains.blocks.length > 0);
    if (first === undefined || second === undefined) continue;
    const [one, two] = [first, second].map((pool) => pool.members.find(({ name }) => name.toLowerCase() === key));
    const related = one === undefined ? [] : [{ span: one.setting.span, message: 'a member here too' }];
    const holes = { name: excerpt(vmta.name), first: excerpt(first.name), second: excerpt(second.name) };
    diagnostics.report('pool-domains-conflict', two?.setting.span, holes, related);
  }
}
