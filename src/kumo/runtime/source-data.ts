import { asTable, type PolicyTable, type PolicyValue } from '../api/value';
import type { Context } from './context';
import type { LoadedData } from './files';
import type { Place } from './finding';
import { checkTable } from './uses';

export interface PoolEntry {
  readonly name: string;
  readonly weight: number;
}

/** What the sources helper knows. */
export interface SourceData {
  readonly sources: ReadonlyMap<string, PolicyTable>;
  readonly pools: ReadonlyMap<string, readonly PoolEntry[]>;
  placeOfPool(name: string): Place | undefined;
  /** Where a field of a source stands, or the source where none is given. */
  placeOfSource(name: string, field?: string): Place | undefined;
}

/** Reads the files of the sources helper, all of them unless `complete` is false; sources merge by field, pool entries append (facts: helpers, sources.toml). */
export function readSourceData(list: readonly LoadedData[], context: Context, complete = true): SourceData {
  const sources = new Map<string, PolicyTable>();
  const files = new Map<string, LoadedData[]>();
  const pools = new Map<string, PoolEntry[]>();
  const places = new Map<PoolEntry, Place | undefined>();
  const poolPlaces = new Map<string, Place | undefined>();
  for (const data of list) {
    for (const key of Object.keys(data.table)) {
      if (key !== 'source' && key !== 'pool') {
        context.findings.add(
          'tree-unknown-field',
          `the sources file knows source and pool only, not ${key}`,
          data.placeOf([key]),
        );
      }
    }
    for (const [name, table] of blocks(data.table['source'], 'source', data, context)) {
      readSource(name, table, sources, data, context);
      files.set(name, [...(files.get(name) ?? []), data]);
    }
    for (const [name, table] of blocks(data.table['pool'], 'pool', data, context)) {
      const entries = pools.get(name) ?? [];
      pools.set(name, entries);
      poolPlaces.set(name, poolPlaces.get(name) ?? data.placeOf(['pool', name]));
      for (const entry of readPool(name, table, data, context)) {
        entries.push(entry);
        places.set(entry, data.placeOf(['pool', name, entry.name]));
      }
    }
  }
  for (const [pool, entries] of complete ? pools : []) {
    for (const entry of entries) {
      if (sources.has(entry.name) || entry.name === 'unspecified') continue;
      context.findings.add(
        'tree-source-undefined',
        `the pool ${pool} names the source ${entry.name}, which is not defined; mail for the pool would be refused`,
        places.get(entry),
      );
    }
  }
  return {
    sources,
    pools,
    placeOfPool: (name) => poolPlaces.get(name),
    placeOfSource(name, field) {
      const has = (data: LoadedData) =>
        field === undefined || asTable(asTable(data.table['source'])?.[name])?.[field] !== undefined;
      return files
        .get(name)
        ?.findLast(has)
        ?.placeOf(['source', name, ...(field === undefined ? [] : [field])]);
    },
  };
}

function blocks(
  value: PolicyValue | undefined,
  key: string,
  data: LoadedData,
  context: Context,
): readonly (readonly [string, PolicyTable])[] {
  const outer = value === undefined ? {} : asTable(value);
  if (outer === undefined) context.findings.add('tree-bad-type', `${key} has to be a table`, data.placeOf([key]));
  return Object.entries(outer ?? {}).flatMap(([name, item]) => {
    const table = asTable(item);
    if (table !== undefined) return [[name, table] as const];
    context.findings.add('tree-bad-type', `${key}.${name} has to be a table`, data.placeOf([key, name]));
    return [];
  });
}

function readSource(
  name: string,
  table: PolicyTable,
  sources: Map<string, PolicyTable>,
  data: LoadedData,
  context: Context,
): void {
  const place = (rest: readonly string[]) => data.placeOf(['source', name, ...rest]);
  const where = `source.${name}`;
  checkTable(context, 'egress_source', table, false, where, place);
  const merged = { name, ...sources.get(name), ...table };
  sources.set(name, merged);
  for (const proxy of ['ha_proxy', 'socks5_proxy'] as const) {
    const server = Object.hasOwn(merged, `${proxy}_server`);
    const address = Object.hasOwn(merged, `${proxy}_source_address`);
    if (server === address) continue;
    context.findings.add(
      'tree-proxy-incomplete',
      `${where}: ${proxy}_server and ${proxy}_source_address work only together; the proxy is not used`,
      place([server ? `${proxy}_server` : `${proxy}_source_address`]),
    );
  }
}

function readPool(name: string, table: PolicyTable, data: LoadedData, context: Context): readonly PoolEntry[] {
  return Object.entries(table).flatMap(([source, item]) => {
    const entry = asTable(item);
    const place = (rest: readonly string[]) => data.placeOf(['pool', name, source, ...rest]);
    if (entry === undefined) {
      context.findings.add(
        'tree-bad-type',
        `pool.${name}.${source} has to be a table; a pool holds nothing but its sources`,
        place([]),
      );
      return [];
    }
    checkTable(context, 'egress_pool_entry', entry, false, `pool.${name}.${source}`, place);
    const weight = entry['weight'];
    return [{ name: source, weight: typeof weight === 'number' ? weight : 1 }];
  });
}
