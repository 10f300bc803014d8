import { constants } from 'node:fs';
import { chmod, lchown, lstat, mkdir, open, readlink, rm, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlannedFile, TreePlan } from './plan-tree';
import { type PresentTree, readInside, type TreeEntry } from './tree-state';

/** Thrown between two files when the user interrupts. */
export class Interrupted extends Error {}

/**
 * Makes the tree of a plan at `staging`, a path where nothing is; `dir` is the present tree. Modes do not depend on the
 * umask, and everything is on the disk when it returns. Gives what cannot be copied (sockets, devices). Throws system
 * errors.
 */
export async function stageTree(
  staging: string,
  dir: string,
  old: PresentTree | undefined,
  plan: Pick<TreePlan, 'writes' | 'carried'>,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const present = new Map(plan.carried.filter(({ type }) => type === 'directory').map((entry) => [entry.path, entry]));
  const folders = ['', ...new Set([...parentsOf(plan.writes), ...present.keys()])].sort();
  for (const path of folders) await mkdir(join(staging, path), 0o700);
  const lost: string[] = [];
  for (const file of plan.writes) {
    if (signal?.aborted === true) throw new Interrupted();
    await writeDurably(join(staging, file.path), file);
  }
  for (const entry of plan.carried) {
    if (signal?.aborted === true) throw new Interrupted();
    if (entry.type !== 'directory' && !(await copyEntry(dir, staging, entry))) lost.push(entry.path);
  }
  // From the innermost outwards: a folder that was closed by hand can be filled before it is closed again.
  for (const path of folders.reverse()) {
    const like = path === '' ? old?.root : (present.get(path) ?? old?.root);
    await syncFolder(join(staging, path));
    await giveTo(join(staging, path), like);
    const mode = path === '' || present.has(path) ? like?.mode : undefined;
    await chmod(join(staging, path), mode ?? 0o755);
  }
  return lost;
}

/** Every folder that the files need, parents first, without the root. */
export function parentsOf(files: readonly Pick<PlannedFile, 'path'>[]): readonly string[] {
  const found = new Set<string>();
  for (const file of files) {
    const parts = file.path.split('/').slice(0, -1);
    for (let i = 1; i <= parts.length; i++) found.add(parts.slice(0, i).join('/'));
  }
  return [...found].sort();
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

/** Copies an entry with mode, owner and time; links stay links. False for what cannot be copied. */
async function copyEntry(from: string, staging: string, entry: TreeEntry): Promise<boolean> {
  const source = join(from, entry.path);
  const target = join(staging, entry.path);
  if (entry.type === 'file') {
    const { atime, mtime } = await lstat(source);
    await writeDurably(target, { content: await readInside(from, entry.path), mode: entry.mode, owner: entry });
    await utimes(target, atime, mtime);
    return true;
  }
  if (entry.type !== 'link') return false;
  await symlink(await readlink(source), target);
  await giveTo(target, entry);
  return true;
}

async function writeDurably(path: string, { content, mode, owner }: Omit<PlannedFile, 'path'>): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await giveTo(path, owner);
    // After the owner: a change of it takes bits away.
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Only root can give a file away; for everybody else the owner is right already or cannot be helped. */
async function giveTo(path: string, owner: Pick<TreeEntry, 'uid' | 'gid'> | undefined): Promise<void> {
  if (owner !== undefined) await lchown(path, owner.uid, owner.gid).catch(() => undefined);
}
