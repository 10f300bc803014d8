import { compareReleases, oldestRelease, type Release } from '../api/release';
import { type LoadOptions, loadTree, loadTsa } from './load-tree';
import { usesInLua } from './lua-uses';
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

/**
 * The lowest release a tree (paths relative to it → text) needs, and what for. The tree is run in the model of KumoMTA,
 * which meets every call, field and key and knows since when each exists; code that only runs for a message is read.
 */
export async function releaseNeeds(files: ReadonlyMap<string, string>, options: LoadOptions): Promise<ReleaseNeeds> {
  const tree = await loadTree(files, options);
  const run = tree.uses();
  tree.close();
  const tsa = files.has('tsa_init.lua') ? (await loadTsa(files, options)).uses : [];
  return summary([...run, ...tsa, ...written(files)]);
}

function written(files: ReadonlyMap<string, string>): readonly PlacedUse[] {
  return [...files]
    .filter(([path]) => path.endsWith('.lua'))
    .flatMap(([path, text]) =>
      usesInLua(text).map(({ what, since, line }) => ({ what, since, place: { path, line }, count: 1 })),
    );
}

function summary(uses: readonly PlacedUse[]): ReleaseNeeds {
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
