import { mostLike } from '../diagnostics/likeness';
import type { DirectiveRow, Scope } from './row';
import { DIRECTIVES } from './table';
import { WRONG_NAMES, WRONG_TAGS } from './wrong-names';

/** Tags that are another spelling of one whose rows the table has (M5 10.1.4, 3.3.7.38). */
const SAME_AS: Partial<Record<Scope, Scope>> = {
  'sparkpost-analytics': 'signals',
  'suppression-list': 'address-list',
};
const SCOPES_WITH_TWIN: readonly Scope[] = ['sparkpost-analytics', 'suppression-list'];

/** Tags whose blocks take the same directives as those of a scope, because they are another spelling of it. */
export function sameScopes(scope: Scope): readonly Scope[] {
  return SCOPES_WITH_TWIN.filter((twin) => SAME_AS[twin] === scope);
}

/** Rows by name, tags with their `<>`, then by scope. */
const ROWS: ReadonlyMap<string, ReadonlyMap<Scope, DirectiveRow>> = rowsByName();

function rowsByName(): ReadonlyMap<string, ReadonlyMap<Scope, DirectiveRow>> {
  const rows = new Map<string, Map<Scope, DirectiveRow>>();
  for (const row of DIRECTIVES) {
    const scopes = rows.get(row.name) ?? new Map<Scope, DirectiveRow>();
    rows.set(row.name, scopes.set(row.scope, row));
  }
  return rows;
}

function rowsOf(name: string, tag: boolean): ReadonlyMap<Scope, DirectiveRow> | undefined {
  const folded = name.toLowerCase();
  return ROWS.get(tag && !folded.startsWith('<') ? `<${folded}>` : folded);
}

/**
 * The row of a directive, or of a tag (with or without its `<>`), in a scope. Names compare case-blind. The nameless
 * lines of bounce-category-patterns have the name ''.
 */
export function findRow(name: string, scope: Scope, tag = false): DirectiveRow | undefined {
  const rows = rowsOf(name, tag);
  const same = SAME_AS[scope];
  return rows?.get(scope) ?? (same === undefined ? undefined : rows?.get(same));
}

/** Where a directive or tag may stand, in alphabetical order; empty when the name is not known. */
export function scopesOf(name: string, tag = false): readonly Scope[] {
  return [...(rowsOf(name, tag)?.keys() ?? [])];
}

const DIRECTIVE_NAMES: readonly string[] = [...ROWS.keys()].filter((name) => /^[a-z]/.test(name));
const TAG_NAMES: readonly string[] = [...ROWS.keys()]
  .filter((name) => name.startsWith('<'))
  .map((name) => name.slice(1, -1));

/** The rows of a directive, or of a tag (with or without its `<>`), in the order of their scopes; empty when unknown. */
export function rowsNamed(name: string, tag = false): readonly DirectiveRow[] {
  return [...(rowsOf(name, tag)?.values() ?? [])];
}

/** The directive that a wrong name most likely means: a well-known mistake, or a likeness; one legal in the scope first. */
export function suggest(name: string, scope?: Scope): string | undefined {
  return suggestFrom(name, scope, DIRECTIVE_NAMES, WRONG_NAMES, false);
}

/** The same for tags; without `<>` on both sides. */
export function suggestTag(name: string, scope?: Scope): string | undefined {
  return suggestFrom(name, scope, TAG_NAMES, WRONG_TAGS, true);
}

function suggestFrom(
  name: string,
  scope: Scope | undefined,
  names: readonly string[],
  wrong: Readonly<Record<string, string>>,
  tag: boolean,
): string | undefined {
  const folded = name.toLowerCase();
  // Patterns, addresses and prose are no misspelt names.
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(folded)) return undefined;
  if (Object.hasOwn(wrong, folded)) return wrong[folded];
  if (scope === undefined) return mostLike(folded, names);
  const legal = names.filter((known) => findRow(known, scope, tag) !== undefined);
  // What cannot stand here has to be more than vaguely like it.
  return mostLike(folded, legal) ?? mostLike(folded, names, 2);
}
