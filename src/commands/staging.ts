import { constants } from 'node:fs';
import { chmod, lchown, lstat, mkdir, mkdtemp, open, readdir, readlink, rm, symlink, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { EmittedFile } from '../emit/file';
import { readInside, type TreeEntry } from './tree-state';

/** Thrown between two files when the user interrupts. */
export class Interrupted extends Error {}

/**
 * A new, private (0700) folder beside `target`, on the same file system. Its name carries the process, see {@link
 * findLeftovers}.
 */
export function makeStaging(target: string): Promise<string> {
  return mkdtemp(join(dirname(target), `${stagingPrefix(target)}${process.pid}-`));
}

/** Staging folders beside `target` whose process is gone: a run that was killed. */
export async function findLeftovers(target: string): Promise<readonly string[]> {
  const prefix = stagingPrefix(target);
  // A parent that may be entered but not listed is no reason to fail.
  const all = await readdir(dirname(target)).catch(() => []);
  const names = all.filter((name) => name.startsWith(prefix));
  return names
    .filter(
      (name) => /^\d+-/.test(name.slice(prefix.length)) && !isAlive(Number.parseInt(name.slice(prefix.length), 10)),
    )
    .map((name) => join(dirname(target), name));
}

/**
 * Writes the files into a fresh folder: modes do not depend on the umask, everything is on the disk when it returns.
 */
export async function stageFiles(staging: string, files: readonly EmittedFile[], signal?: AbortSignal): Promise<void> {
  for (const path of parentsOf(files)) {
    await mkdir(join(staging, path));
    await chmod(join(staging, path), 0o755);
  }
  for (const file of files) {
    if (signal?.aborted === true) throw new Interrupted();
    await writeDurably(join(staging, file.path), file.content, file.mode);
  }
  for (const path of [...parentsOf(files), '']) await syncFolder(join(staging, path));
}

/** Every folder that the files need, parents first, without the root. */
export function parentsOf(files: readonly EmittedFile[]): readonly string[] {
  const found = new Set<string>();
  for (const file of files) {
    const parts = file.path.split('/').slice(0, -1);
    for (let i = 1; i <= parts.length; i++) found.add(parts.slice(0, i).join('/'));
  }
  return [...found].sort();
}

/**
 * Copies an entry of the old tree with mode, owner and time; links stay links. False for what cannot be copied
 * (sockets, devices).
 */
export async function keepEntry(from: string, staging: string, entry: TreeEntry): Promise<boolean> {
  const source = join(from, entry.path);
  const target = join(staging, entry.path);
  const stats = await lstat(source);
  if (entry.type === 'directory') await mkdir(target);
  else if (entry.type === 'file') await writeDurably(target, await readInside(from, entry.path), 0o600);
  else if (entry.type === 'link') await symlink(await readlink(source), target);
  else return false;
  // Only root can give a file away; for everybody else the owner is right already or cannot be helped.
  await lchown(target, stats.uid, stats.gid).catch(() => undefined);
  if (entry.type !== 'link') await chmod(target, (stats.mode & 0o7777) | (entry.type === 'directory' ? 0o700 : 0));
  if (entry.type === 'file') await utimes(target, stats.atime, stats.mtime);
  return true;
}

/** Gives the staged files to whom the old tree belongs: a tree of KumoMTA's user stays readable for it. */
export async function giveToOwnerOf(old: string, staging: string, files: readonly EmittedFile[]): Promise<void> {
  const { uid, gid } = await lstat(old);
  for (const path of ['', ...parentsOf(files), ...files.map((file) => file.path)]) {
    await lchown(join(staging, path), uid, gid).catch(() => undefined);
  }
}

/** Brings the names in a folder to the disk. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    // Some file systems know no fsync of a folder; then there is nothing to be done.
    await folder.sync().catch(() => undefined);
  } finally {
    await folder.close();
  }
}

/** Removes a folder of ours and all in it. */
export function removeFolder(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true });
}

async function writeDurably(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

function stagingPrefix(target: string): string {
  return `.${basename(target)}.pmta2kumo-`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: somebody else's process has the number.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
