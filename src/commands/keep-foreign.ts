import type { EmittedFile } from '../emit/file';
import { Interrupted, keepEntry, parentsOf } from './staging';
import type { TreeEntry, TreeState } from './tree-state';

/** What became of the entries of an old tree that are not the tool's. */
export interface Carried {
  readonly kept: readonly string[];
  /** In the way of a file of the new tree, or neither file, folder nor link. */
  readonly lost: readonly string[];
}

/**
 * Copies everything foreign of the tree at `target` into the staged one; the staged files come first. Throws system
 * errors.
 */
export async function keepForeign(
  target: string,
  staging: string,
  state: Extract<TreeState, { readonly kind: 'tree' }>,
  files: readonly EmittedFile[],
  signal: AbortSignal | undefined,
): Promise<Carried> {
  const taken = new Set(files.map((file) => file.path));
  const folders = new Set(parentsOf(files));
  const foreign = new Set(state.obstacles.filter(({ why }) => why === 'foreign').map(({ path }) => path));
  const kept: string[] = [];
  const lost: string[] = [];
  for (const entry of state.entries) {
    if (signal?.aborted === true) throw new Interrupted();
    if (!isWanted(entry, foreign, folders)) continue;
    const blocked = [...ancestors(entry.path), entry.path].some((path) => taken.has(path)) || folders.has(entry.path);
    if (blocked || !(await keepEntry(target, staging, entry))) lost.push(entry.path);
    else if (entry.type !== 'directory') kept.push(entry.path);
  }
  return { kept, lost };
}

/** A folder is made when something foreign is in it and the new tree does not have it anyway. */
function isWanted(entry: TreeEntry, foreign: ReadonlySet<string>, folders: ReadonlySet<string>): boolean {
  if (entry.type !== 'directory') return foreign.has(entry.path);
  return !folders.has(entry.path) && [...foreign].some((path) => path.startsWith(`${entry.path}/`));
}

function ancestors(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.slice(0, -1).map((_, i) => parts.slice(0, i + 1).join('/'));
}
