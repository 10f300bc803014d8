import { placeOf } from '../../diagnostics/span';
import { OUTCOMES, type Outcome } from '../../pmta/ledger';
import { MEANING, type Migration, type OutcomeCounts, percent } from '../summarise';
import { type Task, tasksOf } from '../tasks';
import type { ReportData } from './data-format';
import { type DifferenceSection, differenceSections } from './difference-view';
import type { PlaceNumber } from './line-links';
import { type PlacesView, placesView } from './places-view';

/** One sign an outcome, so that nothing is told by colour alone. */
export const GLYPHS: Readonly<Record<Outcome, string>> = {
  exact: '=',
  approximate: '≈',
  implicit: '·',
  manual: '!',
  unsupported: '–',
  unknown: '?',
  invalid: '×',
};

/** Of a list, this many are in the page; migration.json has all. */
const MOST_TASKS = 500;
const MOST_ROWS = 200;

/** A piece of a bar; the bar is 1000 wide. */
interface Bar {
  readonly outcome: Outcome;
  readonly x: string;
  readonly width: string;
}

interface ChartView {
  readonly caption: string;
  readonly head: string;
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly name: string;
    readonly total: number;
    readonly bars: readonly Bar[];
    readonly counts: readonly number[];
  }[];
  /** Says that rows were left out; may be empty. */
  readonly more: string;
}

interface TaskView extends PlacesView {
  readonly id: string;
  readonly subject: string;
  readonly text: string;
  /** Lines of a file to install; empty for none. */
  readonly content: readonly string[];
}

/** Everything that stands in the page itself; the script adds the rest. Texts are quoted by the template. */
export interface PageView {
  readonly lead: string;
  readonly release: string;
  readonly whole: readonly Bar[];
  readonly total: number;
  readonly outcomes: readonly {
    readonly outcome: Outcome;
    readonly glyph: string;
    readonly count: number;
    readonly share: string;
    readonly meaning: string;
    readonly none: boolean;
  }[];
  readonly tables: readonly ChartView[];
  readonly taskCount: number;
  readonly taskLead: string;
  readonly taskGroups: readonly {
    readonly title: string;
    readonly tasks: readonly TaskView[];
    readonly more: string;
  }[];
  readonly cut: string;
  readonly differences: readonly DifferenceSection[];
  /** Undefined: nothing was renamed. */
  readonly renames: readonly (PlacesView & Record<'what' | 'from' | 'to' | 'why', string>)[] | undefined;
  readonly moreRenames: string;
  readonly features: readonly Record<'since' | 'what' | 'where' | 'more', string>[] | undefined;
}

export function pageView(migration: Migration, data: ReportData, numberOf: PlaceNumber): PageView {
  const { summary, release, renames } = migration;
  const tasks = tasksOf(migration);
  return {
    lead: leadText(migration, tasks.length),
    release: release === undefined ? '' : `The tree works with KumoMTA ${release.lowest} or newer.`,
    whole: bars(summary.counts, summary.total),
    total: summary.total,
    outcomes: OUTCOMES.map((outcome) => ({
      outcome,
      glyph: GLYPHS[outcome],
      count: summary.counts[outcome],
      share: percent(summary.counts[outcome], summary.total),
      meaning: MEANING[outcome],
      none: summary.counts[outcome] === 0,
    })),
    tables: [
      chart('Outcomes by area', 'Area', summary.areas, summary.counts),
      chart('Outcomes by file', 'File', summary.files, summary.counts),
    ],
    taskCount: tasks.length,
    taskLead: tasks.length === 0 ? 'Nothing is left to do by hand.' : `0 of ${tasks.length} done`,
    taskGroups: taskGroups(tasks, numberOf),
    cut: cutText(data),
    differences: differenceSections(summary, numberOf),
    renames:
      renames.length === 0
        ? undefined
        : renames.slice(0, MOST_ROWS).map(({ what, from, to, why, origin }) => ({
            what,
            from,
            to,
            why,
            ...placesView(origin === undefined ? [] : [placeOf(origin)], numberOf),
          })),
    moreRenames: moreText(renames.length - MOST_ROWS),
    features: featureRows(migration),
  };
}

function leadText({ summary }: Migration, tasks: number): string {
  const { total, counts, inputFiles } = summary;
  const byItself = counts.exact + counts.approximate + counts.implicit;
  const read = `${count(total, 'setting was', 'settings were')} read from ${count(inputFiles, 'file', 'files')}.`;
  const left =
    tasks === 0 ? 'nothing is left to do by hand' : `${count(tasks, 'task is', 'tasks are')} left for a person`;
  return `${read} ${byItself} of them (${percent(byItself, total)} %) convert by themselves; ${left}.`;
}

function count(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}

function bars(counts: OutcomeCounts, total: number): readonly Bar[] {
  let x = 0;
  return OUTCOMES.filter((outcome) => counts[outcome] > 0).map((outcome) => {
    const width = (counts[outcome] * 1000) / total;
    const bar = { outcome, x: x.toFixed(2), width: width.toFixed(2) };
    x += width;
    return bar;
  });
}

/** Outcomes that the whole input does not have need no column. */
function chart(
  caption: string,
  head: string,
  groups: readonly { readonly name: string; readonly total: number; readonly counts: OutcomeCounts }[],
  all: OutcomeCounts,
): ChartView {
  const columns = OUTCOMES.filter((outcome) => all[outcome] > 0);
  const rows = groups.slice(0, MOST_ROWS).map(({ name, total, counts }) => ({
    name,
    total,
    bars: bars(counts, total),
    counts: columns.map((outcome) => counts[outcome]),
  }));
  return { caption, head, columns, rows, more: moreText(groups.length - MOST_ROWS) };
}

const TASK_TITLES: Readonly<Record<Task['kind'], string>> = {
  setting: 'Settings to decide',
  copy: 'Files to copy',
  install: 'Files to install on the system',
  question: 'Open questions',
};

function taskGroups(tasks: readonly Task[], numberOf: PlaceNumber): PageView['taskGroups'] {
  const kinds: readonly Task['kind'][] = ['setting', 'copy', 'install', 'question'];
  return kinds.flatMap((kind) => {
    const own = tasks.filter((task) => task.kind === kind);
    if (own.length === 0) return [];
    const shown = own.slice(0, MOST_TASKS).map(({ id, subject, text, places, content }) => ({
      id,
      subject,
      text,
      content: content === undefined ? [] : content.replace(/\n$/, '').split('\n'),
      ...placesView(places, numberOf),
    }));
    return [{ title: TASK_TITLES[kind], tasks: shown, more: moreText(own.length - MOST_TASKS) }];
  });
}

function moreText(left: number): string {
  return left > 0 ? `${left} more are left out here; migration.json has them.` : '';
}

function cutText({ input, emitted }: ReportData): string {
  const lines = (files: readonly { readonly cut: number }[]) => files.reduce((sum, { cut }) => sum + cut, 0);
  const parts = [
    lines(input) > 0 ? `the last ${lines(input)} lines of the configuration` : '',
    lines(emitted) > 0 ? `the last ${lines(emitted)} lines of the tree` : '',
  ].filter((part) => part !== '');
  return parts.length === 0
    ? ''
    : `So that this page stays quick, ${parts.join(' and ')} are not shown above. The counts, tasks and differences include them.`;
}

function featureRows({ release }: Migration): PageView['features'] {
  if (release === undefined || release.features.length === 0) return undefined;
  return release.features.map(({ what, since, where, more }) => ({
    what,
    since,
    where,
    more: more === 0 ? '' : ` and ${more} more`,
  }));
}
