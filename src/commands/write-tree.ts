import { existsSync, renameSync } from 'node:fs';
import { chmod, lstat, mkdir, realpath, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { EmittedFile } from '../emit/file';
import { type Failure, failureOf, isErrno } from './environment';
import { type Carried, keepForeign } from './keep-foreign';
import { manifestOf } from './manifest';
import {
  findLeftovers,
  giveToOwnerOf,
  Interrupted,
  makeStaging,
  removeFolder,
  stageFiles,
  syncFolder,
} from './staging';
import { BACKUP_MARKER, inspectTree, type Obstacle, type TreeState } from './tree-state';

export interface WriteOptions {
  /** Replace a tree that holds files of others or edited ones; foreign files are carried over. */
  readonly force: boolean;
  /** Version of the tool, for the manifest. */
  readonly version: string;
  readonly signal?: AbortSignal;
}

export interface Written {
  readonly kind: 'written';
  /** The folder that was really written: absolute, links resolved. */
  readonly directory: string;
  /** Nothing had to be done: the tree was already there. */
  readonly unchanged: boolean;
  /** Where the old tree is now. */
  readonly backup?: string;
  /** Foreign entries carried over into the new tree. */
  readonly kept: readonly string[];
  /** What else happened, one sentence each. */
  readonly notices: readonly string[];
}

export interface Refused {
  readonly kind: 'refused';
  readonly directory: string;
  readonly reason: string;
  readonly obstacles: readonly Obstacle[];
}

export type WriteResult = Written | Refused | Failure | { readonly kind: 'interrupted' };

/**
 * Puts the files and their manifest into `dir`, as a whole or not at all: staged beside it, then swapped by rename. A
 * tree that an earlier run wrote and nobody touched is replaced; anything else in `dir` is refused, or with `force`
 * carried over. The old tree stays as `DIR.bak`. System errors come back as `failed`.
 */
export async function writeTree(
  dir: string,
  files: readonly EmittedFile[],
  options: WriteOptions,
): Promise<WriteResult> {
  assertSafePaths(files);
  const all = [...files, manifestOf(files, options.version)];
  const target = await checkTarget(dir);
  if (typeof target !== 'string') return target;
  const parents = await makeParents(target);
  if (parents.kind === 'failed') return parents;
  const result = await writeChecked(target, all, options);
  if (result.kind !== 'written') for (const path of parents.made) await rmdir(path).catch(() => undefined);
  return result;
}

/** Whether {@link writeTree} would refuse `dir`, without touching anything. */
export async function checkTree(
  dir: string,
  files: readonly EmittedFile[],
  options: WriteOptions,
): Promise<Refused | Failure | undefined> {
  const target = await checkTarget(dir);
  if (typeof target !== 'string') return target;
  try {
    return refusal(target, await inspectTree(target, [...files, manifestOf(files, options.version)]), options.force);
  } catch (error) {
    return failureOf(error, target);
  }
}

async function writeChecked(
  target: string,
  files: readonly EmittedFile[],
  options: WriteOptions,
): Promise<WriteResult> {
  const notices: string[] = [];
  let staging: string | undefined;
  try {
    await repair(target, notices);
    const state = await inspectTree(target, files);
    const refused = refusal(target, state, options.force);
    if (refused !== undefined) return refused;
    if (state.kind === 'tree' && state.same) {
      return { kind: 'written', directory: target, unchanged: true, kept: [], notices };
    }
    staging = await makeStaging(target);
    const carried = await fillStaging(staging, target, state, files, options.signal);
    notices.push(...carried.lost.map((path) => `${path} could not be carried over and is in ${backupOf(target)} only`));
    if (options.signal?.aborted === true) throw new Interrupted();
    const backup = state.kind === 'tree' ? await swap(staging, target, notices) : undefined;
    if (backup === undefined) renameSync(staging, target);
    staging = undefined;
    // The tree is in place: that its parent cannot be read is no failure any more.
    await syncFolder(dirname(target)).catch(() => undefined);
    return {
      kind: 'written',
      directory: target,
      unchanged: false,
      ...(backup === undefined ? {} : { backup }),
      kept: carried.kept,
      notices,
    };
  } catch (error) {
    return error instanceof Interrupted ? { kind: 'interrupted' } : failureOf(error, target);
  } finally {
    if (staging !== undefined) await removeFolder(staging).catch(() => undefined);
  }
}

async function fillStaging(
  staging: string,
  target: string,
  state: TreeState,
  files: readonly EmittedFile[],
  signal: AbortSignal | undefined,
): Promise<Carried> {
  await stageFiles(staging, files, signal);
  const old = state.kind === 'tree' ? state : undefined;
  const carried = old === undefined ? { kept: [], lost: [] } : await keepForeign(target, staging, old, files, signal);
  if (old !== undefined) await giveToOwnerOf(target, staging, files);
  await chmod(staging, 0o755);
  return carried;
}

/** The folder to write, links resolved, or why it cannot be one. */
async function checkTarget(dir: string): Promise<string | Refused | Failure> {
  const given = resolve(dir);
  let target = given;
  try {
    const stats = await lstat(given).catch((error) => (isErrno(error, 'ENOENT') ? undefined : Promise.reject(error)));
    if (stats?.isSymbolicLink() === true) target = await realpath(given);
  } catch (error) {
    return failureOf(error, given);
  }
  const fromTarget = relative(target, process.cwd());
  if (fromTarget === '' || (fromTarget !== '..' && !fromTarget.startsWith(`..${sep}`))) {
    const reason = 'it is, or holds, the current folder, and is replaced as a whole; run from outside it';
    return { kind: 'refused', directory: target, reason, obstacles: [] };
  }
  return target;
}

async function makeParents(
  target: string,
): Promise<Failure | { readonly kind: 'made'; readonly made: readonly string[] }> {
  const parent = dirname(target);
  try {
    const first = await mkdir(parent, { recursive: true, mode: 0o755 });
    const made: string[] = [];
    if (first !== undefined) for (let path = parent; path.length >= first.length; path = dirname(path)) made.push(path);
    return { kind: 'made', made };
  } catch (error) {
    return failureOf(error, parent);
  }
}

/**
 * After a run that was killed: removes what it staged, and puts the old tree back if it died between its two renames.
 */
async function repair(target: string, notices: string[]): Promise<void> {
  const leftovers = await findLeftovers(target);
  const backup = backupOf(target);
  if (leftovers.length > 0 && !existsSync(target) && existsSync(join(backup, BACKUP_MARKER))) {
    renameSync(backup, target);
    notices.push(`an earlier run was killed while it replaced ${target}; the old tree was put back from ${backup}`);
  }
  for (const path of leftovers) await removeFolder(path);
}

function refusal(target: string, state: TreeState, force: boolean): Refused | undefined {
  const refuse = (reason: string, obstacles: readonly Obstacle[] = []): Refused => ({
    kind: 'refused',
    directory: target,
    reason,
    obstacles,
  });
  if (state.kind === 'not-a-folder') return refuse('it exists and is not a folder');
  if (state.kind !== 'tree' || state.same) return undefined;
  const backup = backupOf(target);
  if (existsSync(backup) && !existsSync(join(backup, BACKUP_MARKER))) {
    return refuse(`${backup}, where the old tree would go, is not a backup of pmta2kumo; move it away`);
  }
  if (state.obstacles.length === 0 || force) return undefined;
  return refuse('it holds files that pmta2kumo did not write, or that were edited since', state.obstacles);
}

/** Moves the old tree to the backup and the new one into its place; between these two renames nothing else is done. */
async function swap(staging: string, target: string, notices: string[]): Promise<string> {
  const backup = backupOf(target);
  const discarded = `${staging}.old`;
  const marker = join(target, BACKUP_MARKER);
  // Made anew: a link of that name must not lead the write elsewhere.
  await rm(marker, { force: true });
  await writeFile(marker, 'Replaced by pmta2kumo; overwritten when it replaces the tree again.\n', { flag: 'wx' });
  const hadBackup = existsSync(backup);
  if (hadBackup) renameSync(backup, discarded);
  try {
    renameSync(target, backup);
    try {
      renameSync(staging, target);
    } catch (error) {
      renameSync(backup, target);
      throw error;
    }
  } catch (error) {
    if (hadBackup) renameSync(discarded, backup);
    throw error;
  }
  if (hadBackup)
    await removeFolder(discarded).catch(() => notices.push(`the older backup could not be removed: ${discarded}`));
  return backup;
}

function backupOf(target: string): string {
  return join(dirname(target), `${basename(target)}.bak`);
}

/** Paths are made by the emitter; one that leaves the tree is a bug, not an input error. */
function assertSafePaths(files: readonly EmittedFile[]): void {
  const seen = new Set<string>();
  for (const { path } of files) {
    const parts = path.split('/');
    if (parts.some((part) => part === '' || part === '.' || part === '..') || /[\\\0]/.test(path) || seen.has(path)) {
      throw new Error(`unsafe or repeated path in the tree: ${JSON.stringify(path)}`);
    }
    seen.add(path);
  }
}
