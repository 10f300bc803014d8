import { asTable, type PolicyTable, type PolicyValue } from '../api/value';
import { type BoundedMemory, createBoundedMemory } from '../bounded-memory';
import type { Context } from './context';
import type { LoadedData } from './files';
import type { Place } from './finding';
import { type Params, type ProviderMatch, readShapingFile, type ShapingBlock, type ShapingFile } from './shaping-file';
import { type Entry, type Merged, merge, mergeParams, mergeProvider, type Provider } from './shaping-merge';
import { type AutomationRule, ruleMatches } from './shaping-rule';

/** A rule together with what it applies to: the whole site, or the literal domain only. */
export interface ApplicableRule extends AutomationRule {
  readonly rollup: boolean;
}

/** Merged shaping files, as `kumo.shaping.load` returns them. */
export interface Shaping {
  /** Fields for a path, least special first (facts: resolution of shaping). */
  pathFor(domain: string, source: string, site: string): PolicyTable;
  /** Where the value of a field of a path stands (`key` below it for a shared counter); undefined for none. */
  placeFor(domain: string, source: string, site: string, field: string, key?: string): Place | undefined;
  /** Rules tried for mail to a recipient domain at a site. */
  rulesFor(domain: string, site: string): readonly ApplicableRule[];
  /** Rules that fit a reply on one line. */
  matching(domain: string, site: string, reply: string): readonly ApplicableRule[];
  /** Blocks with rollup whose domain a provider matches too. */
  overlaps(): readonly {
    readonly domain: string;
    readonly providers: readonly string[];
    readonly place: Place | undefined;
  }[];
  /** Sources named under `sources`, each with the blocks that name it. */
  readonly referencedSources: ReadonlyMap<string, readonly string[]>;
}

/** Merges shaping files in the order of the list. */
export function loadShaping(list: readonly LoadedData[], context: Context): Shaping {
  const merged: Merged = { bySite: new Map(), byDomain: new Map(), byProvider: new Map() };
  const remembered = createBoundedMemory<string, readonly ApplicableRule[]>(MOST_DOMAINS);
  const siteNames = new Map<string, Set<string>>();
  const rollups = new Map<string, Place | undefined>();
  for (const file of list.map((data) => readShapingFile(data, context))) {
    if (file.default !== undefined) merge(merged.byDomain, 'default', file.default);
    for (const block of file.domains.filter(({ mxRollup }) => mxRollup)) {
      rollups.set(block.name, rollups.get(block.name) ?? file.data.placeOf([block.name]));
    }
    for (const block of file.domains) addDomain(block, file, merged, siteNames, context);
    for (const provider of file.providers) mergeProvider(merged.byProvider, provider);
  }
  return {
    pathFor: (domain, source, site) => resolvePath(merged, context, domain, source, site),
    placeFor: (domain, source, site, field, key) =>
      placeFor(layersOf(merged, context, domain, site), source, field, key),
    rulesFor: (domain, site) => remembered.get(`${domain} ${site}`, () => rulesFor(merged, context, domain, site)),
    matching: (domain, site, reply) =>
      rulesFor(merged, context, domain, site).filter((rule) => ruleMatches(rule, reply)),
    overlaps: () =>
      [...rollups].flatMap(([domain, place]) => {
        const providers = matchingProviders(merged, context, domain)
          .filter(([, { match }]) => !match.some(isEverybody))
          .map(([name]) => name);
        return providers.length === 0 ? [] : [{ domain, providers, place }];
      }),
    referencedSources: referencedSources(merged),
  };
}

/** Every name ends in nothing: such a provider stands for all domains, as `default` does. */
function isEverybody({ kind, text }: ProviderMatch): boolean {
  return kind === 'DomainSuffix' && text === '';
}

function addDomain(
  block: ShapingBlock,
  file: ShapingFile,
  merged: Merged,
  siteNames: Map<string, Set<string>>,
  context: Context,
): void {
  const place = file.data.placeOf([block.name]);
  const { name } = block;
  if (!block.mxRollup) {
    if (name !== name.toLowerCase()) {
      context.findings.add('tree-upper-case', `${name}: routing domains are compared in lower case`, place);
    }
    merge(merged.byDomain, name, block);
    return;
  }
  // A warning of KumoMTA's only (kumo-api-types, shaping.rs, merging of domains).
  if (!name.includes('.') && !name.startsWith('[')) {
    const text = `${name} is a single label; a domain has to be quoted as a whole, as in ["${name}.com"]`;
    context.findings.add('tree-single-label', text, place);
  }
  if (/\.(kumomta\.internal|log_hook|tsa\.kumomta|rollup|queue|ip_rollup)$/.test(name)) {
    const text = `${name} has no MX records, so a block with mx_rollup drops out`;
    context.findings.add('tree-block-dropped', text, place);
    return;
  }
  const site = context.mx.siteOf(name);
  if (site === '') {
    context.findings.add('tree-null-mx', `${name} has a null MX, so a block with mx_rollup drops out`, place);
    return;
  }
  const names = siteNames.get(site) ?? new Set();
  if (names.size > 0 && !names.has(name)) {
    const text = `${name} has the same MX hosts as ${[...names].join(', ')}: the blocks are merged, the last one wins`;
    context.findings.add('tree-site-shared', text, place);
  }
  siteNames.set(site, names.add(name));
  merge(merged.bySite, site, block);
}

function resolvePath(merged: Merged, context: Context, domain: string, source: string, site: string): PolicyTable {
  const params: Params = new Map();
  const bySite = merged.bySite.get(site);
  const byDomain = merged.byDomain.get(domain);
  mergeParams(params, merged.byDomain.get('default')?.params ?? new Map());
  const providers = matchingProviders(merged, context, domain);
  for (const [name, provider] of providers) {
    mergeParams(params, provider.params);
    mergeParams(params, impliedBy(name, provider, source, params));
  }
  for (const [name, provider] of providers) {
    const own = provider.sources.get(source);
    if (own === undefined) continue;
    mergeParams(params, own);
    mergeParams(params, impliedBy(name, provider, source, params));
  }
  for (const entry of [bySite, byDomain]) {
    if (entry?.replaceBase) params.clear();
    if (entry !== undefined) mergeParams(params, entry.params);
  }
  for (const layer of [bySite?.sources.get(source), byDomain?.sources.get(source)]) {
    if (layer !== undefined) mergeParams(params, layer);
  }
  return Object.fromEntries(params);
}

/** What a path is made of, least special first; sources of a layer count after all layers (see `resolvePath`). */
function layersOf(merged: Merged, context: Context, domain: string, site: string): readonly Entry[] {
  const own = [merged.bySite.get(site), merged.byDomain.get(domain)].filter((entry) => entry !== undefined);
  const standard = merged.byDomain.get('default');
  const providers = matchingProviders(merged, context, domain).map(([, provider]) => provider);
  return [...(standard === undefined ? [] : [standard]), ...providers, ...own];
}

function placeFor(layers: readonly Entry[], source: string, field: string, key: string | undefined): Place | undefined {
  const inner = key === undefined ? [] : [key];
  const holds = (table: ReadonlyMap<string, PolicyValue> | undefined): boolean => {
    const value = table?.get(field);
    return value !== undefined && (key === undefined || asTable(value)?.[key] !== undefined);
  };
  for (const { blocks } of layers.toReversed()) {
    const block = blocks.findLast(({ sources }) => holds(sources.get(source)));
    if (block !== undefined) return block.placeOf(['sources', source, field, ...inner]);
  }
  for (const { blocks } of layers.toReversed()) {
    const block = blocks.findLast(({ params }) => holds(params));
    if (block !== undefined) return block.placeOf([field, ...inner]);
  }
  return undefined;
}

/** What a matching provider adds by itself; takes its own key out of `params`. */
function impliedBy(name: string, provider: Provider, source: string, params: Params): Params {
  const implied: Params = new Map([['provider_name', name]]);
  const label = `shaping-provider-${name}-${source}`;
  const selection = params.get('provider_source_selection_rate');
  params.delete('provider_source_selection_rate');
  if (provider.limit !== undefined) implied.set('additional_connection_limits', { [`${label}-limit`]: provider.limit });
  if (provider.rate !== undefined)
    implied.set('additional_message_rate_throttles', { [`${label}-rate`]: provider.rate });
  if (selection !== undefined)
    implied.set('additional_source_selection_rates', { [`${label}-selection-rate`]: selection });
  return implied;
}

/** Beyond this many domains, what is remembered of them is forgotten. */
const MOST_DOMAINS = 10_000;

type Matches = readonly (readonly [string, Provider])[];
const matches = new WeakMap<Merged, BoundedMemory<string, Matches>>();

function matchingProviders(merged: Merged, context: Context, domain: string): Matches {
  const memory = matches.get(merged) ?? createBoundedMemory<string, Matches>(MOST_DOMAINS);
  matches.set(merged, memory);
  return memory.get(domain, () => findProviders(merged, context, domain));
}

function findProviders(merged: Merged, context: Context, domain: string): Matches {
  // Literals, ports and URLs are no DNS names, and providers are not asked for them.
  if (!/^[\w.*-]+$/.test(domain) && /^[\x00-\x7f]*$/.test(domain)) return [];
  return [...merged.byProvider].filter(([, provider]) => providerMatches(provider, domain, context));
}

function providerMatches(provider: Provider, domain: string, context: Context): boolean {
  const name = domain.replace(/\.$/, '');
  if (provider.match.some((rule) => rule.kind === 'DomainSuffix' && name.endsWith(rule.text))) return true;
  const rules = provider.match.filter((rule) => rule.kind !== 'DomainSuffix');
  if (rules.length === 0) return false;
  const hosts = context.mx.resolve(domain)?.hosts ?? [];
  const fits = (host: string) =>
    rules.some((rule) => (rule.kind === 'MXSuffix' ? host.endsWith(rule.text) : host === rule.text));
  return hosts.length > 0 && hosts.every(fits);
}

function rulesFor(merged: Merged, context: Context, domain: string, site: string): readonly ApplicableRule[] {
  const mark = (rules: readonly AutomationRule[] | undefined, rollup: boolean) =>
    (rules ?? []).map((rule) => ({ ...rule, rollup }));
  return [
    ...mark(merged.byDomain.get('default')?.automation, true),
    ...matchingProviders(merged, context, domain).flatMap(([, provider]) => mark(provider.automation, false)),
    ...mark(merged.bySite.get(site)?.automation, true),
    ...mark(merged.byDomain.get(domain)?.automation, false),
  ];
}

function referencedSources(merged: Merged): ReadonlyMap<string, readonly string[]> {
  const result = new Map<string, string[]>();
  const note = (label: string, entries: ReadonlyMap<string, Entry>) => {
    for (const [name, entry] of entries) {
      for (const source of entry.sources.keys()) {
        const blocks = result.get(source) ?? [];
        blocks.push(`${label} ${name}`);
        result.set(source, blocks);
      }
    }
  };
  note('site', merged.bySite);
  note('domain', merged.byDomain);
  note('provider', merged.byProvider);
  return result;
}
