import type { Diagnostic } from '../diagnostics/diagnostic';
import { hideSecrets } from '../diagnostics/hide-secrets';
import { maskSecrets } from '../diagnostics/secrets';
import { positionAt, type Span } from '../diagnostics/span';
import type { Scope } from '../directives/row';
import type { EmittedFile } from '../emit/file';
import type { FileCopy, KumoPolicy, Rename, SystemFile } from '../kumo/model';
import type { ReleaseNeeds } from '../kumo/runtime/release-needs';
import { groupBy } from '../pmta/group-by';
import type { Ledger, LedgerEntry, Outcome } from '../pmta/ledger';
import type { PmtaConfig, ScopeBlock } from '../pmta/model';
import { AREAS, type Area, areaOf } from './areas';

/** Of a name in a report, in UTF-16 code units. */
const LONGEST_NAME = 400;

/** What reports are made from; the pipeline's Conversion is one. */
export interface ReportInput {
  readonly config: PmtaConfig;
  readonly policy: KumoPolicy;
  readonly ledger: Ledger;
  readonly files: readonly EmittedFile[];
}

export type OutcomeCounts = Readonly<Record<Outcome, number>>;

/** One setting and what became of it. Holds no value of the input, so that no secret can get out. */
export interface ReportLine {
  readonly file: string;
  /** One-based. */
  readonly line: number;
  readonly column: number;
  /** `global`, or the blocks around it: `virtual-mta a > domain gmail.com`. */
  readonly scope: string;
  readonly scopeKind: Scope;
  /** `max-smtp-out`; `<domain>` for a tag; a regex line of a list has the scope's own name in parentheses. */
  readonly directive: string;
  readonly outcome: Outcome;
  readonly by: string;
  /** Never empty for an outcome that somebody has to read about. */
  readonly notes: readonly string[];
}

export interface Summary {
  /** Settings in; the sum of `counts`. */
  readonly total: number;
  readonly counts: OutcomeCounts;
  /** Areas that the input has, in the order of {@link AREAS}. */
  readonly areas: readonly { readonly name: Area; readonly total: number; readonly counts: OutcomeCounts }[];
  /** Files with settings in them, in the order of reading. */
  readonly files: readonly { readonly name: string; readonly total: number; readonly counts: OutcomeCounts }[];
  /** In the order of reading. */
  readonly lines: readonly ReportLine[];
  /** Number of files the settings stand in. */
  readonly inputFiles: number;
}

/** What the reports tell of one conversion. */
export interface Migration {
  readonly summary: Summary;
  readonly renames: readonly Rename[];
  /** Keys and certificates that a person has to copy. */
  readonly copies: readonly FileCopy[];
  /** Files of the system that a person has to install. */
  readonly systemFiles: readonly SystemFile[];
  readonly diagnostics: readonly Diagnostic[];
  /** The release of KumoMTA that the tree needs; absent when nothing was emitted that could be run. */
  readonly release?: ReleaseNeeds;
}

/** Settings that share everything a reader is told about them. */
export interface LineGroup {
  readonly first: ReportLine;
  /** `file:line` of each. */
  readonly places: readonly string[];
}

/** Counts and lists what became of every setting. Throws when a setting has no outcome: that is a bug of ours. */
export function summarise(input: ReportInput): Summary {
  const entries = input.ledger.entries();
  const lost = input.config.settings.length - entries.length;
  if (lost !== 0) throw new Error(`${lost} of ${input.config.settings.length} settings have no outcome`);
  const paths = new Map<ScopeBlock, string>();
  const lines = entries.map((entry) => toLine(entry, paths));
  const byArea = groupBy(entries, ({ setting }) => areaOf(setting));
  const areas = AREAS.flatMap((name) => {
    const own = byArea.get(name) ?? [];
    return own.length === 0 ? [] : [{ name, total: own.length, counts: countOutcomes(own) }];
  });
  const files = [...groupBy(entries, ({ setting }) => setting.span.source.path)].map(([name, own]) => ({
    name,
    total: own.length,
    counts: countOutcomes(own),
  }));
  return { total: entries.length, counts: countOutcomes(entries), areas, files, lines, inputFiles: files.length };
}

/** What the outcomes mean, for a reader who sees a report first. */
export const MEANING: Readonly<Record<Outcome, string>> = {
  exact: 'does the same in KumoMTA',
  approximate: 'nearly the same; the difference is named below',
  implicit: 'KumoMTA does so anyway, nothing was written',
  manual: 'there is a way, and a person has to choose it',
  unsupported: 'KumoMTA has no counterpart',
  unknown: 'not a PowerMTA directive',
  invalid: 'the value or the place is wrong',
};

/** Lines with the same directive, outcome and notes, in order of first appearance; no group is empty. */
export function groupLines(lines: readonly ReportLine[]): readonly LineGroup[] {
  const groups = groupBy(lines, (line) => JSON.stringify([line.directive, line.outcome, line.notes]));
  return [...groups.values()].flatMap((all) => {
    const [first] = all;
    return first === undefined ? [] : [{ first, places: all.map((line) => `${line.file}:${line.line}`) }];
  });
}

/** Notes as one text: sentences follow each other, phrases are set apart. */
export function joinNotes(notes: readonly string[]): string {
  return notes.reduce((text, note) => (text === '' ? note : `${text}${/[.!?]$/.test(text) ? '' : ';'} ${note}`), '');
}

/** `57.5`: the share of `count` in `total`, in per cent with one decimal. */
export function percent(count: number, total: number): string {
  return total === 0 ? '0.0' : ((count * 100) / total).toFixed(1);
}

/** Lines of a text, the last one counted whether or not it is ended. */
export function lineCount(text: string): number {
  const breaks = text.split('\n').length - 1;
  return text === '' || text.endsWith('\n') ? breaks : breaks + 1;
}

/** No setting of any outcome, in the order of the reports. */
export function zeroCounts(): Record<Outcome, number> {
  return { exact: 0, approximate: 0, implicit: 0, manual: 0, unsupported: 0, unknown: 0, invalid: 0 };
}

function countOutcomes(entries: readonly LedgerEntry[]): OutcomeCounts {
  const counts = zeroCounts();
  for (const { outcome } of entries) counts[outcome]++;
  return counts;
}

function toLine(entry: LedgerEntry, paths: Map<ScopeBlock, string>): ReportLine {
  const { setting, outcome, by } = entry;
  const { line, column } = positionAt(setting.span.source, setting.span.start);
  return {
    file: setting.span.source.path,
    line,
    column,
    scope: knownPath(setting.scope, paths),
    scopeKind: setting.scope.kind,
    directive: setting.name === '' ? `(${setting.scope.kind})` : inputText(setting.name, setting.span),
    outcome,
    by,
    notes: (entry.notes.length > 0 ? entry.notes : defaultNotes(entry)).map((note) => hideSecrets(note, setting.span)),
  };
}

function defaultNotes({ setting, outcome }: LedgerEntry): readonly string[] {
  if (outcome === 'unknown') return ['not a directive of PowerMTA'];
  if (outcome === 'invalid') return ['the value or the place is wrong, see the message for this line'];
  const note = setting.row?.note ?? '';
  return note === '' ? [] : [note];
}

function knownPath(scope: ScopeBlock, paths: Map<ScopeBlock, string>): string {
  const path = paths.get(scope) ?? scopePath(scope);
  paths.set(scope, path);
  return path;
}

function scopePath(scope: ScopeBlock): string {
  if (scope.parent === undefined) return scope.kind;
  // The arguments of a program that a file is piped to hold passwords in forms that nobody knows.
  const argument = scope.argument.replace(/^(\|\s*\S+)\s.*$/s, '$1 …');
  const own = inputText(argument === '' ? scope.kind : `${scope.kind} ${argument}`, scope.tag?.span);
  return scope.parent.parent === undefined ? own : `${scopePath(scope.parent)} > ${own}`;
}

/** A name of the input for a report: without secrets, and of a length that leaves the report readable. */
function inputText(text: string, span: Span | undefined): string {
  const shown = hideSecrets(maskSecrets(text.slice(0, LONGEST_NAME)), span);
  return text.length > LONGEST_NAME ? `${shown}…` : shown;
}
