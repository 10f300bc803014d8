import { join } from 'node:path';
import { createDiagnostics, type Diagnostic, type Diagnostics } from '../diagnostics/diagnostic';
import { createSource, type Source, type Span } from '../diagnostics/span';
import type { Finding } from '../kumo/runtime/finding';
import type { Conflict, ConflictReason } from '../merge/decide';
import type { FileChange } from '../merge/file-change';
import { openMarker } from '../merge/merge-text';
import type { TreePlan } from './plan-tree';
import { readInside } from './tree-state';

const CANNOT: Readonly<Partial<Record<ConflictReason, string>>> = {
  'not-a-file': 'it is no regular file any more',
  'not-text': 'it is not text',
  'no-base': 'what was generated before is not in .pmta2kumo/base, or was changed there',
};

/**
 * What stands between hand edits and the tree in `dir`: open conflicts, marked ones, and what would not load. Places are
 * in the present files, of marked conflicts in the written ones.
 */
export async function mergeDiagnostics(
  dir: string,
  plan: TreePlan,
  findings: readonly Finding[] = [],
): Promise<readonly Diagnostic[]> {
  const diagnostics = createDiagnostics();
  for (const change of plan.changes) {
    if (change.conflict === undefined) continue;
    if (change.conflict.settled === undefined) await reportOpen(diagnostics, dir, change, change.conflict);
    else if (change.conflict.settled === 'mark') reportMarked(diagnostics, dir, change, plan);
  }
  for (const finding of findings) await reportFinding(diagnostics, dir, finding, plan);
  return diagnostics.list;
}

async function reportOpen(
  diagnostics: Diagnostics,
  dir: string,
  { path, secret }: FileChange,
  { reason, stretches, line }: Conflict,
): Promise<void> {
  const source = (text: string): Source => createSource(join(dir, path), secret ? blurred(text) : text);
  switch (reason) {
    case 'overlap':
    case 'unresolved': {
      const present = source((await readInside(dir, path)).toString('utf8'));
      for (const { line: from, yours } of stretches) {
        diagnostics.report('edit-conflict', linesSpan(present, from, yours.length), { path });
      }
      if (reason === 'unresolved') diagnostics.report('edit-unresolved', linesSpan(present, line ?? 1, 1), { path });
      return;
    }
    case 'collision':
      return diagnostics.report('edit-collision', undefined, { path });
    case 'deleted':
      return diagnostics.report('edit-deleted', undefined, { path });
    case 'secret':
      return diagnostics.report('edit-secret', undefined, { path });
    default:
      return diagnostics.report('edit-unmergeable', undefined, { path, why: CANNOT[reason] ?? '' });
  }
}

function reportMarked(diagnostics: Diagnostics, dir: string, { path, secret }: FileChange, plan: TreePlan): void {
  const text = writtenText(path, plan) ?? '';
  const source = createSource(join(dir, path), secret ? blurred(text) : text);
  for (let from = 0, line = openMarker(text); line !== undefined; ) {
    diagnostics.report('edit-conflict', linesSpan(source, from + line, 1), { path });
    // The second sign of the same conflict, and then what is behind it.
    const rest = text.split('\n').slice(from + line);
    const end = openMarker(rest.join('\n')) ?? rest.length;
    from += line + end;
    line = openMarker(rest.slice(end).join('\n'));
  }
}

async function reportFinding(diagnostics: Diagnostics, dir: string, finding: Finding, plan: TreePlan): Promise<void> {
  const { path, line = 1, column = 1, message } = finding;
  if (path === undefined) return diagnostics.report('edit-breaks-tree', undefined, { detail: message });
  const present = async (): Promise<string> => (await readInside(dir, path).catch(() => '')).toString();
  const text = writtenText(path, plan) ?? (await present());
  const secret = plan.changes.some((change) => change.path === path && change.secret);
  const source = createSource(join(dir, path), secret ? blurred(text) : text);
  const span = linesSpan(source, line, 1);
  diagnostics.report(
    'edit-breaks-tree',
    { ...span, start: Math.min(span.start + column - 1, span.end) },
    { detail: message },
  );
}

function writtenText(path: string, { writes }: TreePlan): string | undefined {
  const content = writes.find((file) => file.path === path)?.content;
  return typeof content === 'string' ? content : undefined;
}

/** Whole lines, without the last line end; an empty span before `from` for none. */
function linesSpan(source: Source, from: number, count: number): Span {
  const starts = source.lineStarts();
  const start = starts[from - 1] ?? source.text.length;
  const end = count === 0 ? start : (starts[from - 1 + count] ?? source.text.length + 1) - 1;
  return { source, start, end: Math.max(start, end) };
}

/** The same text, line by line and column by column, without what it says. */
export function blurred(text: string): string {
  return text.replace(/[^\s[\]{}=#,]/g, '*');
}
