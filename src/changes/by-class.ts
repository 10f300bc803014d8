import type { PolicyTable } from '../kumo/api/value';
import { plainTable } from '../kumo/api/value';
import { differencesOf, type FieldDifference } from './fields';
import { stable } from './meaning';
import type { Pair } from './pair';
import type { Answer, Side } from './side';

/** Questions of one kind to both trees: `[domain, source]`, `[domain, tenant, campaign]`. */
export interface Questions {
  readonly subjects: readonly (readonly string[])[];
  readonly rows: Parameters<typeof differencesOf>[2];
  /** What the helper's data say, without running anything; undefined where there is no helper. */
  dataOf(side: Side, subject: readonly string[]): PolicyTable | undefined;
  /** What the handler of the policy answers. */
  answerOf(side: Side, subject: readonly string[]): Answer;
}

export interface Compared {
  readonly subject: readonly string[];
  readonly differences: readonly FieldDifference[];
  readonly answers: { readonly before?: Answer; readonly after?: Answer };
}

/** Of the questions whose data differ alike, this many are put to the handlers. */
const ASKED_OF_CLASS = 40;
/** Of those whose data are the same, or not known, where the code is not: spread evenly. */
const ASKED_OTHERWISE = 4_000;

/**
 * Asks both trees by class: a handler costs a millisecond, and a tree may tell a million paths apart. What the helpers' data
 * say costs little and is compared for all. Handlers are asked where data differ (some of each kind of difference; the
 * rest of a kind is taken to differ like the data if these did), and where the Lua code of the trees is not the same.
 */
export function compareByClass(pair: Pair, questions: Questions, hear: (compared: Compared) => void): void {
  const { classes, others } = sorted(pair, questions);
  const step = Math.max(1, Math.ceil(others.length / ASKED_OTHERWISE));
  if (step > 1) {
    pair.notes.add(
      `The Lua code of the trees differs, and of ${others.length} answers one in ${step} was compared; the rest by the data of the helpers.`,
    );
  }
  others.forEach((subject, index) => {
    if (index % step === 0) askOne(pair, questions, subject, hear);
  });
  for (const subjects of classes.values()) {
    const seen = subjects.slice(0, ASKED_OF_CLASS).filter((subject) => askOne(pair, questions, subject, hear)).length;
    if (seen === 0) continue;
    for (const subject of subjects.slice(ASKED_OF_CLASS)) {
      const [before, after] = [questions.dataOf(pair.before, subject), questions.dataOf(pair.after, subject)];
      hear({ subject, differences: differencesOf(before ?? {}, after ?? {}, questions.rows), answers: {} });
    }
  }
}

function sorted(
  { before, after, alike }: Pair,
  { subjects, dataOf, rows }: Questions,
): { classes: ReadonlyMap<string, (readonly string[])[]>; others: readonly (readonly string[])[] } {
  const classes = new Map<string, (readonly string[])[]>();
  const others: (readonly string[])[] = [];
  for (const subject of subjects) {
    const [old, wanted] = [dataOf(before, subject), dataOf(after, subject)];
    if (old === undefined || wanted === undefined) {
      others.push(subject);
      continue;
    }
    if (stable(plainTable(old)) === stable(plainTable(wanted))) {
      if (!alike) others.push(subject);
      continue;
    }
    const differences = differencesOf(old, wanted, rows);
    const key = stable(differences.map(({ path, before: a, after: b }) => [path, a.key, b.key]));
    const known = classes.get(key);
    if (known === undefined) classes.set(key, [subject]);
    else known.push(subject);
  }
  return { classes, others };
}

/** True when the answers differ. */
function askOne(
  pair: Pair,
  questions: Questions,
  subject: readonly string[],
  hear: (compared: Compared) => void,
): boolean {
  const answers = { before: questions.answerOf(pair.before, subject), after: questions.answerOf(pair.after, subject) };
  const differences = differencesOf(answers.before.values ?? {}, answers.after.values ?? {}, questions.rows);
  if (differences.length > 0) hear({ subject, differences, answers });
  return differences.length > 0;
}
