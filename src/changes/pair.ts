import type { Place } from '../kumo/runtime/finding';
import type { TreePlace } from './change';
import type { Names } from './names';
import type { Answer, Side } from './side';
import type { Tally } from './tally';

/** Both trees, the names to ask about, and where differences are put. */
export interface Pair {
  /** The tree that is there. */
  readonly before: Side;
  /** The tree that the configuration converts to. */
  readonly after: Side;
  readonly names: Names;
  readonly tally: Tally;
  /** The Lua files say the same on both sides, so equal data have equal effects. */
  readonly alike: boolean;
  /** In sentences: what could not be known or was left out. */
  readonly notes: Set<string>;
}

/** Places of a field on one side: in the data files, then in the Lua code that made the answer. */
export function placesOf(
  side: Side,
  candidates: readonly (readonly string[])[],
  answer: Answer | undefined,
  field: readonly string[],
): readonly TreePlace[] {
  const { made } = answer ?? {};
  const inLua = made && side.parts.context.lua.keyOf(made.place, made.name, field);
  return [...side.places.find(candidates), ...(inLua === undefined ? [] : [treePlace(inLua)])];
}

export function treePlace({ path, line }: Place): TreePlace {
  return line === undefined ? { path } : { path, line };
}

/** Both sides' places of a field that has the same name in the data of both. */
export function bothPlaces(
  { before, after }: Pair,
  candidates: readonly (readonly string[])[],
  answers: { readonly before?: Answer; readonly after?: Answer },
  field: readonly string[],
): { readonly tree: readonly TreePlace[]; readonly converted: readonly TreePlace[] } {
  return {
    tree: placesOf(before, candidates, answers.before, field),
    converted: placesOf(after, candidates, answers.after, field),
  };
}
