import { type Host, HostError } from '../host';
import { type CheckOptions, checkTree } from '../kumo/check/check-tree';
import type { OutsideFile } from '../kumo/check/meaning';
import type { Finding } from '../kumo/runtime/finding';
import type { CommandIo } from './command';
import { mxSnapshot } from './mx-lookup';
import { isInPlace } from './read-tree';

/** What to check, as plain data: another thread may do it. */
export interface CheckJob {
  /** Paths relative to the tree → text. */
  readonly files: ReadonlyMap<string, string>;
  /** Absolute. */
  readonly dir: string;
  readonly installDir: string;
  readonly target: string;
  /** File of a snapshot, as given. */
  readonly mxSnapshot?: string;
}

/** Checks the tree's files; a text when the environment does not have what the options name. */
export async function checkFiles(
  { files, dir, ...job }: CheckJob,
  io: Pick<CommandIo, 'host' | 'stderr'>,
  progress: Pick<CheckOptions, 'watch' | 'found'> = {},
): Promise<readonly Finding[] | string> {
  const mx = await mxSnapshot({ ...job, resolveMx: false, dryRun: true }, io, () => []);
  if (typeof mx === 'string') return mx;
  return checkTree(files, {
    installDir: job.installDir,
    target: job.target,
    mx: (domain) => {
      const hosts = mx.hostsOf(domain);
      return hosts.length === 0 && !mx.takesNoMail(domain) ? undefined : { hosts };
    },
    outside: outsideOf(dir, job.installDir, io.host),
    ...progress,
  });
}

/** On the server itself what lies outside the tree can be seen; elsewhere it would be another file of that name. */
function outsideOf(dir: string, installDir: string, host: Host): (path: string) => OutsideFile {
  if (!isInPlace(dir, installDir)) return () => ({ fault: 'unseen' });
  return (path) => {
    // The policy names it: it may be a pipe, a device, or have no end.
    const kind = host.stat(path);
    if (kind !== 'file') return { fault: kind === undefined ? 'missing' : 'unreadable' };
    try {
      return { text: new TextDecoder().decode(host.read(path)) };
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      return { fault: 'unreadable' };
    }
  };
}
