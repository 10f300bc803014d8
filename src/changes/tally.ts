import type { Area, Change, TreePlace } from './change';
import type { FieldDifference } from './fields';
import type { Meaning } from './meaning';
import { NOWHERE } from './names';
import type { LinesOf } from './origins';
import { type Judgement, judge } from './risks';

/** One difference of one thing, before those that are alike are put together. */
export interface Found {
  readonly area: Area;
  readonly kind: Change['kind'];
  /** `[source]`, `[domain, source]`, … */
  readonly subject: readonly string[];
  readonly field?: string;
  readonly before?: Meaning;
  readonly after?: Meaning;
  readonly judgement: Judgement;
  readonly why?: string;
  /** Where it may stand, most special first; asked for the first of those that are alike only. */
  readonly placesOf?: () => { readonly tree: readonly TreePlace[]; readonly converted: readonly TreePlace[] };
  readonly guessed?: boolean;
}

/** Puts differences together that are the same for many things. */
export interface Tally {
  add(found: Found): void;
  /** All differing fields of one thing. */
  addFields(
    base: Pick<Found, 'area' | 'subject' | 'guessed'>,
    differences: readonly FieldDifference[],
    placesOf?: (path: readonly string[]) => ReturnType<NonNullable<Found['placesOf']>>,
  ): void;
  changes(totals: Totals): readonly Change[];
}

/** How many things there are, so that "every" can be said. */
export interface Totals {
  readonly domains: number;
  readonly sources: number;
}

interface Group {
  readonly first: Found;
  readonly subjects: (readonly string[])[];
  guessed: boolean;
}

const SAME_AMOUNT = 'The same amount, with another burst, or counted by other servers together.';

/** Of the things that a change is about, this many are named. */
const NAMED = 4;
const EXAMPLES = 20;

export function createTally(linesOf: LinesOf): Tally {
  const groups = new Map<string, Group>();
  const add = (found: Found): void => {
    const { area, kind, field, before, after, judgement, why } = found;
    const whole = field === undefined ? found.subject : [];
    const values = [before?.key, after?.key, before?.shown, after?.shown];
    const key = JSON.stringify([area, kind, field, values, judgement, why, whole, found.guessed === true]);
    const group = groups.get(key);
    if (group === undefined)
      groups.set(key, { first: found, subjects: [found.subject], guessed: found.guessed === true });
    else group.subjects.push(found.subject);
  };
  return {
    add,
    addFields({ area, subject, guessed }, differences, placesOf) {
      for (const { path, before, after } of differences) {
        add({
          area,
          kind: 'changed',
          subject,
          field: path.join(area === 'automation' ? ' ' : '.'),
          before,
          after,
          judgement: judge(area, path, before, after),
          ...(before.amount !== undefined && before.amount === after.amount ? { why: SAME_AMOUNT } : {}),
          ...(guessed === true ? { guessed } : {}),
          ...(placesOf === undefined ? {} : { placesOf: () => placesOf(path) }),
        });
      }
    },
    changes: (totals) => [...groups.values()].map((group) => changeOf(group, totals, linesOf)),
  };
}

function changeOf({ first, subjects, guessed }: Group, totals: Totals, linesOf: LinesOf): Change {
  const { area, kind, field, before, after, judgement, why } = first;
  const { tree = [], converted = [] } = first.placesOf?.() ?? {};
  const [treePlace] = tree;
  const [convertedPlace] = converted;
  return {
    area,
    kind,
    subject: phraseOf(area, subjects, totals),
    count: subjects.length,
    examples: subjects.slice(0, EXAMPLES).map((parts) => nameOf(area, parts)),
    ...(field === undefined ? {} : { field }),
    ...(before === undefined ? {} : { before: before.shown }),
    ...(after === undefined ? {} : { after: after.shown }),
    ...judgement,
    ...(why === undefined ? {} : { why }),
    ...(treePlace === undefined ? {} : { tree: treePlace }),
    ...(convertedPlace === undefined ? {} : { converted: convertedPlace }),
    lines: linesOf(converted),
    ...(guessed ? { uncertain: true as const } : {}),
  };
}

/** How the second name of a thing is joined to the first. */
const JOINED: Readonly<Partial<Record<Area, string>>> = { paths: ' from ', queues: ' as ', retry: ' as ' };

function nameOf(area: Area, parts: readonly string[]): string {
  const [first = '', ...rest] = parts;
  return [shown(first), ...rest.map(shown)].join(JOINED[area] ?? ' ');
}

function shown(name: string): string {
  if (name === NOWHERE.domain) return 'any other domain';
  if (name === NOWHERE.source) return 'any other source';
  return name === '' ? 'any tenant' : name;
}

function phraseOf(area: Area, subjects: readonly (readonly string[])[], totals: Totals): string {
  const join = JOINED[area];
  if (join === undefined) return listed(subjects.map((parts) => nameOf(area, parts)));
  const firsts = [...new Set(subjects.map(([first = '']) => first))];
  const seconds = [...new Set(subjects.map(([, ...rest]) => rest.join(' ')))];
  const every = firsts.length > 1 && firsts.length === totals.domains;
  const left = every ? 'every domain' : listed(firsts.map(shown));
  const all = area === 'paths' && seconds.length > 1 && seconds.length === totals.sources;
  const right = all ? 'every source' : listed(seconds.map(shown));
  return `${left}${join}${right}`;
}

function listed(names: readonly string[]): string {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return `${names.slice(0, NAMED).join(', ')}${more}`;
}
