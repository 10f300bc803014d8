import { rmdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { EmittedFile } from '../emit/file';
import type { Finding } from '../kumo/runtime/finding';
import { type Failure, failureOf } from './environment';
import { basesOf, manifestOf } from './manifest';
import { type PlanOptions, planTree, type TreePlan } from './plan-tree';
import { type Busy, enterRun } from './run-folder';
import { Interrupted, removeFolder, stageTree, syncFolder } from './staging';
import { backupOf, placeTree, repair, stagingIn, strandedTree, swapTree } from './swap-tree';
import { assertSafePaths, checkTarget, makeParents, type Refused, refusal, refuse } from './target-folder';
import { type PresentTree, readTreeState } from './tree-state';

export interface WriteOptions extends PlanOptions {
  /** Version of the tool, for the manifest. */
  readonly version: string;
  readonly signal?: AbortSignal | undefined;
  /** What is wrong with a planned tree that holds hand edits, as far as it is new; a text where nobody could tell. */
  readonly check?: (plan: TreePlan, dir: string) => Promise<readonly Finding[] | string>;
  /** Told once when another run has the tree. */
  readonly onWait?: (other: Busy) => void;
}

interface Result {
  /** The folder that was meant: absolute, links resolved. */
  readonly directory: string;
  readonly plan: TreePlan;
}

export interface Written extends Result {
  readonly kind: 'written';
  /** Nothing had to be done: the tree was already there. */
  readonly unchanged: boolean;
  /** Where the old tree is now. */
  readonly backup?: string;
  /** What else happened, one sentence each. */
  readonly notices: readonly string[];
}

/** Nothing was done, and nothing is against it. */
export interface Planned extends Result {
  readonly kind: 'planned';
  readonly notices: readonly string[];
}

/**
 * Nothing was done. `conflicted`: hand edits and the new conversion do not go together; `broken`: together they would not
 * load; `unchecked`: whether they would could not be told.
 */
export type Stopped =
  | (Result & { readonly kind: 'conflicted' })
  | (Result & { readonly kind: 'broken'; readonly findings: readonly Finding[] })
  | (Result & { readonly kind: 'unchecked'; readonly reason: string });

export type Hindrance = Stopped | Refused | Failure;
export type WriteResult = Written | Hindrance | { readonly kind: 'interrupted' };

/**
 * Puts the files, their manifest and their bases into `dir`, as a whole or not at all: staged beside it, then swapped by
 * rename. In a tree that an earlier run wrote, what nobody touched is replaced, hand edits are merged, and what is
 * foreign comes along. The old tree stays as `DIR.bak`. System errors come back as `failed`.
 */
export async function writeTree(
  dir: string,
  files: readonly EmittedFile[],
  options: WriteOptions,
): Promise<WriteResult> {
  assertSafePaths(files);
  const target = await checkTarget(dir);
  if (typeof target !== 'string') return target;
  const parents = await makeParents(target);
  if (parents.kind === 'failed') return parents;
  const result = await writeLocked(target, files, options);
  if (result.kind !== 'written') for (const path of parents.made) await rmdir(path).catch(() => undefined);
  return result;
}

/** What {@link writeTree} would do to `dir`, without touching anything. */
export async function previewTree(
  dir: string,
  files: readonly EmittedFile[],
  options: WriteOptions,
): Promise<Planned | Hindrance> {
  assertSafePaths(files);
  const target = await checkTarget(dir);
  if (typeof target !== 'string') return target;
  try {
    const stranded = await strandedTree(target);
    const { old: _, ...planned } = await planWriting(stranded ?? target, files, options);
    if (!('plan' in planned)) return planned;
    const notice = `an earlier run was killed while it replaced ${target}; the old tree would be put back from ${stranded ?? ''} first`;
    return { ...planned, directory: target, ...(stranded === undefined ? {} : { notices: [notice] }) };
  } catch (error) {
    return failureOf(error, target);
  }
}

async function writeLocked(target: string, files: readonly EmittedFile[], options: WriteOptions): Promise<WriteResult> {
  let run: string | undefined;
  try {
    const entered = await enterRun(target, options);
    if (typeof entered !== 'string') return refuse(target, busyText(entered));
    run = entered;
    const repaired = await repair(target);
    const planned = await planWriting(target, files, options);
    if (planned.kind !== 'planned') return planned;
    const written = await carryOut(run, target, planned, options.signal);
    return { ...written, notices: [...repaired, ...written.notices] };
  } catch (error) {
    return error instanceof Interrupted ? { kind: 'interrupted' } : failureOf(error, target);
  } finally {
    if (run !== undefined) await removeFolder(run).catch(() => undefined);
  }
}

type WithOld = { readonly old?: PresentTree };

/** Reads the tree in `dir`, and decides what is to be done; asks whether that would load. */
async function planWriting(
  dir: string,
  files: readonly EmittedFile[],
  options: WriteOptions,
): Promise<(Planned | Stopped | Refused) & WithOld> {
  const state = await readTreeState(dir);
  const refused = refusal(dir, state, options.force);
  if (refused !== undefined) return refused;
  const old = state.kind === 'tree' ? state : undefined;
  const own = [...basesOf(files), manifestOf(files, options.version)];
  const plan = await planTree(dir, old, { files, own }, options);
  const result = { directory: dir, plan };
  if (plan.changes.some(({ conflict }) => conflict !== undefined && conflict.settled === undefined)) {
    return { kind: 'conflicted', ...result };
  }
  const isMarked = plan.changes.some(({ conflict }) => conflict?.settled === 'mark');
  if (options.check !== undefined && plan.isEdited && !plan.isSame && !isMarked) {
    const findings = await options.check(plan, dir);
    if (typeof findings === 'string') return { kind: 'unchecked', ...result, reason: findings };
    if (findings.length > 0) return { kind: 'broken', ...result, findings };
  }
  return { kind: 'planned', ...result, notices: [], ...(old === undefined ? {} : { old }) };
}

async function carryOut(
  run: string,
  target: string,
  { plan, old }: Planned & WithOld,
  signal: AbortSignal | undefined,
): Promise<Written> {
  const result = { kind: 'written', directory: target, plan } as const;
  if (plan.isSame) return { ...result, unchanged: true, notices: [] };
  const lost = await stageTree(stagingIn(run), target, old, plan, signal);
  if (signal?.aborted === true) throw new Interrupted();
  const backup = old === undefined ? undefined : await swapTree(run, target);
  if (backup === undefined) placeTree(run, target);
  // The tree is in place: that its parent cannot be read is no failure any more.
  await syncFolder(dirname(target)).catch(() => undefined);
  const displaced = plan.changes.filter(({ change }) => change === 'displaced').map(({ path }) => path);
  const notices = [...displaced, ...lost].map(
    (path) => `${path} could not be carried over and is in ${backupOf(target)} only`,
  );
  return { ...result, unchanged: false, ...(backup === undefined ? {} : { backup }), notices };
}

function busyText({ pid, path }: Busy): string {
  return `another pmta2kumo (process ${pid}) is writing it; wait for its end, or remove ${basename(path)} beside it when there is no such process`;
}
