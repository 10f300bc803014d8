import { readdirSync, readFileSync, statSync } from 'node:fs';
import { type Host, HostError } from './host';

/** What the system's error codes mean to somebody who reads a message. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EIO: 'the disk reports an error',
  EISDIR: 'it is a directory',
  ELOOP: 'its links lead in a circle',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'its name is too long',
  ENOENT: 'no such file or directory',
  ENOTDIR: 'a part of its path is not a directory',
  EPERM: 'permission denied',
  ERR_FS_FILE_TOO_LARGE: 'it is larger than 2 GiB',
  ERR_INVALID_ARG_VALUE: 'its name holds a NUL character',
};

/** The real disk, read only. */
export function diskHost(): Host {
  return {
    stat: statOnDisk,
    read: (path) => orHostError(path, () => readFileSync(path)),
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

function orHostError<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
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
