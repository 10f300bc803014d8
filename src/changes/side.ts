import { asTable, type PolicyTable } from '../kumo/api/value';
import { createAnswers, type LoadedParts, type LoadedTree } from '../kumo/runtime/answers';
import type { Finding, Place } from '../kumo/runtime/finding';
import { parsePlace } from '../kumo/runtime/host';
import { type LoadedTsa, type LoadOptions, loadParts, loadTsa } from '../kumo/runtime/load-tree';
import { readTable, readText } from '../kumo/runtime/read-result';
import { createTreePlaces, type TreePlaces } from './places';

/** A tree that runs in the model, to be asked. */
export interface Side {
  readonly parts: LoadedParts;
  readonly tree: LoadedTree;
  readonly tsa: LoadedTsa | undefined;
  readonly files: ReadonlyMap<string, string>;
  readonly places: TreePlaces;
  /** What was found while it was loaded; questions add more, which says nothing about the tree. */
  readonly findings: readonly Finding[];
  /** Loading took an answer from outside, so anything may hang on it. */
  readonly guessedAtLoad: boolean;
  /** In answers so far. */
  readonly spent: { milliseconds: number; findings: number };
}

/** What a handler answers. */
export interface Answer {
  /** Undefined when no handler answers, or it fails. */
  readonly values: PolicyTable | undefined;
  readonly failed: boolean;
  /** It asked for what only a server knows. */
  readonly guessed: boolean;
  /** The call in the tree's own code that made the answer. */
  readonly made?: { readonly name: string; readonly place: Place };
}

/** Loads both programs of a tree: kumod's policy and tsa-daemon's. */
export async function openSide(files: ReadonlyMap<string, string>, options: LoadOptions): Promise<Side> {
  const parts = await loadParts(files, options);
  const tsa = files.has('tsa_init.lua') ? await loadTsa(files, options) : undefined;
  const findings = [...parts.context.findings.list, ...(tsa?.findings ?? [])];
  return {
    parts,
    tree: createAnswers(parts),
    tsa,
    files,
    places: createTreePlaces(files),
    findings,
    guessedAtLoad: findings.some(({ code }) => code === 'tree-not-modelled' || code === 'tree-not-followed'),
    spent: { milliseconds: 0, findings: 0 },
  };
}

type Spec = Readonly<Record<string, string | undefined>>;

/** Asks a handler: `source`, `pool`, `queue` or `path`, as the Lua half of the runtime knows them. */
export function ask(side: Side, operation: 'source' | 'pool' | 'queue' | 'path', spec: Spec): Answer {
  const { parts, guessedAtLoad } = side;
  const { made } = parts.context;
  made.place = undefined;
  const given = Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined));
  const answer = readTable(timed(side, () => parts.lua.call(operation, given)));
  const values = asTable(answer?.['params']);
  const base = {
    values,
    failed: answer?.['failed'] === true,
    guessed: !guessedAtLoad && answer?.['guessed'] === true,
  };
  // A call that is returned leaves no line of its own in Lua: the handler is the next best place.
  const registered = parsePlace(readText(answer?.['place']));
  const own = registered !== undefined && side.files.has(registered.path) ? registered : undefined;
  const place = made.place ?? own;
  return place === undefined || made.name === undefined ? base : { ...base, made: { name: made.name, place } };
}

/** A tree takes too long to answer. */
export class TooSlow extends Error {
  constructor(readonly side: Side) {
    super('too slow');
  }
}

/** Milliseconds for one answer, a little less than the model itself takes at most, and for all answers of a tree. */
const LONGEST_ANSWER = 4_500;
const LONGEST_ALL = 300_000;

/** Puts a question to a tree. Throws {@link TooSlow}, since the next ones would take as long. */
export function timed<T>(side: Side, question: () => T): T {
  const before = performance.now();
  const answer = question();
  const took = performance.now() - before;
  side.spent.milliseconds += took;
  const { list } = side.parts.context.findings;
  const stopped = list.slice(side.spent.findings).some(({ code }) => code === 'tree-limit');
  side.spent.findings = list.length;
  if (stopped || took > LONGEST_ANSWER || side.spent.milliseconds > LONGEST_ALL) throw new TooSlow(side);
  return answer;
}
