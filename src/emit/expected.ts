import { asTable, type PolicyTable, type PolicyValue } from '../kumo/api/value';
import { formatDuration } from '../kumo/format';
import type { FieldBlock, FieldMap, KumoPolicy, KumoValue, PathBlock, ProviderBlock, QueueBlock } from '../kumo/model';
import { actionValues } from './document-shaping';
import { bounceRulePath } from './view-start';

/** The data a file has to hold. A map, not an object, so that no name of the input can be special. */
export type Tree = KumoValue | ReadonlyMap<string, Tree> | readonly Tree[];

/** Path of each TOML file → what it has to say, straight from the policy and not by way of the documents. */
export function expectedData(policy: KumoPolicy): ReadonlyMap<string, Tree> {
  const { dkim, bounceRules } = policy;
  const all = new Map<string, Tree>([
    ['sources.toml', sources(policy)],
    ['queues.toml', queues(policy)],
    ['shaping.toml', shaping(policy)],
    ['listener_domains.toml', blocks(policy.listenerDomains)],
    [
      'dkim_data.toml',
      table([
        ['base', fields(dkim.base.fields)],
        ['domain', blocks(dkim.domains)],
        ['signature', blocks(dkim.signatures)],
      ]),
    ],
    ['smtp_users.toml', users(policy)],
  ]);
  bounceRules.forEach(({ rules }, index) => {
    all.set(bounceRulePath(index, bounceRules.length), new Map([['rules', rules]]));
  });
  return all;
}

/** The same as plain tables, for whoever reads them as KumoMTA does. */
export function expectedTables(policy: KumoPolicy): ReadonlyMap<string, PolicyTable> {
  return new Map([...expectedData(policy)].map(([path, tree]) => [path, asTable(plainOf(tree)) ?? {}]));
}

function plainOf(tree: Tree): PolicyValue {
  if (isMap(tree)) return Object.fromEntries([...tree].map(([key, value]) => [key, plainOf(value)]));
  return isList(tree) ? tree.map(plainOf) : tree;
}

function isMap(tree: Tree): tree is ReadonlyMap<string, Tree> {
  return tree instanceof Map;
}

function isList(tree: Tree): tree is readonly Tree[] {
  return Array.isArray(tree);
}

function sources(policy: KumoPolicy): Tree {
  const pools = [...policy.pools].map(([name, { entries }]): [string, Tree] => [
    name,
    new Map([...entries].map(([source, weight]) => [source, new Map(weight === 1 ? [] : [['weight', weight]])])),
  ]);
  return table([
    ['source', blocks(policy.sources)],
    ['pool', new Map(pools)],
  ]);
}

function queues(policy: KumoPolicy): Tree {
  const all = [...policy.queues].map(([name, block]): [string, Tree] => [name, queue(block)]);
  return new Map([
    ...fields(policy.queueOptions),
    ...table([
      ['tenant', blocks(policy.tenants)],
      ['queue', new Map(all)],
    ]),
  ]);
}

function queue(block: QueueBlock): Tree {
  return new Map([...fields(block.fields), ...blocks(block.tenants)]);
}

function shaping({ shaping: { default: standard, providers, domains } }: KumoPolicy): Tree {
  const own = [...domains].map(([name, block]): [string, Tree] => [name, path(block)]);
  return new Map([
    ...table([
      ['default', path(standard)],
      ['provider', new Map(providers.map((block) => [block.name, provider(block)]))],
    ]),
    ...own,
  ]);
}

function provider(block: ProviderBlock): Tree {
  return new Map<string, Tree>([['match', block.match], ...fields(block.fields), ...sourcesAndRules(block)]);
}

function path(block: PathBlock): ReadonlyMap<string, Tree> {
  return new Map<string, Tree>([
    ...(block.mxRollup === undefined ? [] : [['mx_rollup', block.mxRollup] as const]),
    ...fields(block.fields),
    ...sourcesAndRules(block),
  ]);
}

function sourcesAndRules({ sources, automation }: PathBlock | ProviderBlock): ReadonlyMap<string, Tree> {
  const rules = automation.map((rule) => {
    const actions = actionValues(rule);
    return new Map<string, Tree>([
      ['regex', one(rule.regex)],
      ['action', one(actions)],
      ['duration', formatDuration(rule.duration)],
    ]);
  });
  return new Map<string, Tree>([
    ...table([['sources', blocks(sources)]]),
    ...(rules.length === 0 ? [] : [['automation', rules] as const]),
  ]);
}

function one(list: readonly KumoValue[]): Tree {
  const [first] = list;
  return list.length === 1 && first !== undefined ? first : list;
}

function users(policy: KumoPolicy): Tree {
  return new Map(
    [...policy.users.values()].map(({ name, password, source }) => [
      name,
      new Map([['password', password], ...(source === undefined ? [] : [['source', source] as const])]),
    ]),
  );
}

function blocks(map: ReadonlyMap<string, FieldBlock>): ReadonlyMap<string, Tree> {
  return new Map([...map].map(([name, block]) => [name, fields(block.fields)]));
}

function fields(map: FieldMap): ReadonlyMap<string, Tree> {
  return new Map([...map].map(([name, { value }]) => [name, value]));
}

/** Tables without content are not written. */
function table(entries: readonly (readonly [string, ReadonlyMap<string, Tree>])[]): ReadonlyMap<string, Tree> {
  return new Map(entries.filter(([, content]) => content.size > 0));
}
