import { maskSecrets } from '../diagnostics/secrets';
import { displayWidth } from '../diagnostics/visible';
import type { EmittedFile } from '../emit/file';
import type { Change, ConflictReason } from '../merge/decide';
import type { FileChange } from '../merge/file-change';
import type { Settlement } from '../merge/merge-text';
import type { Json } from './json-text';
import { padEnd, quoteTerminal } from './quote-terminal';
import { lineCount } from './summarise';

/** Of the files, this many are listed. */
const SHOWN_FILES = 40;
/** Of the conflicts, this many are shown with their texts, and of each text so many lines. */
const SHOWN_CONFLICTS = 10;
const SHOWN_LINES = 12;

const WORDS: Readonly<Record<Change, string>> = {
  created: 'new',
  replaced: 'replaced',
  unchanged: '',
  merged: 'merged with your edits',
  'kept-edited': 'kept as you edited it',
  'kept-deleted': 'stays deleted',
  'kept-retired': 'kept, since it was edited; no longer generated',
  'kept-foreign': 'yours, not touched',
  removed: 'removed, no longer generated',
  displaced: 'yours, gives way; in the backup only',
  conflict: 'conflict',
};

const REASONS: Readonly<Record<ConflictReason, string>> = {
  overlap: 'you and the new conversion changed the same lines',
  collision: 'a file of yours stands there',
  deleted: 'you deleted it, the new conversion changes it',
  'not-a-file': 'it is no regular file any more',
  'not-text': 'it is not text',
  'no-base': 'what was generated before is not kept',
  secret: 'nobody can tell who changed the secrets in it',
  unresolved: 'it holds a conflict of an earlier merge',
};

const WINNERS: Readonly<Record<Settlement, string>> = {
  ours: 'yours was taken',
  theirs: 'the new one was taken',
  mark: 'both are marked in the file',
  union: 'both were taken',
};

/** A line for each file: those of the conversion in their order, then the others of the tree. */
export function changeRows(files: readonly EmittedFile[], changes: readonly FileChange[]): readonly string[] {
  const byPath = new Map(changes.map((change) => [change.path, change]));
  const names = new Set(files.map(({ path }) => path));
  // In a tree that was not there before, everything is new.
  const isNew = changes.every(({ change }) => change === 'created');
  const all = [
    ...files.map((file) => ({ file, path: file.path, change: isNew ? undefined : byPath.get(file.path) })),
    ...changes.filter(({ path }) => !names.has(path)).map((change) => ({ file: undefined, path: change.path, change })),
  ];
  const shown = all.slice(0, SHOWN_FILES).map((row) => ({ ...row, name: quoteTerminal(row.path) }));
  const columns = Math.max(0, ...shown.map(({ name }) => displayWidth(name)));
  const digits = Math.max(0, ...shown.map(({ file }) => String(lineCount(file?.content ?? '')).length));
  const rows = shown.map(({ name, file, change }) => {
    const lines = file === undefined || isHandmade(change) ? '' : linesText(file, digits);
    const secret = file?.mode === 0o600 ? 'secret (mode 0600)' : '';
    const text = [lines, secret, changeText(change)].filter((part) => part !== '').join(', ');
    return `  ${padEnd(name, displayWidth(name), columns)}  ${text}`;
  });
  const more = all.length - shown.length;
  return more > 0 ? [...rows, `  … and ${more} more`] : rows;
}

/** The conflicts with what both sides have; '' for none. */
export function conflictText(changes: readonly FileChange[]): string {
  const parts = changes.flatMap(({ path, conflict, secret }) =>
    (conflict?.stretches ?? []).map(({ line, yours, generated }) => {
      const last = line + yours.length - 1;
      const place = `${quoteTerminal(path)}:${line}${last > line ? `-${last}` : ''}`;
      const settled = conflict?.settled === undefined ? '' : ` (${WINNERS[conflict.settled]})`;
      if (secret) return [`  ${place}${settled}: not shown, nobody else may read it`];
      return [`  ${place}${settled}`, ...sideRows('yours', yours), ...sideRows('new  ', generated)];
    }),
  );
  if (parts.length === 0) return '';
  const more = parts.length > SHOWN_CONFLICTS ? [`  … and ${parts.length - SHOWN_CONFLICTS} more`] : [];
  const title = 'Lines that were edited by hand, and that the new conversion changes:';
  return [title, ...parts.slice(0, SHOWN_CONFLICTS).flat(), ...more].join('\n');
}

/** The same for JSON documents. Secrets are masked; of files that nobody else may read no text is given. */
export function changesToJson(changes: readonly FileChange[]): readonly Json[] {
  return changes.map(({ path, change, conflict, secret }) => ({
    path,
    change,
    ...(conflict === undefined
      ? {}
      : {
          conflict: {
            reason: conflict.reason,
            settled: conflict.settled,
            places: conflict.stretches.map(({ line, yours, before, generated }) => ({
              line,
              ...(secret
                ? {}
                : {
                    yours: yours.map(maskSecrets),
                    before: before.map(maskSecrets),
                    generated: generated.map(maskSecrets),
                  }),
            })),
          },
        }),
  }));
}

function changeText(change: FileChange | undefined): string {
  if (change === undefined) return '';
  const { conflict } = change;
  if (conflict === undefined) return WORDS[change.change];
  const winner = conflict.settled === undefined ? '' : ` (${WINNERS[conflict.settled]})`;
  const word = change.change === 'conflict' ? 'conflict' : WORDS[change.change];
  return `${word}: ${REASONS[conflict.reason]}${winner}`;
}

/** What stands in such a file is not what was generated. */
function isHandmade(change: FileChange | undefined): boolean {
  return change !== undefined && !['created', 'replaced', 'unchanged'].includes(change.change);
}

function linesText({ content }: EmittedFile, digits: number): string {
  const lines = lineCount(content);
  return `${String(lines).padStart(digits)} ${lines === 1 ? 'line' : 'lines'}`;
}

function sideRows(side: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [`    ${side} | (nothing)`];
  const shown = lines.slice(0, SHOWN_LINES).map((line) => `    ${side} | ${quoteTerminal(maskSecrets(line))}`);
  return lines.length > SHOWN_LINES
    ? [...shown, `    ${side} | … and ${lines.length - SHOWN_LINES} more lines`]
    : shown;
}
