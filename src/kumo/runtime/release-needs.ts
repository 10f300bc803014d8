import type { Chunk } from 'luaparse';
import { compareReleases, newestRelease, oldestRelease, type Release } from '../api/release';
import type { PolicyTable } from '../api/value';
import { createContext } from './create-context';
import { createReader, type DataTables } from './data-uses';
import { type ReadLua, readLua } from './lua-uses';
import { readStartCalls } from './start-calls';
import type { PlacedUse } from './uses';

/** Something for which a tree needs a newer release than the oldest that is supported. */
export interface ReleaseNeed {
  readonly what: string;
  readonly since: Release;
  /** `queues.toml:12`, the first place; empty when it cannot be told. */
  readonly where: string;
  /** Further uses. */
  readonly more: number;
}

/** The oldest KumoMTA that a tree works with. */
export interface ReleaseNeeds {
  readonly lowest: Release;
  /** What asks for it, newest first. */
  readonly features: readonly ReleaseNeed[];
}

/** Where a tree will live, and the release it was written for. */
export interface NeedOptions {
  readonly installDir: string;
  readonly target?: string;
}

/**
 * The lowest release that a tree written by this tool needs, and what for. `files` are paths relative to the tree → text,
 * `tables` what its TOML files hold. The tree is read, not run: a Lua machine takes longer to start than a small
 * conversion. That running it finds the same is tested.
 */
export function releaseNeeds(
  files: ReadonlyMap<string, string>,
  tables: ReadonlyMap<string, PolicyTable>,
  options: NeedOptions,
): ReleaseNeeds {
  const lua = new Map<string, ReadLua>();
  for (const [path, text] of files) {
    const read = path.endsWith('.lua') ? readLua(text) : undefined;
    if (read !== undefined) lua.set(path, read);
  }
  const chunkOf = (path: string): Chunk | undefined => lua.get(path)?.chunk;
  const data = { texts: files, tables, known: new Map() };
  const run = startUses('init.lua', ['pre_init', 'init'], chunkOf, data, options);
  const tsa = startUses('tsa_init.lua', ['tsa_init', 'tsa_load_shaping_data'], chunkOf, data, options);
  return summariseUses([...run, ...tsa, ...writtenUses(lua)]);
}

function startUses(
  entry: string,
  events: readonly string[],
  chunkOf: (path: string) => Chunk | undefined,
  data: DataTables,
  { installDir, target = newestRelease }: NeedOptions,
): readonly PlacedUse[] {
  const reader = createReader(createContext(data.texts, { installDir, target }), data);
  readStartCalls(entry, events, chunkOf, reader.onCall);
  return reader.uses();
}

/** What Lua files name, in handlers too. */
function writtenUses(lua: ReadonlyMap<string, ReadLua>): readonly PlacedUse[] {
  return [...lua].flatMap(([path, { uses }]) =>
    uses.map(({ what, since, line }) => ({ what, since, place: { path, line }, count: 1 })),
  );
}

/** Uses that are one thing become one line, at the place that comes first. */
export function summariseUses(uses: readonly PlacedUse[]): ReleaseNeeds {
  const features = new Map<string, ReleaseNeed>();
  for (const { what, since, place, count } of uses) {
    if (compareReleases(since, oldestRelease) <= 0) continue;
    const known = features.get(what);
    const where = place === undefined ? '' : place.line === undefined ? place.path : `${place.path}:${place.line}`;
    // What ran and what is written are often one place, seen twice.
    const again = known === undefined ? count - 1 : known.where === where ? 0 : count;
    features.set(
      what,
      known === undefined ? { what, since, where, more: again } : { ...known, more: known.more + again },
    );
  }
  const sorted = [...features.values()].sort((a, b) => compareReleases(b.since, a.since) || (a.what < b.what ? -1 : 1));
  return { lowest: sorted[0]?.since ?? oldestRelease, features: sorted };
}
