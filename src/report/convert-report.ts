import { diagnosticsToJson } from '../diagnostics/json';
import { countDiagnostics } from '../diagnostics/render';
import { wrap } from '../diagnostics/wrap';
import type { EmittedFile } from '../emit/file';
import type { FileChange } from '../merge/file-change';
import { OUTCOMES, type Outcome } from '../pmta/ledger';
import { toJsonText } from './json-text';
import {
  areasToJson,
  copiesToJson,
  lineToJson,
  releaseToJson,
  renamesToJson,
  systemFilesToJson,
} from './migration-json';
import { quoteShell, quoteTerminal } from './quote-terminal';
import { groupLines, joinNotes, lineCount, MEANING, type Migration, percent, type Summary } from './summarise';
import { changeRows, changesToJson, conflictText } from './tree-changes';

/**
 * What became of the tree. `dry-run`: it would have been written; `conflict`: hand edits and the new conversion do not go
 * together; `does-not-load`: together they would not load; `unchecked`: whether they would could not be told.
 */
export type ConvertStatus =
  | {
      readonly kind: 'written' | 'unchanged';
      readonly directory: string;
      readonly backup?: string;
      readonly changes: readonly FileChange[];
    }
  | { readonly kind: 'conflict' | 'does-not-load'; readonly directory: string; readonly changes: readonly FileChange[] }
  | { readonly kind: 'dry-run'; readonly directory?: string; readonly changes?: readonly FileChange[] }
  | { readonly kind: 'failing-diagnostics' }
  | { readonly kind: 'refused' | 'failed' | 'unchecked'; readonly directory: string; readonly reason: string };

/** Everything that `convert` has to say on its standard output. */
export interface ConvertReport extends Migration {
  /** Files of the tree, reports included. */
  readonly files: readonly EmittedFile[];
  readonly status: ConvertStatus;
  /** Where the tree will live. */
  readonly installDir: string;
}

/** Of the manual tasks, this many are shown. */
const SHOWN_TASKS = 5;

/** The summary for a terminal. Text of the input in it is quoted. */
export function convertText(report: ConvertReport, width = 100): string {
  const parts = [
    outcomeTable(report.summary),
    statusText(report),
    conflictText(changesOf(report.status)),
    releaseText(report),
    taskText(report.summary, width),
    nextText(report),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** The same as one document, `pmta2kumo.convert/1`. */
export function convertJson(report: ConvertReport): string {
  const { summary, status } = report;
  return toJsonText({
    schema: 'pmta2kumo.convert/1',
    status: status.kind,
    directory: 'directory' in status ? status.directory : undefined,
    backup: 'backup' in status ? status.backup : undefined,
    kept: keptPaths(status),
    reason: 'reason' in status ? status.reason : undefined,
    total: summary.total,
    counts: { ...summary.counts },
    areas: areasToJson(summary),
    files: report.files.map(({ path, content, mode }) => ({ path, lines: lineCount(content), mode: modeText(mode) })),
    changes: 'changes' in status ? changesToJson(changesOf(status)) : undefined,
    manual: summary.lines.filter((line) => line.outcome === 'manual').map(lineToJson),
    renames: renamesToJson(report.renames),
    copies: copiesToJson(report.copies),
    systemFiles: systemFilesToJson(report.systemFiles),
    release: releaseToJson(report.release),
    diagnostics: diagnosticsToJson(report.diagnostics).map((diagnostic) => ({ ...diagnostic })),
    next: nextSteps(report),
  });
}

function outcomeTable({ total, counts, inputFiles }: Summary): string {
  const digits = String(total).length;
  const rows = OUTCOMES.map(
    (outcome) =>
      `  ${outcome.padEnd(12)} ${String(counts[outcome]).padStart(digits)}  ${percent(counts[outcome], total).padStart(5)} %  ${meaningOf(outcome)}`,
  );
  const files = inputFiles === 1 ? '1 file' : `${inputFiles} files`;
  return [`${total} ${total === 1 ? 'setting' : 'settings'} in ${files}`, ...rows].join('\n');
}

function meaningOf(outcome: Outcome): string {
  return outcome === 'approximate' ? 'nearly the same; MIGRATION.md names the difference' : MEANING[outcome];
}

function statusText(report: ConvertReport): string {
  const { status } = report;
  const rows = changeRows(report.files, changesOf(status));
  switch (status.kind) {
    case 'written': {
      const backup = status.backup === undefined ? [] : [`The old tree is in ${quoteTerminal(status.backup)}.`];
      return [`Written to ${quoteTerminal(status.directory)}:`, ...rows, ...backup].join('\n');
    }
    case 'unchanged':
      return [`${quoteTerminal(status.directory)} is already up to date:`, ...rows].join('\n');
    case 'dry-run':
      return ['Nothing was written (dry run). It would be:', ...rows].join('\n');
    case 'conflict':
      return [
        `Nothing was written: hand edits in ${quoteTerminal(status.directory)} are in the way. It would be:`,
        ...rows,
      ].join('\n');
    case 'does-not-load':
      return `Nothing was written: with the hand edits in ${quoteTerminal(status.directory)} the new tree would not load.`;
    case 'failing-diagnostics':
      return `Nothing was written: ${countDiagnostics(report.diagnostics)}. Mend them, or write the tree nevertheless with --keep-going.`;
    case 'refused':
    case 'failed':
    case 'unchecked':
      return `Nothing was written: ${quoteTerminal(status.directory)}: ${quoteTerminal(status.reason)}.`;
  }
}

function changesOf(status: ConvertStatus): readonly FileChange[] {
  return 'changes' in status ? (status.changes ?? []) : [];
}

/** Foreign files that came along. */
function keptPaths(status: ConvertStatus): readonly string[] | undefined {
  if (status.kind !== 'written' && status.kind !== 'unchanged') return undefined;
  return status.changes.filter(({ change }) => change === 'kept-foreign').map(({ path }) => path);
}

/** One line: the release that the tree needs, and the first thing that needs it. */
function releaseText({ release, status }: ConvertReport): string {
  const [first, ...others] = release?.features ?? [];
  if (release === undefined || !['written', 'unchanged', 'dry-run'].includes(status.kind)) return '';
  if (first === undefined) return `The tree works with KumoMTA ${release.lowest} or newer.`;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `The tree needs KumoMTA ${release.lowest} or newer, for ${first.what} (${quoteTerminal(first.where)})${more}.`;
}

function taskText(summary: Summary, width: number): string {
  const tasks = summary.lines.filter((line) => line.outcome === 'manual');
  if (tasks.length === 0) return '';
  const groups = groupLines(tasks);
  const rows = groups.slice(0, SHOWN_TASKS).flatMap((group) => {
    const { first, places } = group;
    const more = places.length > 1 ? ` (and ${places.length - 1} more)` : '';
    const lead = `${quoteTerminal(places[0] ?? '')}${more} ${quoteTerminal(first.directive)}`;
    const lines = wrap(`${lead}: ${quoteTerminal(joinNotes(first.notes))}`, width - 4);
    return lines.map((line, i) => `${i === 0 ? '  ' : '    '}${line}`);
  });
  const rest = groups.length > SHOWN_TASKS ? [`  … and ${groups.length - SHOWN_TASKS} more kinds`] : [];
  const title = tasks.length === 1 ? '1 setting needs a person' : `${tasks.length} settings need a person`;
  return [`${title}; the check list is in MIGRATION.md:`, ...rows, ...rest].join('\n');
}

function nextText(report: ConvertReport): string {
  const steps = nextSteps(report).map((step, i) => `  ${i + 1}. ${step}`);
  return steps.length === 0 ? '' : ['Next:', ...steps].join('\n');
}

function nextSteps({ status, installDir, files, copies }: ConvertReport): readonly string[] {
  if (status.kind !== 'written' && status.kind !== 'unchanged') return [];
  const validate = `sudo -u kumod /opt/kumomta/sbin/kumod --validate --policy ${quoteShell(`${installDir}/init.lua`)}`;
  const secrets = files.some((file) => file.mode === 0o600) ? ', its 0600 files too' : '';
  const copy =
    status.directory === installDir
      ? `make sure that the user kumod can read the tree${secrets}`
      : `copy the tree to ${quoteShell(installDir)}, owned so that the user kumod can read it${secrets}`;
  const count = copies.length === 1 ? '1 key or certificate' : `${copies.length} keys and certificates`;
  const keys = copies.length === 0 ? [] : [`copy ${count} to where MIGRATION.md says`];
  const directory = quoteTerminal(status.directory);
  return [
    `open ${directory}/migration.html in a browser, or read ${directory}/MIGRATION.md`,
    copy,
    ...keys,
    `run: ${validate}`,
  ];
}

function modeText(mode: number): string {
  return `0${mode.toString(8)}`;
}
