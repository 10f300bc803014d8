import { join } from 'node:path';
import { catalogue } from '../diagnostics/catalogue';
import { createDiagnostics, type Diagnostic } from '../diagnostics/diagnostic';
import { createSource, type Source } from '../diagnostics/span';
import type { Finding } from '../kumo/runtime/finding';
import { blurred } from './merge-diagnostics';
import type { DiskTree } from './read-tree';

/** What of a tree could not be read. */
export function readingFaults({ unread, notUtf8 }: DiskTree): readonly Finding[] {
  const finding = (code: 'tree-file-unread' | 'tree-file-syntax', path: string, message: string): Finding => ({
    code,
    severity: catalogue[code].severity,
    message,
    path,
  });
  return [
    ...[...unread].map(([path, reason]) => finding('tree-file-unread', path, `${path} was not checked: ${reason}`)),
    ...[...notUtf8].map((path) => finding('tree-file-syntax', path, `${path} cannot be read: it is not UTF-8`)),
  ];
}

/** Findings as diagnostics, whose files are named as the user named the tree. */
export function diagnosticsOf(findings: readonly Finding[], tree: DiskTree, dir: string): readonly Diagnostic[] {
  const diagnostics = createDiagnostics();
  const sources = new Map<string, Source>();
  const sourceOf = (path: string): Source => {
    const text = tree.files.get(path) ?? '';
    const known = sources.get(path) ?? createSource(join(dir, path), tree.secret.has(path) ? blurred(text) : text);
    sources.set(path, known);
    return known;
  };
  for (const finding of findings) {
    const span = finding.path === undefined ? undefined : spanOf(finding, sourceOf(finding.path));
    diagnostics.report(finding.code, span, { detail: finding.message });
  }
  return diagnostics.list;
}

function spanOf(
  { line = 1, column = 1, endColumn }: Finding,
  source: Source,
): { readonly source: Source; readonly start: number; readonly end: number } {
  const from = source.lineStarts()[line - 1] ?? source.text.length;
  const rest = source.text.slice(from, source.lineStarts()[line] ?? source.text.length).trimEnd().length;
  const start = from + Math.min(column - 1, rest);
  const end = endColumn === undefined ? from + rest : from + endColumn - 1;
  return { source, start, end: Math.max(start, Math.min(end, source.text.length)) };
}
