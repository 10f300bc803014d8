import { asTable, type PolicyValue } from '../api/value';
import type { Params, ProviderBlock, ShapingBlock } from './shaping-file';
import type { AutomationRule } from './shaping-rule';

export interface Entry {
  /** Of the block that came first: what a path has until then is dropped when this entry comes. */
  readonly replaceBase: boolean;
  readonly params: Params;
  readonly sources: Map<string, Params>;
  automation: readonly AutomationRule[];
  /** The blocks that were merged, the stronger later. */
  readonly blocks: ShapingBlock[];
}

export interface Provider extends Entry {
  match: ProviderBlock['match'];
  limit: PolicyValue | undefined;
  readonly rate: string | undefined;
}

export interface Merged {
  readonly bySite: Map<string, Entry>;
  readonly byDomain: Map<string, Entry>;
  readonly byProvider: Map<string, Provider>;
}

export function merge(into: Map<string, Entry>, key: string, block: ShapingBlock): void {
  const existing = into.get(key);
  if (existing === undefined) {
    into.set(key, entryOf(block));
    return;
  }
  if (block.replaceBase) clear(existing);
  mergeParams(existing.params, block.params);
  mergeSources(existing.sources, block.sources);
  existing.automation = [...existing.automation, ...block.automation];
  existing.blocks.push(block);
}

function entryOf(block: ShapingBlock): Entry {
  const sources = new Map([...block.sources].map(([name, params]) => [name, new Map(params)]));
  const { automation, replaceBase } = block;
  return { params: new Map(block.params), sources, automation, replaceBase, blocks: [block] };
}

function clear(entry: Entry): void {
  entry.params.clear();
  entry.sources.clear();
  entry.automation = [];
  entry.blocks.length = 0;
}

/** KumoMTA takes over a later file's connection limit, but drops its message rate (crates/kumo-api-types, ProviderEntry). */
export function mergeProvider(into: Map<string, Provider>, block: ProviderBlock): void {
  const existing = into.get(block.name);
  if (existing === undefined) {
    into.set(block.name, { ...entryOf(block), match: block.match, limit: block.limit, rate: block.rate });
    return;
  }
  if (block.replaceBase) {
    clear(existing);
    existing.match = [];
    existing.limit = undefined;
  }
  existing.match = [...existing.match, ...block.match];
  existing.limit = block.limit ?? existing.limit;
  mergeParams(existing.params, block.params);
  mergeSources(existing.sources, block.sources);
  existing.automation = [...existing.automation, ...block.automation];
  existing.blocks.push(block);
}

function mergeSources(into: Map<string, Params>, sources: ReadonlyMap<string, Params>): void {
  for (const [name, params] of sources) {
    const existing = into.get(name);
    if (existing === undefined) into.set(name, new Map(params));
    else mergeParams(existing, params);
  }
}

const merging = [
  'additional_connection_limits',
  'additional_message_rate_throttles',
  'additional_source_selection_rates',
];

/** Later wins field by field; the tables of shared limits are joined entry by entry. */
export function mergeParams(into: Params, from: ReadonlyMap<string, PolicyValue>): void {
  for (const [key, value] of from) {
    const existing = asTable(into.get(key));
    const added = asTable(value);
    into.set(key, merging.includes(key) && existing && added ? { ...existing, ...added } : value);
  }
}
