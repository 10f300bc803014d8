import type { Change, TreePlace } from '../changes/change';
import type { TextChange } from '../changes/text';
import { diagnosticsToJson } from '../diagnostics/json';
import { type DiffReport, statRows } from './diff-report';
import { type Json, toJsonText } from './json-text';

/** `pmta2kumo.diff/1`: what the text says, and every change in full. */
export function diffJson(report: DiffReport): string {
  const { comparison, texts, view, stat, kept, unread } = report;
  const changes = comparison?.changes;
  return toJsonText({
    schema: 'pmta2kumo.diff/1',
    config: report.config,
    directory: report.directory,
    view,
    same: comparison === undefined ? (view === 'text' ? texts.length === 0 : null) : isSame(report),
    counts: {
      changes: changes?.length,
      risks: changes?.filter(({ risk }) => risk !== undefined).length,
      files: texts.length,
    },
    asked: comparison === undefined ? undefined : { ...comparison.asked },
    areas: changes === undefined ? undefined : statRows(changes).map((row) => ({ ...row })),
    changes: stat || changes === undefined ? undefined : changes.map(changeToJson),
    files: texts.map((text) => fileToJson(text, !stat && view !== 'meaning')),
    notes: comparison === undefined ? undefined : [...comparison.notes],
    kept: [...kept],
    unread: [...unread],
    diagnostics: diagnosticsToJson(report.diagnostics).map((diagnostic) => ({ ...diagnostic })),
  });
}

function isSame({ comparison, texts, view }: DiffReport): boolean {
  return comparison?.changes.length === 0 && (view === 'meaning' || texts.length === 0);
}

function changeToJson(change: Change): { readonly [key: string]: Json | undefined } {
  return {
    area: change.area,
    kind: change.kind,
    subject: change.subject,
    field: change.field,
    before: change.before,
    after: change.after,
    verdict: change.verdict,
    risk: change.risk,
    why: change.why,
    lines: [...change.lines],
    tree: placeToJson(change.tree),
    converted: placeToJson(change.converted),
    uncertain: change.uncertain,
    count: change.count,
    examples: [...change.examples],
  };
}

function placeToJson(place: TreePlace | undefined): Json | undefined {
  return place === undefined ? undefined : { path: place.path, line: place.line };
}

function fileToJson({ path, kind, shown, added, removed, patch }: TextChange, whole: boolean): Json {
  return { path, kind, shown, added, removed, patch: whole && shown === 'patch' ? patch : undefined };
}
