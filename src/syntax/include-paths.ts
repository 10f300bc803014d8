import { posix } from 'node:path';

/** The folders that decide where an include is looked for; all absolute. */
export interface IncludeBase {
  /** Folder of the file with the include line. */
  readonly folder: string;
  readonly mainFolder: string;
  /** What `/etc/pmta` was copied to. */
  readonly root: string;
}

/** No system takes longer ones, and every part of a name is a place to look at. */
const LONGEST_NAME = 4096;
/** Leading folders that are left off at most. */
const MOST_TAILS = 32;

/** PowerMTA's folder on Unix (language.md 1). */
const HOME = '/etc/pmta/';

/**
 * The absolute paths, best first, that the name in an include line may mean here. How PowerMTA resolves relative names
 * is not documented (unknowns.md A.8). An absolute one that does not exist is looked for below the root: first without
 * `/etc/pmta/`, then with ever less of its leading folders.
 */
export function includeCandidates(name: string, base: IncludeBase): readonly string[] {
  if (name.length > LONGEST_NAME) return [];
  const absolute = absoluteName(name);
  const candidates =
    absolute === undefined
      ? [base.folder, base.mainFolder, base.root].map((folder) => posix.join(folder, name))
      : [absolute, ...belowRoot(absolute, base.root)];
  return [...new Set(candidates)];
}

/** Whether the name is a URL, which later 5.0 releases fetch (language.md 1). */
export function isRemote(name: string): boolean {
  return /^https?:\/\//i.test(name);
}

/** A URL fit for a message: without user and password. */
export function withoutUserinfo(url: string): string {
  return url.replace(/\/\/[^/]*@/, '//');
}

/** The name people know a file by: relative to the main file's folder when inside it, else absolute. */
export function displayPath(path: string, mainFolder: string): string {
  const relative = posix.relative(mainFolder, path);
  return relative === '..' || relative.startsWith('../') ? path : relative;
}

function absoluteName(name: string): string | undefined {
  if (name.startsWith('/')) return posix.normalize(name);
  // PowerMTA runs on Windows too; there is no C: here, but its folders may have been copied below the root.
  if (/^[a-z]:[\\/]/i.test(name)) return posix.normalize(name.slice(2).replaceAll('\\', '/'));
  return undefined;
}

function belowRoot(path: string, root: string): string[] {
  const segments = path.split('/').filter((segment) => segment !== '');
  const tails = segments
    .map((_, index) => index)
    .slice(-MOST_TAILS)
    .map((index) => posix.join(root, ...segments.slice(index)));
  return path.startsWith(HOME) ? [posix.join(root, path.slice(HOME.length)), ...tails] : tails;
}
