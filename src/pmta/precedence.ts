import type { Value } from '../directives/value';
import { groupBy } from './group-by';
import type { ScopeBlock, Setting } from './model';

/** A setting whose value could be read. */
export type ReadSetting = Setting & { readonly value: Value };

const readByName = new WeakMap<ScopeBlock, ReadonlyMap<string, readonly ReadSetting[]>>();

/** Whether a setting has a value, that is, no fault. */
export function isRead(setting: Setting): setting is ReadSetting {
  return setting.value !== undefined;
}

/** The readable lines of one directive in a block, in order; the block is indexed when it is first asked. */
export function linesOf(block: ScopeBlock, name: string): readonly ReadSetting[] {
  const index = readByName.get(block) ?? groupBy(block.settings.filter(isRead), ({ name: key }) => key);
  readByName.set(block, index);
  return index.get(name) ?? [];
}

/**
 * Of several lines of a scalar, the one that counts: the last (the manual is silent; decided so), where any line of the
 * main file beats those of config-defaults (M5 5.8).
 */
export function winnerOf<S extends Setting>(settings: readonly S[]): S | undefined {
  return settings.findLast((setting) => setting.fromDefaults !== true) ?? settings.at(-1);
}

/** The line of a scalar that counts in a block; undefined when no line of the name could be read. */
export function lineOf(block: ScopeBlock | undefined, name: string): ReadSetting | undefined {
  return block === undefined ? undefined : winnerOf(linesOf(block, name));
}

/** Directive name → the line that counts, over blocks given weakest first. Includes are no settings of a block. */
export function winnersByName(blocks: readonly ScopeBlock[]): ReadonlyMap<string, ReadSetting> {
  const winners = new Map<string, ReadSetting>();
  for (const setting of blocks.flatMap((block) => block.settings)) {
    if (isRead(setting) && setting.name !== 'include') winners.set(setting.name, setting);
  }
  return winners;
}
