import { structs } from '../kumo/api/structs';
import { asList, asTable, type PolicyTable } from '../kumo/api/value';
import { differencesOf, leavesOf } from './fields';
import { meaningOf } from './meaning';
import { NOWHERE } from './names';
import { bothPlaces, type Pair } from './pair';
import { candidates } from './places';
import { type Answer, ask, type Side } from './side';
import type { Found } from './tally';

/** Names of sources and pools that one side or the other has. */
export interface Egress {
  readonly common: ReadonlySet<string>;
  readonly pools: number;
}

/** Compares sources and pools as the handlers give them. */
export function compareEgress(pair: Pair): Egress {
  const { sources, pools } = pair.names;
  const common = new Set<string>();
  for (const name of namesToAsk(pair, 'source', sources)) {
    const answers = askBoth(pair, 'source', name);
    if (compareThing(pair, 'sources', name, answers, withoutName)) common.add(name);
  }
  let count = 0;
  for (const name of namesToAsk(pair, 'pool', pools)) {
    const answers = askBoth(pair, 'pool', name);
    if (answers.before.values !== undefined || answers.after.values !== undefined) count++;
    compareThing(pair, 'pools', name, answers, members);
  }
  return { common, pools: count };
}

interface Answers {
  readonly before: Answer;
  readonly after: Answer;
}

function askBoth({ before, after }: Pair, operation: 'source' | 'pool', name: string): Answers {
  return { before: ask(before, operation, { name }), after: ask(after, operation, { name }) };
}

/** Words in Lua may be names where no helper says what names there are, unless every name gets an answer. */
function namesToAsk(pair: Pair, operation: 'source' | 'pool', known: ReadonlySet<string>): readonly string[] {
  const picky = (side: Side) =>
    side.parts.state.sources === undefined && ask(side, operation, { name: NOWHERE.name }).values === undefined;
  const words = picky(pair.before) || picky(pair.after) ? pair.names.words : [];
  return [...new Set([...known, ...words])].filter((name) => name !== NOWHERE.source);
}

/** True when both sides have the thing. */
function compareThing(
  pair: Pair,
  area: 'sources' | 'pools',
  name: string,
  { before, after }: Answers,
  tableOf: (answer: PolicyTable) => PolicyTable,
): boolean {
  if (before.values === undefined && after.values === undefined) return false;
  const rows = area === 'sources' ? structs.egress_source.fields : structs.egress_pool_entry.fields;
  const place = (field: readonly string[]) =>
    bothPlaces(pair, candidates[area === 'sources' ? 'source' : 'pool'](name, field), { before, after }, field);
  const guessed = before.guessed || after.guessed;
  if (before.values !== undefined && after.values !== undefined) {
    const differences = differencesOf(tableOf(before.values), tableOf(after.values), rows);
    pair.tally.addFields({ area, subject: [name], guessed }, differences, place);
    return true;
  }
  const kind = after.values === undefined ? 'removed' : 'added';
  const own = tableOf(before.values ?? after.values ?? {});
  const shown = summaryOf(own, rows);
  const found: Found = {
    area,
    kind,
    subject: [name],
    judgement: { verdict: 'differs', risk: 'address' },
    ...(kind === 'added' ? { after: shown } : { before: shown }),
    placesOf: () => place([]),
    ...(guessed ? { guessed } : {}),
  };
  pair.tally.add(found);
  return false;
}

/** The fields of a thing on one line. */
export function summaryOf(table: PolicyTable, rows: Parameters<typeof leavesOf>[1]): { key: string; shown: string } {
  const fields = leavesOf(table, rows).map(
    ({ path, row, value }) => `${path.join('.')} = ${meaningOf(row, value).shown}`,
  );
  const shown = fields.sort().join(', ');
  return { key: shown, shown: shown === '' ? 'nothing set' : shown };
}

function withoutName({ name: _, ...fields }: PolicyTable): PolicyTable {
  return fields;
}

/** Weights by member; one that is in a pool twice gets both shares. */
function members(pool: PolicyTable): PolicyTable {
  const weights = new Map<string, number>();
  for (const item of asList(pool['entries']) ?? []) {
    const { name, weight } = asTable(item) ?? {};
    const share = typeof weight === 'number' ? weight : 1;
    if (typeof name === 'string') weights.set(name, (weights.get(name) ?? 0) + share);
  }
  return Object.fromEntries([...weights].map(([name, weight]) => [name, { weight }]));
}
