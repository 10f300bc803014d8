import { type LoadOptions, loadTree, loadTsa } from '../../src/kumo/runtime/load-tree';
import { usesInLua } from '../../src/kumo/runtime/lua-uses';
import { type ReleaseNeeds, summariseUses } from '../../src/kumo/runtime/release-needs';

/**
 * The lowest release a tree needs, by running it in the model of KumoMTA, which meets every call, field and key; code that
 * only runs for a message is read.
 */
export async function needsByRunning(files: ReadonlyMap<string, string>, options: LoadOptions): Promise<ReleaseNeeds> {
  const tree = await loadTree(files, options);
  const run = tree.uses();
  tree.close();
  const tsa = files.has('tsa_init.lua') ? (await loadTsa(files, options)).uses : [];
  const written = [...files]
    .filter(([path]) => path.endsWith('.lua'))
    .flatMap(([path, text]) =>
      usesInLua(text).map(({ what, since, line }) => ({ what, since, place: { path, line }, count: 1 })),
    );
  return summariseUses([...run, ...tsa, ...written]);
}
