import { posix } from 'node:path';
import type { Diagnostics, RelatedPlace } from '../diagnostics/diagnostic';
import { shellWord } from '../diagnostics/quote-shell';
import type { Span } from '../diagnostics/span';
import type { Host } from '../host';
import type { Directive } from './ast';
import { expandGlob, type GlobBudget, isGlob, literalFolder } from './glob';
import type { Fence } from './include-fence';
import { displayPath, includeCandidates, isRemote, withoutUserinfo } from './include-paths';
import { unquoteArgument } from './scan-tag';

/** Where the includes of a configuration are looked for; folders are absolute. */
export interface IncludePlaces {
  readonly host: Host;
  readonly mainFolder: string;
  /** What `/etc/pmta` was copied to. */
  readonly root: string;
  readonly fence: Fence;
  readonly budget: GlobBudget;
  readonly diagnostics: Diagnostics;
}

/** An open file on the way from a root to the current place. */
export interface Link {
  readonly path: string;
  /** The include line that led here; absent for a root. */
  readonly directive?: Directive;
}

/** The include lines that lead to the file in hand, from the one nearest to it; none in the main file. */
export function includedFrom(chain: readonly Link[], from = 0): readonly RelatedPlace[] {
  const lines = chain.slice(from).flatMap(({ directive }) => directive ?? []);
  return lines.map(({ span }) => ({ span, message: 'included from here' })).reverse();
}

/**
 * The paths that an include line in a file of `folder` names; none, with a diagnostic, when nothing is there that may be
 * read. `open` are the files on the way here.
 */
export function resolveInclude(
  places: IncludePlaces,
  directive: Directive,
  open: readonly Link[],
  folder: string,
): readonly string[] {
  const { host, diagnostics, mainFolder, root, fence } = places;
  const name = unquoteArgument(directive.value);
  const span = directive.valueSpan;
  if (name === '') {
    diagnostics.report('include-empty', directive.span, {});
    return [];
  }
  if (isRemote(name)) {
    diagnostics.report('include-remote', span, { url: withoutUserinfo(name) });
    return [];
  }
  const all = includeCandidates(name, { folder, mainFolder, root });
  // A guess further down the list that meets a file we are in is a bad guess, not a cycle.
  const candidates = all.filter((path, index) => index === 0 || !open.some((link) => link.path === path));
  const there = candidates.filter((path) => host.stat(path) !== undefined);
  const plain = there.find(fence.admits);
  if (plain !== undefined) return [plain];
  if (isGlob(name) && there.length === 0) return resolveGlob(places, name, candidates, span, open);
  const [outside] = there;
  if (outside === undefined) diagnostics.report('include-missing', span, { path: name }, includedFrom(open));
  else reportOutside(places, outside, span);
  return [];
}

function resolveGlob(
  places: IncludePlaces,
  name: string,
  candidates: readonly string[],
  span: Span,
  open: readonly Link[],
): readonly string[] {
  const { host, fence, budget, diagnostics, mainFolder } = places;
  let outside: string | undefined;
  for (const candidate of candidates) {
    const folder = literalFolder(candidate);
    if (!fence.admits(folder)) {
      if (host.stat(folder) !== undefined) outside ??= posix.join(folder, '*');
      continue;
    }
    const { matches, failures, truncated } = expandGlob(host, candidate, budget);
    for (const { path, reason } of failures) {
      diagnostics.report('include-unreadable', span, { path: displayPath(path, mainFolder), reason });
    }
    if (truncated !== undefined) reportLimit(diagnostics, name, span, truncated);
    const inside = matches.filter(fence.admits);
    // One message for the line is enough.
    const refused = matches.length > inside.length ? matches.find((path) => !fence.admits(path)) : undefined;
    if (refused !== undefined) reportOutside(places, refused, span);
    if (matches.length > 0) return inside;
  }
  if (outside === undefined) diagnostics.report('include-empty-glob', span, { pattern: name }, includedFrom(open));
  else reportOutside(places, outside, span);
  return [];
}

/** Says that a file is there and may not be read, and which folder would have to be allowed. */
export function reportOutside(
  { fence, diagnostics, mainFolder }: IncludePlaces,
  path: string,
  span: Span | undefined,
): void {
  const holes = { path: displayPath(path, mainFolder), folder: shellWord(fence.folderOf(path)) };
  diagnostics.report('include-outside', span, holes);
}

/** Says that a file was left out because of a limit. */
export function reportLimit(diagnostics: Diagnostics, path: string, span: Span | undefined, limit: string): void {
  diagnostics.report('include-limit', span, { path, limit });
}
