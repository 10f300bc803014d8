/** The environment said no while something was written: `reason` is fit for a message. */
export interface Failure {
  readonly kind: 'failed';
  readonly path: string;
  readonly reason: string;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBUSY: 'it is in use, perhaps a mount point; name a folder inside it',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'it exists and is not a folder',
  EISDIR: 'it is a folder',
  ELOOP: 'too many links',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'no such file or folder',
  ENOSPC: 'no space left on the device',
  ENOTDIR: 'a part of the path is not a folder',
  ENOTEMPTY: 'it was changed while the tree was written; run again',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  EXDEV: 'it is a file system of its own; name a folder inside it',
};

/** A system error as a {@link Failure}; anything else is a bug of ours and is thrown on. */
export function failureOf(error: unknown, path: string): Failure {
  const code = errorCode(error);
  if (code === undefined) throw error;
  return { kind: 'failed', path, reason: REASONS[code] ?? code };
}

/** Whether an error is the given system error. */
export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(errorCode(error) ?? '');
}

function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
