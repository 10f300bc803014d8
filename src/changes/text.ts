import { FILE_HEADERS_ONLY, formatPatch, type StructuredPatch, structuredPatch } from 'diff';

/** One file of two trees, as text. */
export interface TextChange {
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** `hidden`: a secret; `binary`: no text. Neither has a patch. */
  readonly shown: 'patch' | 'hidden' | 'binary';
  /** Lines that come and go. */
  readonly added: number;
  readonly removed: number;
  /** Unified, for `patch -p1` in the tree; '' where it is not shown. */
  readonly patch: string;
}

export interface TextsToCompare {
  readonly before: ReadonlyMap<string, string>;
  readonly after: ReadonlyMap<string, string>;
  readonly secret: ReadonlySet<string>;
  /** Files of the tree that would go. */
  readonly gone: ReadonlySet<string>;
  /** Passwords of the configuration: a file that holds one is secret, too. */
  readonly passwords: readonly string[];
}

/** Shorter words are words like others. */
const SHORTEST_PASSWORD = 4;

/** Every file that differs, by path. */
export function compareTexts({ before, after, secret, gone, passwords }: TextsToCompare): readonly TextChange[] {
  const words = passwords.filter((word) => word.length >= SHORTEST_PASSWORD);
  const paths = [...new Set([...after.keys(), ...[...gone].filter((path) => before.has(path))])].sort();
  return paths.flatMap((path) => {
    const [old, wanted] = [before.get(path), after.get(path)];
    if (old === wanted) return [];
    const hidden = secret.has(path) || words.some((word) => old?.includes(word) || wanted?.includes(word));
    return [changeOf(path, old, wanted, hidden)];
  });
}

function changeOf(path: string, old: string | undefined, wanted: string | undefined, hidden: boolean): TextChange {
  const kind = old === undefined ? 'added' : wanted === undefined ? 'removed' : 'changed';
  const texts = [old ?? '', wanted ?? ''];
  const shown = hidden ? 'hidden' : texts.some(isBinary) ? 'binary' : 'patch';
  const base = { path, kind, shown, added: 0, removed: 0, patch: '' } as const;
  if (shown !== 'patch') return base;
  const patch = patchOf(
    old === undefined ? '/dev/null' : `a/${path}`,
    wanted === undefined ? '/dev/null' : `b/${path}`,
    old ?? '',
    wanted ?? '',
  );
  const lines = patch.hunks.flatMap(({ lines: all }) => all);
  return {
    ...base,
    added: lines.filter((line) => line.startsWith('+')).length,
    removed: lines.filter((line) => line.startsWith('-')).length,
    patch: formatPatch(patch, FILE_HEADERS_ONLY),
  };
}

/** Bytes that are no UTF-8 became U+FFFD when they were read. */
function isBinary(text: string): boolean {
  return text.includes('\u0000') || text.includes('\ufffd');
}

/** With more lines that come and go than this, all lines do: looking for the fewest takes the square of them in time. */
const MOST_EDITS = 6_000;

function patchOf(oldName: string, newName: string, old: string, wanted: string): StructuredPatch {
  const least = structuredPatch(oldName, newName, old, wanted, undefined, undefined, {
    context: 3,
    maxEditLength: MOST_EDITS,
  });
  if (least !== undefined) return least;
  const [removed, added] = [structuredPatch(oldName, newName, old, ''), structuredPatch(oldName, newName, '', wanted)];
  const [before, after] = [removed.hunks[0], added.hunks[0]];
  if (before === undefined || after === undefined) return before === undefined ? added : removed;
  const { oldStart, oldLines } = before;
  const { newStart, newLines } = after;
  const lines = [...before.lines, ...after.lines];
  return { ...removed, hunks: [{ oldStart, oldLines, newStart, newLines, lines }] };
}
