import type { AddressParts, RewriteList } from '../kumo/reception-lua';
import { vmtaSetting } from '../pmta/match';
import type { ScopeBlock } from '../pmta/model';
import { isAddress } from './addresses';
import { tenantsOf } from './names';
import type { Pass, PassContext } from './pass';
import { settleByRow } from './settle';
import { domainSuffix, textOf } from './source-extras';

const NAME = 'rewriting';

/**
 * `<rewrite-list>`: senders and From domains, for a source or a virtual-mta (M5 3.3.18), and the suffix of unqualified
 * recipient domains (M5 3.3.1.24). Lists that nobody refers to stay out of the tree.
 */
export const rewritingPass: Pass = {
  name: NAME,
  needs: ['egress', 'pools', 'selection'],
  run(context) {
    rewriteByVirtualMta(context);
    const { rewriteLists, rewriteOf } = context.policy.lua.reception;
    const { sourcesByCidr, sourcesByName } = context.policy.lua;
    const rules = [...sourcesByCidr.values(), ...sourcesByName.values()];
    const used = new Set([...rules.map(({ fields }) => fields.get('rewrite_list')?.value), ...rewriteOf.values()]);
    for (const [name, blocks] of context.config.named.get('rewrite-list') ?? []) {
      if (used.has(name)) rewriteLists.set(name, listOf(context, blocks));
      else settleUnused(context, blocks);
    }
    qualifyDomains(context);
  },
};

/** Tenants of virtual-mtas with a list of their own or of their pool (M5 3.3.12.9, 3.3.13.7). */
function rewriteByVirtualMta(context: PassContext): void {
  const { config, ledger, policy } = context;
  const lists = config.named.get('rewrite-list');
  for (const vmta of config.virtualMtas.values()) {
    const found = vmtaSetting(config, vmta, 'rewrite-list');
    const list = found?.value.kind === 'text' ? found.value.value.toLowerCase() : '';
    if (lists?.has(list) !== true) continue;
    for (const tenant of tenantsOf(context, vmta)) policy.lua.reception.rewriteOf.set(tenant, list);
  }
  for (const line of config.settings) {
    const own = line.scope.kind === 'virtual-mta' || line.scope.kind === 'virtual-mta-pool';
    if (line.name !== 'rewrite-list' || line.value?.kind !== 'text' || !own || ledger.isSettled(line)) continue;
    if (line.value.value === '') ledger.settle(line, 'implicit', NAME, 'It names no list.');
    else if (lists?.has(line.value.value.toLowerCase()) === true) settleByRow(context, line, NAME);
    else ledger.settle(line, 'invalid', NAME, 'It names something that is not defined.');
  }
}

function listOf(context: PassContext, blocks: readonly ScopeBlock[]): RewriteList {
  const senders: { from: AddressParts; to: AddressParts }[] = [];
  const fromDomains: { from: string; to: string }[] = [];
  for (const block of blocks) {
    if (block.tag !== undefined) settleByRow(context, block.tag, NAME);
    for (const line of block.settings) {
      if (line.value?.kind !== 'rewrite') continue;
      const { from, to } = line.value;
      const sender = line.name === 'mail-from' ? senderRule(from, to) : undefined;
      if (sender !== undefined) senders.push(sender);
      else if (line.name === 'from-domain' && isAddress(`x@${to}`) && !/^\[(?!\*)/.test(from)) {
        fromDomains.push(...domainRules(from, to));
      } else {
        context.ledger.settle(
          line,
          'manual',
          NAME,
          'The pattern has parts that are not in the manual: write the rule in pmta.lua.',
        );
        continue;
      }
      settleByRow(context, line, NAME);
    }
  }
  return { senders, fromDomains };
}

/** `[*.]x` is the name and all below it. */
function domainRules(from: string, to: string): readonly { readonly from: string; readonly to: string }[] {
  const tree = /^\[\*\.\](.*)$/.exec(from)?.[1];
  return (tree === undefined ? [from] : [tree, `*.${tree}`]).map((pattern) => ({ from: pattern, to }));
}

/** Undefined for a `*` that is only a part of a name, and for what no envelope can hold. */
function senderRule(from: string, to: string): { from: AddressParts; to: AddressParts } | undefined {
  const [pattern, target] = [partsOf(from), partsOf(to)];
  if (pattern === undefined || target === undefined) return undefined;
  return { from: { user: pattern.user.toLowerCase(), domain: pattern.domain.toLowerCase() }, to: target };
}

function partsOf(text: string): AddressParts | undefined {
  if (text === '<>') return { user: '', domain: '' };
  const [, user = '', domain = ''] = /^(.*)@(.*)$/.exec(text) ?? [];
  if ([user, domain].some((part) => part !== '*' && part.includes('*'))) return undefined;
  return isAddress(`${user}@${domain === '*' ? 'x' : domain}`) ? { user, domain } : undefined;
}

function settleUnused(context: PassContext, blocks: readonly ScopeBlock[]): void {
  for (const line of blocks.flatMap(({ tag, settings }) => [...(tag === undefined ? [] : [tag]), ...settings])) {
    if (line.fault === undefined)
      context.ledger.settle(line, 'implicit', NAME, 'No source and no virtual-mta that is used refers to this list.');
  }
}

function qualifyDomains(context: PassContext): void {
  const { config, ledger, policy } = context;
  const found = domainSuffix(context);
  for (const line of config.top.settings) {
    if (line.name !== 'domain-suffix' || line.value === undefined || ledger.isSettled(line)) continue;
    if (found === undefined && textOf(line) !== '') ledger.settle(line, 'invalid', NAME, 'Its value is no domain.');
    else if (found === undefined) ledger.settle(line, 'implicit', NAME, 'There is nothing to be added to a domain.');
    else settleByRow(context, line, NAME);
  }
  if (found !== undefined) policy.lua.reception.domainSuffix = found.suffix;
}
