import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs';
import { type Host, HostError } from './host';

/** What the system's error codes mean to somebody who reads a message. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EAGAIN: 'reading it would wait for somebody to write it',
  EIO: 'the disk reports an error',
  EISDIR: 'it is a directory',
  ELOOP: 'its links lead in a circle',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'its name is too long',
  ENOENT: 'no such file or directory',
  ENOTDIR: 'a part of its path is not a directory',
  EPERM: 'permission denied',
  ERR_INVALID_ARG_VALUE: 'its name holds a NUL character',
};

const CHUNK = 2 ** 20;
/** More than the loader takes, and little enough to be held: files such as /proc/PID/pagemap never end. */
const LARGEST = 256 * 2 ** 20 + CHUNK;

/** The real disk, read only. Of a file little more than 256 MiB is read, and no read waits for a writer. */
export function diskHost(): Host {
  return {
    stat: statOnDisk,
    realPath: realPathOnDisk,
    read: (path) => orHostError(path, () => readRegular(path)),
    list: (path) => orHostError(path, () => readdirSync(path).sort(byCodePoint)),
  };
}

function statOnDisk(path: string): 'file' | 'directory' | 'other' | undefined {
  try {
    const stat = statSync(path);
    return stat.isFile() ? 'file' : stat.isDirectory() ? 'directory' : 'other';
  } catch (error) {
    const code = codeOf(error);
    // Something may stand in a folder that we may not enter: whoever reads it then learns the reason.
    return code === 'EACCES' || code === 'EPERM' ? 'file' : undefined;
  }
}

function realPathOnDisk(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function readRegular(path: string): Uint8Array {
  // Without it, opening a pipe or reading /proc/kmsg would wait for somebody to write.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile() && !stat.isDirectory()) throw new HostError(path, 'it is not a regular file');
    const chunks: Buffer[] = [];
    let total = 0;
    for (let count = -1; count !== 0 && total < LARGEST; ) {
      const chunk = Buffer.allocUnsafe(Math.min(Math.max(CHUNK, stat.size + 1 - total), LARGEST - total));
      count = readSync(file, chunk);
      total += count;
      chunks.push(chunk.subarray(0, count));
    }
    return chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks);
  } finally {
    closeSync(file);
  }
}

function orHostError<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof HostError) throw error;
    const code = codeOf(error);
    throw new HostError(path, REASONS[code] ?? `the system says ${code}`);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'nothing more';
}

/** UTF-8 keeps the order of code points, which UTF-16 does not. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
