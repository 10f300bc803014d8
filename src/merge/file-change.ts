import type { Change, Conflict } from './decide';

/** What happens to one path of a tree. */
export interface FileChange {
  /** Relative to the tree, with forward slashes. */
  readonly path: string;
  readonly change: Change;
  readonly conflict?: Conflict;
  /** What stands in it is not to be shown. */
  readonly secret: boolean;
}
