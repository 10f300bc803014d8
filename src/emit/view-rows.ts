import { sameValue } from '../kumo/format';
import type { KumoTable, KumoValue } from '../kumo/model';

/** One `key = value` of a table, with the places of the input behind it (empty: none). */
export interface RowView {
  readonly name: string;
  readonly value: KumoValue;
  readonly note: string;
}

interface OwnedValue {
  /** Tenant, or '' for everybody. */
  readonly owner: string;
  /** Recipient domain, `*.domain`, or `default`. */
  readonly key: string;
  readonly value: KumoValue;
}

/**
 * Values by owner and domain as one row an owner, each holding a table; owners and domains in order of appearance. What
 * a look-up would find anyway is left out.
 */
export function rowsByOwner(entries: readonly OwnedValue[]): readonly RowView[] {
  const owners = new Map<string, KumoTable>();
  const byOwner = new Map<string, [string, KumoValue][]>();
  for (const { owner, key, value } of entries) {
    const pairs = byOwner.get(owner);
    if (pairs === undefined) byOwner.set(owner, [[key, value]]);
    else pairs.push([key, value]);
  }
  for (const [owner, pairs] of byOwner) owners.set(owner, Object.fromEntries(pairs));
  const lean = new Map([...owners].map(([owner, table]) => [owner, withoutRepeats(table)]));
  const everybody = lean.get('');
  return [...lean]
    .filter(([owner, table]) => owner === '' || !(isJustDefault(table) && sameValue(table, everybody)))
    .map(([name, value]) => ({ name, value, note: '' }));
}

/** An entry may stand for more than itself where there are wildcards: it hides them for all names below it. */
function withoutRepeats(table: KumoTable): KumoTable {
  const standard = table['default'];
  if (standard === undefined) return table;
  if (Object.values(table).every((value) => sameValue(value, standard))) return { default: standard };
  if (Object.keys(table).some((key) => key.startsWith('*'))) return table;
  return Object.fromEntries(
    Object.entries(table).filter(([key, value]) => key === 'default' || !sameValue(value, standard)),
  );
}

function isJustDefault(table: KumoTable): boolean {
  return Object.keys(table).join() === 'default';
}

/** Rows of texts turned round: each text with the domains it stands for, which is shorter where many share it. */
export function groupedByText(rows: readonly RowView[]): readonly RowView[] {
  return rows.map((row) => {
    const table = typeof row.value === 'object' && !Array.isArray(row.value) ? Object.entries(row.value) : [];
    const groups = new Map<string, string[]>();
    for (const [domain, text] of table) {
      const known = groups.get(String(text));
      if (known === undefined) groups.set(String(text), [domain]);
      else known.push(domain);
    }
    return { ...row, value: Object.fromEntries(groups) };
  });
}

/** Rows of which several may have one table, which is then written once. */
export interface SharedRows {
  readonly shared: readonly KumoValue[];
  /** `number`: the place of its table in `shared`, from 1. */
  readonly rows: readonly (RowView & { readonly number?: number })[];
}

/** Shorter tables (as JSON) are as clear where they stand. */
const WORTH_SHARING = 60;

/** Finds the long tables that several owners have. */
export function sharedRows(rows: readonly RowView[]): SharedRows {
  const owners = new Map<string, number>();
  const texts = rows.map(({ value }) => JSON.stringify(value));
  for (const text of texts) owners.set(text, (owners.get(text) ?? 0) + 1);
  const numbers = new Map<string, number>();
  const shared: KumoValue[] = [];
  for (const [index, { value }] of rows.entries()) {
    const text = texts[index] ?? '';
    if (text.length < WORTH_SHARING || numbers.has(text) || (owners.get(text) ?? 0) < 2) continue;
    numbers.set(text, shared.push(value));
  }
  return {
    shared,
    rows: rows.map((row, index) => {
      const number = numbers.get(texts[index] ?? '');
      return number === undefined ? row : { ...row, number };
    }),
  };
}
