import { constants, type Stats } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from './environment';
import { MANIFEST_PATH, type ManifestFiles, readManifest } from './manifest';

/** Put into a tree before it becomes the backup, so that no other folder is ever taken for one. */
export const BACKUP_MARKER = '.pmta2kumo-backup';

/** Something in a folder: path with forward slashes, relative to it. Links are not followed. */
export interface TreeEntry {
  readonly path: string;
  readonly type: 'file' | 'directory' | 'link' | 'other';
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** What stands where the tree is to be written. */
export type TreeState = { readonly kind: 'absent' | 'empty' | 'not-a-folder' } | PresentTree;

export interface PresentTree {
  readonly kind: 'tree';
  /** The folder itself; its path is empty. */
  readonly root: TreeEntry;
  /** Parents before what is in them. */
  readonly entries: readonly TreeEntry[];
  /** What an earlier run wrote; undefined without a manifest. */
  readonly manifest: ManifestFiles | undefined;
}

/** Looks at `dir`, through no link. Throws system errors. */
export async function readTreeState(dir: string): Promise<TreeState> {
  let root: TreeEntry;
  try {
    root = entryOf('', await lstat(dir));
    if (root.type !== 'directory') return { kind: 'not-a-folder' };
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return { kind: 'absent' };
    throw error;
  }
  const entries = (await listTree(dir, '')).filter((entry) => entry.path !== BACKUP_MARKER);
  if (entries.length === 0) return { kind: 'empty' };
  const manifest = entries.some((entry) => entry.path === MANIFEST_PATH && entry.type === 'file')
    ? readManifest((await readInside(dir, MANIFEST_PATH)).toString('utf8'))
    : undefined;
  return { kind: 'tree', root, entries, manifest };
}

/** The bytes of a file of the tree; a link in its place is an error. */
export function readInside(dir: string, path: string): Promise<Buffer> {
  return readFile(join(dir, path), { flag: constants.O_RDONLY | constants.O_NOFOLLOW });
}

async function listTree(root: string, below: string): Promise<readonly TreeEntry[]> {
  const found: TreeEntry[] = [];
  for (const name of (await readdir(join(root, below))).sort()) {
    const path = below === '' ? name : `${below}/${name}`;
    const entry = entryOf(path, await lstat(join(root, path)));
    found.push(entry);
    if (entry.type === 'directory') found.push(...(await listTree(root, path)));
  }
  return found;
}

function entryOf(path: string, stats: Stats): TreeEntry {
  const { mode, uid, gid } = stats;
  return { path, type: typeOf(stats), mode: mode & 0o7777, uid, gid };
}

function typeOf(stats: Stats): TreeEntry['type'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'link' : 'other';
}
