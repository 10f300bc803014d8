import { structs } from '../kumo/api/structs';
import { asList, asTable } from '../kumo/api/value';
import { differencesOf } from './fields';
import { stable } from './meaning';
import { bothPlaces, type Pair } from './pair';
import { textMeaning } from './queues';
import type { Side } from './side';

/** Rules of the bounce classifier: expression and class, in the order in which they are tried. */
type Rules = readonly (readonly [pattern: string, label: string])[];

/** Compares the bounce classifier: which class a reply gets, and the order where it decides. */
export function compareBounces(pair: Pair): void {
  const [old, wanted] = [rulesOf(pair.before), rulesOf(pair.after)];
  const [before, after] = [firsts(old), firsts(wanted)];
  for (const pattern of new Set([...before.keys(), ...after.keys()])) {
    const [was, becomes] = [before.get(pattern), after.get(pattern)];
    if (was === becomes) continue;
    const label = becomes ?? was ?? '';
    pair.tally.add({
      area: 'bounce-rules',
      kind: was === undefined ? 'added' : becomes === undefined ? 'removed' : 'changed',
      subject: [`/${pattern}/`],
      field: 'class',
      ...(was === undefined ? {} : { before: textMeaning(was) }),
      ...(becomes === undefined ? {} : { after: textMeaning(becomes) }),
      judgement: { verdict: 'differs' },
      placesOf: () => bothPlaces(pair, [['rules', label]], {}, []),
    });
  }
  compareOrder(pair, old, wanted);
  const options = [pair.before, pair.after].map(({ parts }) => {
    const { files: _, ...rest } = parts.captured.classifiers[0] ?? {};
    return rest;
  });
  const differences = differencesOf(options[0] ?? {}, options[1] ?? {}, structs.bounce_classifier.fields);
  pair.tally.addFields({ area: 'bounce-rules', subject: ['classifier'] }, differences);
}

/** The first rule that fits wins, so the order counts between rules of different classes. */
function compareOrder(pair: Pair, old: Rules, wanted: Rules): void {
  const common = new Set(
    old.map(([pattern]) => pattern).filter((pattern) => wanted.some(([other]) => other === pattern)),
  );
  const runs = (rules: Rules) => {
    const kept = rules.filter(([pattern]) => common.has(pattern));
    const groups: string[][] = [];
    kept.forEach(([pattern, label], index) => {
      if (kept[index - 1]?.[1] === label) groups.at(-1)?.push(pattern);
      else groups.push([label, pattern]);
    });
    return stable(groups.map(([label = '', ...patterns]) => [label, ...patterns.sort()]));
  };
  if (stable([...firsts(old)].sort()) !== stable([...firsts(wanted)].sort()) || runs(old) === runs(wanted)) return;
  pair.tally.add({
    area: 'bounce-rules',
    kind: 'changed',
    subject: ['rules'],
    field: 'order',
    judgement: { verdict: 'differs' },
    why: 'The same rules stand in another order, and the first that fits wins.',
  });
}

function firsts(rules: Rules): ReadonlyMap<string, string> {
  const classes = new Map<string, string>();
  for (const [pattern, label] of rules) if (!classes.has(pattern)) classes.set(pattern, label);
  return classes;
}

function rulesOf({ parts }: Side): Rules {
  const files = parts.captured.classifiers.flatMap((params) => asList(params['files']) ?? []);
  const names = files.filter((file) => typeof file === 'string').sort();
  return names.flatMap((file) =>
    Object.entries(asTable(parts.context.files.load(file, undefined)?.table['rules']) ?? {}).flatMap(
      ([label, patterns]) =>
        (asList(patterns) ?? []).flatMap((pattern) => (typeof pattern === 'string' ? [[pattern, label] as const] : [])),
    ),
  );
}
