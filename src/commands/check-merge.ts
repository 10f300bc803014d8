import type { Finding } from '../kumo/runtime/finding';
import type { CheckJob } from './check-files';
import type { TreePlan } from './plan-tree';
import { readDiskTree } from './read-tree';

/** Checks files as `check` does; a text where that cannot be done. */
export type RunCheck = (job: CheckJob) => Promise<readonly Finding[] | string>;

/**
 * The errors of the planned tree that the present one in `dir` does not have: what a person has broken before is no
 * reason to keep a new configuration out. A text where nobody can tell.
 */
export async function newErrors(
  plan: TreePlan,
  dir: string,
  job: Omit<CheckJob, 'files' | 'dir'>,
  run: RunCheck,
): Promise<readonly Finding[] | string> {
  try {
    const present = readDiskTree(dir).files;
    const errorsOf = async (files: ReadonlyMap<string, string>): Promise<readonly Finding[] | string> => {
      const found = await run({ ...job, files, dir });
      return typeof found === 'string' ? found : found.filter(({ severity }) => severity === 'error');
    };
    const found = await errorsOf(plannedTexts(plan, present));
    if (typeof found === 'string' || found.length === 0) return found;
    const before = await errorsOf(present);
    if (typeof before === 'string') return before;
    const known = new Set(before.map(signature));
    return found.filter((finding) => !known.has(signature(finding)));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The files of the tree as it will be. */
function plannedTexts(plan: TreePlan, present: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const texts = new Map(present);
  const carried = new Set(plan.carried.map(({ path }) => path));
  // What lies behind a link to a folder has no change of its own, and comes along with the link.
  for (const { path } of plan.changes) if (!carried.has(path)) texts.delete(path);
  for (const { path, content } of plan.writes) {
    if (!path.startsWith('.'))
      texts.set(path, typeof content === 'string' ? content : Buffer.from(content).toString('utf8'));
  }
  return texts;
}

/** Lines move in a merge. */
function signature({ code, path, message }: Finding): string {
  return JSON.stringify([code, path, message.replace(/\d+/g, '')]);
}
