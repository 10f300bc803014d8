import { posix } from 'node:path';
import type { Host } from '../host';

/** Which files a configuration may bring in. */
export interface Fence {
  /** Whether a file that is there may be read: where it really lies counts, not what links call it. */
  readonly admits: (path: string) => boolean;
  /** The folder in which a file really lies: what would have to be allowed. */
  readonly folderOf: (path: string) => string;
}

/**
 * What the kernel makes up, with environments, memory and keys in it: never what a configuration means, even when it
 * stands in the root of the disk.
 */
const KERNEL = ['/proc', '/sys', '/dev'];

/**
 * Lets in what lies in one of the folders (absolute) or below. Configurations come from other people, and diagnostics
 * quote what they bring in: an `include /etc/shadow` would show it.
 */
export function createFence(host: Host, folders: readonly string[]): Fence {
  const real = (path: string) => host.realPath(path) ?? posix.normalize(path);
  const open = folders.map(real);
  return {
    admits(path) {
      const wanted = real(path);
      const kernel = KERNEL.find((folder) => liesIn(wanted, folder));
      return open.some((folder) => liesIn(wanted, folder) && (kernel === undefined || liesIn(folder, kernel)));
    },
    folderOf: (path) => posix.dirname(real(path)),
  };
}

/** Both absolute and without `..`; a folder lies in itself. */
function liesIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}
