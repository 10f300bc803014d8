import { type Problem, problem } from './problem';
import { compareReleases, type Release } from './release';

/** A function, event, field, option or form of value that a tree uses, and the first release that has it. */
export interface Use {
  readonly what: string;
  readonly since: Release;
}

/** Told of each use; `path` are the keys from the checked table down to it. */
export type OnUse = (use: Use, path: readonly string[]) => void;

/** What a tree is checked for, and who wants to know what it uses. */
export interface UseOptions {
  /** KumoMTA release the tree is for. */
  readonly target: string;
  readonly onUse?: OnUse;
}

/** The sentence for something that the target release does not have yet. */
export function tooNew(what: string, since: string): string {
  return since === 'unreleased'
    ? `${what} is in no release of KumoMTA yet`
    : `${what} exists since KumoMTA ${since}, which is newer than the target`;
}

/** Notes a use of the checked value; a problem with this `message` when the target does not have it yet. */
export function needs(options: UseOptions, what: string, since: Release, message: string): readonly Problem[] {
  options.onUse?.({ what, since }, []);
  return compareReleases(since, options.target) > 0 ? problem('too-new', message) : [];
}

/** The same options for what lies under `key`. */
export function under<Options extends UseOptions>(options: Options, key: string): Options {
  const { onUse } = options;
  return onUse === undefined ? options : { ...options, onUse: (use, path) => onUse(use, [key, ...path]) };
}
