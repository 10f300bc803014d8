import { posix } from 'node:path';
import { type Host, HostError } from '../host';

/** One element of a pattern's segment: any run, any character, or one of a set. */
type Part = { readonly kind: 'run' } | { readonly kind: 'one'; readonly fits: (character: string) => boolean };

export interface Expansion {
  /** Absolute paths that exist, by name in each folder, outer folders first. */
  readonly matches: readonly string[];
  /** Folders that could not be listed. */
  readonly failures: readonly HostError[];
  /** The limit that cut it short. */
  readonly truncated?: string;
}

/** How many more names may be looked at, by all patterns of a configuration together. */
export interface GlobBudget {
  left: number;
}

const MAX_MATCHES = 10_000;
/** Links that lead upwards make a folder hold itself, so that each level of a pattern multiplies the paths. */
const MAX_NAMES = 1_000_000;

export function createBudget(): GlobBudget {
  return { left: MAX_NAMES };
}

/** Whether a name is a shell pattern: `*`, `?` or `[...]` (language.md 1, include). */
export function isGlob(name: string): boolean {
  return /[*?]|\[[^\]]+\]/.test(name);
}

/** The folder of an absolute pattern before its first wildcard. */
export function literalFolder(pattern: string): string {
  const segments = pattern.split('/');
  const wild = segments.findIndex(isGlob);
  return posix.normalize(segments.slice(0, wild < 0 ? -1 : wild).join('/') || '/');
}

/** The paths that an absolute pattern stands for. As in a shell, wildcards pass over names that begin with a dot. */
export function expandGlob(host: Host, pattern: string, budget: GlobBudget): Expansion {
  const failures: HostError[] = [];
  let tooMany = false;
  let paths: readonly string[] = ['/'];
  for (const segment of pattern.split('/').filter((part) => part !== '')) {
    const next: string[] = [];
    for (const path of paths) {
      budget.left--;
      if (isGlob(segment)) next.push(...childrenLike(host, path, segment, { failures, budget }));
      else next.push(posix.join(path, segment));
      tooMany ||= next.length > MAX_MATCHES;
      if (tooMany || budget.left <= 0) break;
    }
    paths = next.slice(0, MAX_MATCHES);
  }
  const matches = paths.filter((path) => host.stat(path) !== undefined);
  if (budget.left <= 0) return { matches, failures, truncated: `${MAX_NAMES} names to look at` };
  return tooMany ? { matches, failures, truncated: `${MAX_MATCHES} files` } : { matches, failures };
}

interface Expanding {
  readonly failures: HostError[];
  readonly budget: GlobBudget;
}

function childrenLike(host: Host, folder: string, segment: string, { failures, budget }: Expanding): string[] {
  if (host.stat(folder) !== 'directory') return [];
  const parts = parseSegment(segment);
  try {
    const names = host.list(folder);
    budget.left -= names.length;
    return names
      .filter((name) => (segment.startsWith('.') || !name.startsWith('.')) && matches([...name], parts))
      .map((name) => posix.join(folder, name));
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    failures.push(error);
    return [];
  }
}

function parseSegment(segment: string): Part[] {
  const parts: Part[] = [];
  for (const [token] of segment.matchAll(/\[[!^]?\]?[^\]]*\]|[\s\S]/gu)) {
    if (token === '*') parts.push({ kind: 'run' });
    else if (token === '?') parts.push({ kind: 'one', fits: () => true });
    else if (token.length > 2 && token.startsWith('[')) parts.push({ kind: 'one', fits: setOf(token.slice(1, -1)) });
    else parts.push({ kind: 'one', fits: (character) => character === token });
  }
  return parts;
}

function setOf(content: string): (character: string) => boolean {
  const negated = content.startsWith('!') || content.startsWith('^');
  const ranges = [...(negated ? content.slice(1) : content).matchAll(/([\s\S])-([\s\S])|([\s\S])/gu)];
  const holds = (character: string) =>
    ranges.some(([, from, to, single]) =>
      from !== undefined && to !== undefined ? from <= character && character <= to : character === single,
    );
  return (character) => holds(character) !== negated;
}

/** Goes back to the latest `*` only, so that hostile patterns take no more than the product of the two lengths. */
function matches(name: readonly string[], parts: readonly Part[]): boolean {
  let at = 0;
  let part = 0;
  let retry: { part: number; at: number } | undefined;
  while (at < name.length) {
    const wanted = parts[part];
    if (wanted?.kind === 'run') {
      part++;
      retry = { part, at };
    } else if (wanted?.fits(name[at] ?? '') === true) {
      part++;
      at++;
    } else if (retry !== undefined) {
      retry.at++;
      part = retry.part;
      at = retry.at;
    } else {
      return false;
    }
  }
  return parts.slice(part).every(({ kind }) => kind === 'run');
}
