import type { Span } from '../diagnostics/span';
import {
  emptyBlock,
  emptyPathBlock,
  emptyQueueBlock,
  type Field,
  type FieldBlock,
  type FieldMap,
  type KumoPolicy,
  type KumoValue,
  type PathBlock,
  type ProviderBlock,
  type ProviderMatch,
  type QueueBlock,
} from '../kumo/model';
import type { ScopeBlock, Setting } from '../pmta/model';

/** Comment on a value that no line of the input asks for. */
export const PMTA_DEFAULT = 'PowerMTA default';

/** A field with the lines of `settings` as its origin; without settings it is PowerMTA's default. */
export function field(value: KumoValue, settings: readonly Setting[]): Field {
  const origins = settings.map((setting) => setting.span);
  return origins.length === 0 ? { value, origins, comment: PMTA_DEFAULT } : { value, origins };
}

/** Sets a field that nothing has set yet; setting one twice is a fault of the passes, not of the input. */
export function setField(fields: FieldMap, name: string, value: KumoValue, settings: readonly Setting[]): void {
  if (fields.has(name)) throw new Error(`field ${name} is set by two passes`);
  fields.set(name, field(value, settings));
}

/** Adds one entry to a table field such as additional_connection_limits. */
export function addEntry(
  fields: FieldMap,
  name: string,
  key: string,
  value: KumoValue,
  settings: readonly Setting[],
): void {
  const known = fields.get(name);
  const table = known === undefined || typeof known.value !== 'object' || Array.isArray(known.value) ? {} : known.value;
  const origins = [...(known?.origins ?? []), ...settings.map((setting) => setting.span)];
  fields.set(name, { value: { ...table, [key]: value }, origins });
}

/** The block `["domain"]` of shaping.toml, made when it is first needed. */
export function pathBlock(policy: KumoPolicy, domain: string): PathBlock {
  return getOrAdd(policy.shaping.domains, domain, emptyPathBlock);
}

/** The block `[queue."domain"]`; `default` for all domains. */
export function queueBlock(policy: KumoPolicy, domain: string): QueueBlock {
  return getOrAdd(policy.queues, domain, emptyQueueBlock);
}

export function blockIn(map: Map<string, FieldBlock>, key: string): FieldBlock {
  return getOrAdd(map, key, emptyBlock);
}

/**
 * The provider that stands for settings which follow a source to every domain: KumoMTA accepts
 * `["default".sources."x"]` but never reads it. It is the first provider, so that every other one overrides it.
 */
export function anyProvider(policy: KumoPolicy): ProviderBlock {
  const first = policy.shaping.providers[0];
  if (first?.name === ANY_PROVIDER) return first;
  const provider = emptyProvider(ANY_PROVIDER, [{ DomainSuffix: '' }]);
  policy.shaping.providers.unshift(provider);
  return provider;
}

export const ANY_PROVIDER = 'pmta-any';

export function emptyProvider(name: string, match: ProviderMatch[]): ProviderBlock {
  return { name, match, fields: new Map(), origins: [], comments: [], sources: new Map(), automation: [] };
}

/** Adds the places of `settings` to a block's origins, each once. */
export function addOrigins(block: { readonly origins: Span[] }, settings: readonly Setting[]): void {
  if (settings.length > FEW) {
    addMany(block.origins, settings);
    return;
  }
  for (const { span } of settings) {
    if (!block.origins.some((known) => known.source === span.source && known.start === span.start)) {
      block.origins.push(span);
    }
  }
}

/** Lines of one call for which comparing each with each is not worth an index. */
const FEW = 16;

function addMany(origins: Span[], settings: readonly Setting[]): void {
  const known = new Map<Span['source'], Set<number>>();
  for (const { source, start } of origins) getOrAdd(known, source, () => new Set<number>()).add(start);
  for (const { span } of settings) {
    const starts = getOrAdd(known, span.source, () => new Set<number>());
    if (starts.has(span.start)) continue;
    starts.add(span.start);
    origins.push(span);
  }
}

/** The opening tags of blocks. */
export function openingTags(blocks: readonly ScopeBlock[]): readonly Setting[] {
  return blocks.flatMap(({ tag }) => (tag === undefined ? [] : [tag]));
}

/** The opening tags of the blocks in which lines stand. */
export function tagsAround(settings: readonly Setting[]): readonly Setting[] {
  return openingTags(settings.map(({ scope }) => scope));
}

export function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
