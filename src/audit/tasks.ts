import { placeOf } from '../diagnostics/span';
import type { FileCopy } from '../kumo/model';
import { groupBy } from '../pmta/group-by';
import { joinNotes, type ReportLine } from '../report/summarise';
import { pageUrl } from './pages';

/** One thing that a person has to do, for every line that it is due to. */
export interface Task {
  /** What the lines set; several where one cause touches several. */
  readonly directives: readonly string[];
  readonly what: string;
  /** Where KumoMTA's documentation tells of it. */
  readonly page: string;
  /** `file:line` of each setting, in the order of reading. */
  readonly places: readonly string[];
}

const COPY_PAGE: Readonly<Record<FileCopy['what'], string>> = {
  'CA file': pageUrl('global', 'smtp-server-tls-ca-file'),
  'DKIM key': pageUrl('global', 'domain-key'),
  'TLS certificate and key': pageUrl('global', 'smtp-server-tls-certificate'),
  'header lines': pageUrl('global', 'include-headers-from'),
  'list of addresses': pageUrl('address-list', 'address-file'),
};

/** The settings that end `manual`, grouped by what there is to do, in the order of their first lines. */
export function tasksOf(lines: readonly ReportLine[]): readonly Task[] {
  const manual = lines.filter(({ outcome }) => outcome === 'manual');
  const groups = groupBy(manual, (line) => JSON.stringify([joinNotes(line.notes), pageOf(line)]));
  return [...groups.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const directives = [...new Set(own.map(({ directive }) => directive))];
    const places = own.map(({ file, line }) => `${file}:${line}`);
    return [{ directives, what: sentence(joinNotes(first.notes)), page: pageOf(first), places }];
  });
}

/** Something that KumoMTA does nearly as PowerMTA did, for every line that it touches. */
export interface Difference {
  readonly directives: readonly string[];
  readonly what: string;
  /** `file:line` of each setting, in the order of reading. */
  readonly places: readonly string[];
}

/** The settings that end `approximate`, grouped by the difference; what most lines are touched by comes first. */
export function differencesOf(lines: readonly ReportLine[]): readonly Difference[] {
  const nearly = lines.filter(({ outcome }) => outcome === 'approximate');
  const differences = [...groupBy(nearly, ({ notes }) => joinNotes(notes))].map(([what, own]) => ({
    directives: [...new Set(own.map(({ directive }) => directive))],
    what: sentence(what),
    places: own.map(({ file, line }) => `${file}:${line}`),
  }));
  return differences.sort((a, b) => b.places.length - a.places.length);
}

/** Files of one kind that have to be brought to the new server. */
export interface CopyTask {
  readonly what: FileCopy['what'];
  /** Where KumoMTA's documentation tells of them. */
  readonly page: string;
  readonly files: readonly { readonly from: string; readonly to: string; readonly places: readonly string[] }[];
}

/** What has to be copied, by kind, in the order of the configuration. */
export function copyTasks(copies: readonly FileCopy[]): readonly CopyTask[] {
  return [...groupBy(copies, ({ what }) => what)].map(([what, own]) => ({
    what,
    page: COPY_PAGE[what],
    files: own.map(({ from, to, origins }) => ({ from, to, places: origins.map(placeOf) })),
  }));
}

function pageOf({ scopeKind, directive }: ReportLine): string {
  return pageUrl(scopeKind, directive);
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
