import type { EgressPool, KumoPolicy } from '../kumo/model';
import { inlineTable } from './quote-toml';
import { type TomlText, tomlText } from './toml-document';
import { type NamedTable, namedTable, tableBlocks } from './toml-rows';

/** sources.toml: where mail leaves from, and the pools over it (sources helper). */
export function sourcesDocument(policy: KumoPolicy): TomlText {
  const sources = [...policy.sources].map(([name, block]) => namedTable(name, block));
  const pools = [...policy.pools].map(([name, pool]) => poolTable(name, pool));
  return tomlText([...tableBlocks(['source'], sources), ...tableBlocks(['pool'], pools)], '"');
}

function poolTable(name: string, { entries, comments, origins }: EgressPool): NamedTable {
  const members = [...entries].map(([source, weight]) => ({
    key: { name: source },
    value: inlineTable(weight === 1 ? [] : [['weight', String(weight)]]),
    origins: [],
  }));
  return { name, entries: members, comments, origins };
}
