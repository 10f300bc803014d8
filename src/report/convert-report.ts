import { diagnosticsToJson } from '../diagnostics/json';
import { countDiagnostics } from '../diagnostics/render';
import { displayWidth } from '../diagnostics/visible';
import type { EmittedFile } from '../emit/file';
import { OUTCOMES } from '../pmta/ledger';
import { toJsonText } from './json-text';
import {
  areasToJson,
  copiesToJson,
  lineToJson,
  releaseToJson,
  renamesToJson,
  systemFilesToJson,
} from './migration-json';
import { padEnd, quoteShell, quoteTerminal } from './quote-terminal';
import { groupLines, joinNotes, lineCount, type Migration, percent, type Summary } from './summarise';

/** What became of the tree. `dry-run`: it would have been written. */
export type ConvertStatus =
  | {
      readonly kind: 'written' | 'unchanged';
      readonly directory: string;
      readonly backup?: string;
      readonly kept: readonly string[];
    }
  | { readonly kind: 'dry-run' | 'failing-diagnostics' }
  | { readonly kind: 'refused' | 'failed'; readonly directory: string; readonly reason: string };

/** Everything that `convert` has to say on its standard output. */
export interface ConvertReport extends Migration {
  /** Files of the tree, reports included. */
  readonly files: readonly EmittedFile[];
  readonly status: ConvertStatus;
  /** Where the tree will live. */
  readonly installDir: string;
}

/** Of the files, this many are listed. */
const SHOWN_FILES = 40;
/** Of the manual tasks, this many are shown. */
const SHOWN_TASKS = 5;

/** The summary for a terminal. Text of the input in it is quoted. */
export function convertText(report: ConvertReport): string {
  const parts = [
    outcomeTable(report.summary),
    statusText(report),
    releaseText(report),
    taskText(report.summary),
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
    kept: 'kept' in status ? status.kept : undefined,
    reason: 'reason' in status ? status.reason : undefined,
    total: summary.total,
    counts: { ...summary.counts },
    areas: areasToJson(summary),
    files: report.files.map(({ path, content, mode }) => ({ path, lines: lineCount(content), mode: modeText(mode) })),
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
      `  ${outcome.padEnd(12)} ${String(counts[outcome]).padStart(digits)}  ${percent(counts[outcome], total).padStart(5)} %`,
  );
  const files = inputFiles === 1 ? '1 file' : `${inputFiles} files`;
  return [`${total} ${total === 1 ? 'setting' : 'settings'} in ${files}`, ...rows].join('\n');
}

function statusText(report: ConvertReport): string {
  const { status } = report;
  switch (status.kind) {
    case 'written': {
      const backup = status.backup === undefined ? [] : [`The old tree is in ${quoteTerminal(status.backup)}.`];
      const kept =
        status.kept.length === 0 ? [] : [`Carried over from it: ${status.kept.map(quoteTerminal).join(', ')}.`];
      return [`Written to ${quoteTerminal(status.directory)}:`, ...fileRows(report.files), ...backup, ...kept].join(
        '\n',
      );
    }
    case 'unchanged':
      return [`${quoteTerminal(status.directory)} is already up to date:`, ...fileRows(report.files)].join('\n');
    case 'dry-run':
      return ['Nothing was written (dry run). It would be:', ...fileRows(report.files)].join('\n');
    case 'failing-diagnostics':
      return `Nothing was written: ${countDiagnostics(report.diagnostics)}. Mend them, or write the tree nevertheless with --keep-going.`;
    case 'refused':
    case 'failed':
      return `Nothing was written: ${quoteTerminal(status.directory)}: ${quoteTerminal(status.reason)}.`;
  }
}

function fileRows(files: readonly EmittedFile[]): readonly string[] {
  const shown = files.slice(0, SHOWN_FILES).map((file) => ({ ...file, name: quoteTerminal(file.path) }));
  const columns = Math.max(0, ...shown.map(({ name }) => displayWidth(name)));
  const digits = Math.max(0, ...shown.map(({ content }) => String(lineCount(content)).length));
  const rows = shown.map(({ name, content, mode }) => {
    const lines = lineCount(content);
    const secret = mode === 0o600 ? ', secret (mode 0600)' : '';
    return `  ${padEnd(name, displayWidth(name), columns)}  ${String(lines).padStart(digits)} ${lines === 1 ? 'line' : 'lines'}${secret}`;
  });
  const more = files.length - shown.length;
  return more > 0 ? [...rows, `  … and ${more} more`] : rows;
}

/** One line: the release that the tree needs, and the first thing that needs it. */
function releaseText({ release, status }: ConvertReport): string {
  const [first, ...others] = release?.features ?? [];
  if (release === undefined || !['written', 'unchanged', 'dry-run'].includes(status.kind)) return '';
  if (first === undefined) return `The tree works with KumoMTA ${release.lowest} or newer.`;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `The tree needs KumoMTA ${release.lowest} or newer, for ${first.what} (${quoteTerminal(first.where)})${more}.`;
}

function taskText(summary: Summary): string {
  const tasks = summary.lines.filter((line) => line.outcome === 'manual');
  if (tasks.length === 0) return '';
  const groups = groupLines(tasks);
  const rows = groups.slice(0, SHOWN_TASKS).map((group) => {
    const { first, places } = group;
    const more = places.length > 1 ? ` (and ${places.length - 1} more)` : '';
    return `  ${quoteTerminal(places[0] ?? '')}${more} ${quoteTerminal(first.directive)}: ${quoteTerminal(joinNotes(first.notes))}`;
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
  return [`read ${quoteTerminal(status.directory)}/MIGRATION.md`, copy, ...keys, `run: ${validate}`];
}

function modeText(mode: number): string {
  return `0${mode.toString(8)}`;
}
