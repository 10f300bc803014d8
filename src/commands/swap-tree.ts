import { existsSync, renameSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { deadRuns } from './run-folder';
import { removeFolder } from './staging';
import { BACKUP_MARKER } from './tree-state';

/** Inside a run's folder: the new tree, the backup that gives way, and a sign that the old tree is being moved. */
const NEW = 'new';
const DISCARDED = 'old';
const REPLACING = 'replacing';

/** Where a run makes the new tree. */
export function stagingIn(run: string): string {
  return join(run, NEW);
}

export function backupOf(target: string): string {
  return join(dirname(target), `${basename(target)}.bak`);
}

/** Puts the new tree in a place where there is none. */
export function placeTree(run: string, target: string): void {
  renameSync(stagingIn(run), target);
}

/**
 * Moves the old tree to the backup and the new one into its place; between these two renames nothing else is done.
 * Whatever is done here is undone when it fails, and by {@link repair} when it is killed.
 */
export async function swapTree(run: string, target: string): Promise<string> {
  const backup = backupOf(target);
  const discarded = join(run, DISCARDED);
  const marker = join(target, BACKUP_MARKER);
  // Made anew: a link of that name must not lead the write elsewhere.
  await rm(marker, { force: true });
  await writeFile(marker, 'Replaced by pmta2kumo; overwritten when it replaces the tree again.\n', { flag: 'wx' });
  await writeFile(join(run, REPLACING), '', { flag: 'wx' });
  const hadBackup = existsSync(backup);
  if (hadBackup) renameSync(backup, discarded);
  try {
    renameSync(target, backup);
    try {
      renameSync(stagingIn(run), target);
    } catch (error) {
      renameSync(backup, target);
      throw error;
    }
  } catch (error) {
    if (hadBackup) renameSync(discarded, backup);
    await rm(marker, { force: true });
    throw error;
  }
  return backup;
}

/** Where the old tree is if a run was killed between its two renames; it belongs at `target`. */
export async function strandedTree(target: string): Promise<string | undefined> {
  const backup = backupOf(target);
  if (existsSync(target) || !existsSync(join(backup, BACKUP_MARKER))) return undefined;
  const runs = await deadRuns(target);
  return runs.some((run) => existsSync(join(run, REPLACING))) ? backup : undefined;
}

/** After runs that were killed: puts back what they moved away, and removes what they made. Gives what to tell of it. */
export async function repair(target: string): Promise<readonly string[]> {
  const runs = await deadRuns(target);
  const stranded = await strandedTree(target);
  if (stranded !== undefined) renameSync(stranded, target);
  if (runs.length > 0) await rm(join(target, BACKUP_MARKER), { force: true });
  for (const run of runs) {
    const discarded = join(run, DISCARDED);
    if (existsSync(discarded) && !existsSync(backupOf(target))) renameSync(discarded, backupOf(target));
    await removeFolder(run);
  }
  if (stranded === undefined) return [];
  return [`an earlier run was killed while it replaced ${target}; the old tree was put back from ${stranded}`];
}
