import { checkField, checkFields } from '../api/check-fields';
import type { Problem } from '../api/problem';
import { compareReleases, type Release } from '../api/release';
import type { StructName } from '../api/structs';
import { tooNew, type Use, type UseOptions } from '../api/use';
import type { PolicyTable, PolicyValue } from '../api/value';
import type { Context } from './context';
import { addProblems, type Place } from './finding';

/** Something that a tree uses, with its first place. */
export interface PlacedUse extends Use {
  readonly place?: Place | undefined;
  /** How often it was met. */
  readonly count: number;
}

/** Collects what a tree uses of KumoMTA, each thing once. */
export interface Uses {
  readonly list: readonly PlacedUse[];
  /** `placeOf` is asked for the first place only. */
  add(use: Use, placeOf: () => Place | undefined): void;
}

export function createUses(): Uses {
  const met = new Map<string, { use: Use; place: Place | undefined; count: number }>();
  return {
    get list() {
      return [...met.values()].map(({ use, place, count }) => ({ ...use, count, ...(place && { place }) }));
    },
    add(use, placeOf) {
      const known = met.get(use.what);
      if (known === undefined) met.set(use.what, { use, place: placeOf(), count: 1 });
      else known.count++;
    },
  };
}

/** Notes a use; a finding when the target does not have it yet. */
export function need(
  context: Context,
  what: string,
  since: Release,
  place: Place | undefined,
  message = tooNew(what, since),
): void {
  context.uses.add({ what, since }, () => place);
  if (compareReleases(since, context.target) > 0) context.findings.add('tree-too-new', message, place);
}

type PlaceOf = (path: readonly string[]) => Place | undefined;

/** Checks one field of a parameter table and notes what it uses; `where` names the table in what is wrong with it. */
export function checkKey(
  context: Context,
  struct: StructName,
  key: string,
  value: PolicyValue,
  where: string,
  placeOf: PlaceOf,
): void {
  addProblems(context.findings, keyProblems(context, struct, key, value, placeOf), where, placeOf);
}

/** Checks one field and notes what it uses; for whoever tells of problems in another way. */
export function keyProblems(
  context: Context,
  struct: StructName,
  key: string,
  value: PolicyValue,
  placeOf: PlaceOf,
): readonly Problem[] {
  return checkField(struct, key, value, recording(context, placeOf));
}

/** Checks a parameter table and notes what it uses; `complete` is false for parts that are merged later. */
export function checkTable(
  context: Context,
  struct: StructName,
  table: PolicyTable,
  complete: boolean,
  where: string,
  placeOf: PlaceOf,
): void {
  const options = { ...recording(context, placeOf), complete };
  addProblems(context.findings, checkFields(struct, table, options), where, placeOf);
}

function recording({ target, uses }: Context, placeOf: PlaceOf): UseOptions {
  return { target, onUse: (use, path) => uses.add(use, () => placeOf(path)) };
}
