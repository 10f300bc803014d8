import { existsSync } from 'node:fs';
import { lstat, mkdir, realpath } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { EmittedFile } from '../emit/file';
import { type Failure, failureOf, isErrno } from './environment';
import { baseOf, OWN_FOLDER } from './manifest';
import { backupOf } from './swap-tree';
import { BACKUP_MARKER, type TreeState } from './tree-state';

/** A folder that is not written, and why. */
export interface Refused {
  readonly kind: 'refused';
  readonly directory: string;
  readonly reason: string;
  /** Paths in the way, relative to it. */
  readonly foreign: readonly string[];
}

export function refuse(directory: string, reason: string, foreign: readonly string[] = []): Refused {
  return { kind: 'refused', directory, reason, foreign };
}

/** The folder to write, links resolved, or why it cannot be one. */
export async function checkTarget(dir: string): Promise<string | Refused | Failure> {
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
    return refuse(target, 'it is, or holds, the current folder, and is replaced as a whole; run from outside it');
  }
  return target;
}

/** Makes the folders above the tree, and gives those it made, the innermost first. */
export async function makeParents(
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

/** Why a tree may not be replaced at all, whatever is in its files; `force` takes a folder that is none of ours. */
export function refusal(target: string, state: TreeState, force: boolean): Refused | undefined {
  if (state.kind === 'not-a-folder') return refuse(target, 'it exists and is not a folder');
  if (state.kind !== 'tree') return undefined;
  const backup = backupOf(target);
  if (existsSync(backup) && !existsSync(join(backup, BACKUP_MARKER))) {
    return refuse(target, `${backup}, where the old tree would go, is not a backup of pmta2kumo; move it away`);
  }
  if (force) return undefined;
  const things = state.entries.filter(({ type }) => type !== 'directory').map(({ path }) => path);
  if (state.manifest === undefined) return refuse(target, 'it holds files, and no manifest of pmta2kumo', things);
  const own = [OWN_FOLDER, dirname(baseOf('x'))];
  const taken = state.entries.find(({ path, type }) => own.includes(path) && type !== 'directory');
  if (taken === undefined) return undefined;
  return refuse(target, `${taken.path}, which has to be a folder of pmta2kumo's own, is none`, [taken.path]);
}

/** Paths are made by the emitter; one that leaves the tree is a bug, not an input error. */
export function assertSafePaths(files: readonly EmittedFile[]): void {
  const seen = new Set<string>();
  for (const { path } of files) {
    const parts = path.split('/');
    if (parts.some((part) => part === '' || part === '.' || part === '..') || /[\\\0]/.test(path) || seen.has(path)) {
      throw new Error(`unsafe or repeated path in the tree: ${JSON.stringify(path)}`);
    }
    seen.add(path);
  }
}
