import { createSource, positionAt } from '../diagnostics/span';
import { scanJson } from '../kumo/runtime/json-places';
import { pathKey, tomlKeyRanges } from '../kumo/runtime/toml-places';
import type { TreePlace } from './change';

/** Where names stand in the data files of a tree. */
export interface TreePlaces {
  /** The places of those paths of keys that exist, in this order, each in the first file that has it. */
  find(paths: readonly (readonly string[])[]): readonly TreePlace[];
}

/** The index of a file is built when it is first looked into. */
export function createTreePlaces(files: ReadonlyMap<string, string>): TreePlaces {
  const names = [...files.keys()].filter((path) => /\.(?:toml|json)$/.test(path) && !REPORT.test(path)).sort();
  const indexes = new Map<string, (key: string) => number | undefined>();
  const lineIn = (path: string, key: string): number | undefined => {
    const index = indexes.get(path) ?? indexOf(path, files.get(path) ?? '');
    indexes.set(path, index);
    return index(key);
  };
  return {
    find: (paths) =>
      paths.flatMap((keys) => {
        const key = pathKey(keys);
        for (const path of names) {
          const line = lineIn(path, key);
          if (line !== undefined) return [{ path, line }];
        }
        return [];
      }),
  };
}

const REPORT = /^(?:migration\.json|\.pmta2kumo\.json)$/;

function indexOf(path: string, text: string): (key: string) => number | undefined {
  const source = createSource('', text);
  const scan = path.endsWith('.json') ? scanJson(text) : { ranges: tomlKeyRanges(text) };
  const ranges = 'ranges' in scan ? scan.ranges : new Map<string, never>();
  return (key) => {
    const range = ranges.get(key);
    return range === undefined ? undefined : positionAt(source, range.start).line;
  };
}

/** Blocks and fields that decide about a thing, most special first. */
export const candidates = {
  source: (name: string, field: readonly string[]) => under(['source', name], field),
  pool: (name: string, field: readonly string[]) => under(['pool', name], field),
  queue: (domain: string, tenant: string | undefined, field: readonly string[]) => {
    const own =
      tenant === undefined
        ? []
        : [
            ['queue', domain, tenant],
            ['tenant', tenant],
          ];
    const wider = wildcardsOf(domain).map((name) => ['queue', name]);
    const blocks = [...own, ['queue', domain], ...wider, ['queue', 'default']];
    return [...blocks.flatMap((block) => withField(block, field)), ...blocks];
  },
  path: (domain: string, source: string, providers: readonly string[], field: readonly string[]) => {
    const blocks = [
      [domain, 'sources', source],
      [domain],
      ...providers.map((name) => ['provider', name, 'sources', source]),
      ...providers.map((name) => ['provider', name]),
      ['default'],
    ];
    // Of a counter that the Lua code adds, no block says anything.
    if (field[0]?.startsWith('additional_')) return blocks.map((block) => [...block, ...field]);
    return [...blocks.flatMap((block) => withField(block, field)), ...blocks];
  },
  tenant: (name: string, field: readonly string[]) => under(['tenant', name], field),
  /** Of a block at the top of a file, or in a table of that name. */
  block: (above: readonly string[], name: string, field: readonly string[]) => under([...above, name], field),
} as const;

function under(block: readonly string[], field: readonly string[]): readonly (readonly string[])[] {
  return [...withField(block, field), block];
}

/** The field, and those that it stands in. */
function withField(block: readonly string[], field: readonly string[]): readonly (readonly string[])[] {
  return field.map((_, index) => [...block, ...field.slice(0, field.length - index)]);
}

function wildcardsOf(domain: string): readonly string[] {
  const labels = domain.split('.');
  return labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join('.')}`);
}
