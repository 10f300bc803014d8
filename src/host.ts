/** The outside world as the stages before the last see it: they read, and never write. A memory twin serves tests. */
export interface Host {
  /** What stands at an absolute path, or undefined when nothing does. Follows links. */
  stat(path: string): 'file' | 'directory' | 'other' | undefined;
  /** The path of the same file without links and `..`; undefined when the system does not say. */
  realPath(path: string): string | undefined;
  /** The bytes of a file. Throws a HostError. */
  read(path: string): Uint8Array;
  /** Names in a directory, sorted by code point. Throws a HostError. */
  list(path: string): readonly string[];
}

/** The environment said no: `reason` is fit for a message (`permission denied`). */
export class HostError extends Error {
  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(`${path}: ${reason}`);
  }
}
