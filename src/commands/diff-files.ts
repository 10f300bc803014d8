import { compareTrees, type TreesCompared, type TreesToCompare } from '../changes/compare-trees';
import type { Watch } from '../kumo/runtime/watch';
import type { CommandIo } from './command';
import { mxSnapshot } from './mx-lookup';

/** Two trees, as plain data: another thread may compare them. */
export interface DiffJob extends TreesToCompare {
  /** File of a snapshot, as given. */
  readonly mxSnapshot?: string;
}

/** Compares two trees by meaning; a text when the environment does not have what the options name. */
export async function diffFiles(
  job: DiffJob,
  io: Pick<CommandIo, 'host' | 'stderr'>,
  watch?: Watch,
): Promise<TreesCompared | string> {
  const mx = await mxSnapshot({ ...job, resolveMx: false, dryRun: true }, io, () => []);
  if (typeof mx === 'string') return mx;
  return compareTrees(job, {
    mx: (domain) => {
      const hosts = mx.hostsOf(domain);
      return hosts.length === 0 && !mx.takesNoMail(domain) ? undefined : { hosts };
    },
    ...(watch === undefined ? {} : { watch }),
  });
}
