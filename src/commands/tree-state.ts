import { constants, type Dirent } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmittedFile } from '../emit/file';
import { isErrno } from './environment';
import { hashOf, MANIFEST_PATH, type ManifestFiles, readManifest } from './manifest';

/** Put into a tree before it becomes the backup, so that no other folder is ever taken for one. */
export const BACKUP_MARKER = '.pmta2kumo-backup';

/** Something in a folder: path with forward slashes, relative to it. Links are not followed. */
export interface TreeEntry {
  readonly path: string;
  readonly type: 'file' | 'directory' | 'link' | 'other';
}

/** Why an entry stands in the way of a new tree. */
export interface Obstacle {
  readonly path: string;
  /** `secret`: differs from what would be written, and whether a person edited it cannot be told. */
  readonly why: 'foreign' | 'edited' | 'secret';
}

/** What stands where the tree is to be written. */
export type TreeState =
  | { readonly kind: 'absent' | 'empty' | 'not-a-folder' }
  | {
      readonly kind: 'tree';
      readonly entries: readonly TreeEntry[];
      /** What an earlier run wrote; undefined without a manifest. */
      readonly manifest: ManifestFiles | undefined;
      readonly obstacles: readonly Obstacle[];
      /** Whether the tree is already, to the byte and the mode, what would be written. */
      readonly same: boolean;
    };

/** Looks at `dir` with the eyes of somebody who wants to put `files` there. Throws system errors. */
export async function inspectTree(dir: string, files: readonly EmittedFile[]): Promise<TreeState> {
  try {
    if (!(await lstat(dir)).isDirectory()) return { kind: 'not-a-folder' };
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return { kind: 'absent' };
    throw error;
  }
  const entries = (await listTree(dir, '')).filter((entry) => entry.path !== BACKUP_MARKER);
  if (entries.length === 0) return { kind: 'empty' };
  const manifest = entries.some((entry) => entry.path === MANIFEST_PATH && entry.type === 'file')
    ? readManifest((await readInside(dir, MANIFEST_PATH)).toString('utf8'))
    : undefined;
  const wanted = new Map(files.map((file) => [file.path, file]));
  const obstacles: Obstacle[] = [];
  for (const entry of entries) {
    const why = await obstacleOf(dir, entry, manifest, wanted);
    if (why !== undefined) obstacles.push({ path: entry.path, why });
  }
  return { kind: 'tree', entries, manifest, obstacles, same: await isSame(dir, entries, files) };
}

/** The bytes of a file of the tree; a link in its place is an error. */
export function readInside(dir: string, path: string): Promise<Buffer> {
  return readFile(join(dir, path), { flag: constants.O_RDONLY | constants.O_NOFOLLOW });
}

async function listTree(root: string, below: string): Promise<readonly TreeEntry[]> {
  const found: TreeEntry[] = [];
  const children = await readdir(join(root, below), { withFileTypes: true });
  for (const child of children.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = below === '' ? child.name : `${below}/${child.name}`;
    found.push({ path, type: typeOf(child) });
    if (child.isDirectory()) found.push(...(await listTree(root, path)));
  }
  return found;
}

function typeOf(entry: Dirent): TreeEntry['type'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

async function obstacleOf(
  dir: string,
  entry: TreeEntry,
  manifest: ManifestFiles | undefined,
  wanted: ReadonlyMap<string, EmittedFile>,
): Promise<Obstacle['why'] | undefined> {
  // A folder counts by what is in it.
  if (entry.type === 'directory') return undefined;
  if (manifest !== undefined && entry.path === MANIFEST_PATH) return undefined;
  if (entry.type !== 'file' || manifest === undefined || !manifest.has(entry.path)) return 'foreign';
  const bytes = await readInside(dir, entry.path);
  const hash = manifest.get(entry.path);
  if (hash !== undefined) return hashOf(bytes) === hash ? undefined : 'edited';
  return wanted.get(entry.path)?.content === bytes.toString('utf8') ? undefined : 'secret';
}

async function isSame(dir: string, entries: readonly TreeEntry[], files: readonly EmittedFile[]): Promise<boolean> {
  const present = entries.filter((entry) => entry.type !== 'directory');
  if (present.length !== files.length) return false;
  for (const file of files) {
    if (!present.some((entry) => entry.path === file.path && entry.type === 'file')) return false;
    if (((await lstat(join(dir, file.path))).mode & 0o777) !== file.mode) return false;
    if (!(await readInside(dir, file.path)).equals(Buffer.from(file.content))) return false;
  }
  return true;
}
