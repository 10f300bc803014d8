import { groupBy } from '../pmta/group-by';
import { OUTCOMES, type Outcome } from '../pmta/ledger';
import { AREAS } from '../report/areas';
import { type OutcomeCounts, type ReportLine, type Summary, zeroCounts } from '../report/summarise';

/** Outcomes that nobody has to do anything about. */
export const AUTOMATIC: readonly Outcome[] = ['exact', 'approximate', 'implicit'];

/** Settings of one area, file or configuration, by outcome. */
export interface Share {
  readonly name: string;
  /** The sum of `counts`. */
  readonly total: number;
  readonly counts: OutcomeCounts;
  /** Settings that end exact, approximate or implicit. */
  readonly automatic: number;
}

/** Settings with one name that do not convert by themselves, for one reason. */
export interface Remainder {
  readonly directive: string;
  readonly outcome: Outcome;
  readonly count: number;
  /** Why, or what a person has to do. */
  readonly reason: string;
  /** `file:line` of each. */
  readonly places: readonly string[];
}

export function shareOf(name: string, counts: OutcomeCounts): Share {
  const sum = (outcomes: readonly Outcome[]): number => outcomes.reduce((all, outcome) => all + counts[outcome], 0);
  return { name, total: sum(OUTCOMES), counts, automatic: sum(AUTOMATIC) };
}

/** In the order of the reports. */
export function sharesByArea(summary: Summary): readonly Share[] {
  return summary.areas.map(({ name, counts }) => shareOf(name, counts));
}

/** In the order of reading. */
export function sharesByFile(lines: readonly ReportLine[]): readonly Share[] {
  return [...groupBy(lines, ({ file }) => file)].map(([file, own]) => shareOf(file, countsOf(own)));
}

/** The sum of several configurations; areas keep their order. */
export function addShares(name: string, shares: readonly Share[]): Share {
  const counts = { ...zeroCounts() };
  for (const share of shares) for (const outcome of OUTCOMES) counts[outcome] += share.counts[outcome];
  return shareOf(name, counts);
}

/** Areas of several configurations, summed up by name. */
export function addAreas(all: readonly (readonly Share[])[]): readonly Share[] {
  const byName = groupBy(all.flat(), ({ name }) => name);
  return AREAS.flatMap((name) => {
    const shares = byName.get(name);
    return shares === undefined ? [] : [addShares(name, shares)];
  });
}

/** What does not convert by itself, the most frequent first. */
export function remaindersOf(
  lines: readonly ReportLine[],
  reasonOf: (line: ReportLine) => string,
): readonly Remainder[] {
  const left = lines.filter(({ outcome }) => !AUTOMATIC.includes(outcome));
  const groups = groupBy(left, (line) => JSON.stringify([line.directive, line.outcome, reasonOf(line)]));
  return sorted(
    [...groups.values()].flatMap((own) => {
      const [first] = own;
      if (first === undefined) return [];
      const { directive, outcome } = first;
      const places = own.map(({ file, line }) => `${file}:${line}`);
      return [{ directive, outcome, count: own.length, reason: reasonOf(first), places }];
    }),
  );
}

/** What does not convert by itself in several configurations. */
export interface SharedRemainder extends Omit<Remainder, 'places'> {
  /** The configurations that have it. */
  readonly configs: readonly string[];
}

/** The same over several configurations, the most frequent first. */
export function addRemainders(
  all: readonly { readonly config: string; readonly remainders: readonly Remainder[] }[],
): readonly SharedRemainder[] {
  const placed = all.flatMap(({ config, remainders }) => remainders.map((one) => ({ ...one, config })));
  const groups = groupBy(placed, ({ directive, outcome, reason }) => JSON.stringify([directive, outcome, reason]));
  return sorted(
    [...groups.values()].flatMap((own) => {
      const [first] = own;
      if (first === undefined) return [];
      const { directive, outcome, reason } = first;
      const count = own.reduce((sum, one) => sum + one.count, 0);
      return [{ directive, outcome, count, reason, configs: own.map(({ config }) => config) }];
    }),
  );
}

function sorted<R extends Omit<Remainder, 'places'>>(remainders: readonly R[]): readonly R[] {
  return [...remainders].sort(
    (a, b) => b.count - a.count || compare(a.directive, b.directive) || compare(a.reason, b.reason),
  );
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function countsOf(lines: readonly ReportLine[]): OutcomeCounts {
  const counts = { ...zeroCounts() };
  for (const { outcome } of lines) counts[outcome]++;
  return counts;
}
