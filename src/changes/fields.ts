import type { FieldRow, FieldType } from '../kumo/api/field';
import { structs } from '../kumo/api/structs';
import { asList, asTable, type PolicyTable, type PolicyValue } from '../kumo/api/value';
import { type Meaning, meaningOf } from './meaning';

/** A field of a table that was taken apart: `additional_connection_limits.total`, `peer.10.0.0.0/8.relay_hosts`. */
export interface Leaf {
  readonly path: readonly string[];
  readonly row: Pick<FieldRow, 'type' | 'default'> | undefined;
  readonly value: PolicyValue;
}

/** Two values of one field that do not mean the same. */
export interface FieldDifference {
  readonly path: readonly string[];
  readonly before: Meaning;
  readonly after: Meaning;
}

/** Compares two tables field by field; an absent one has no fields, so that defaults show on the other side. */
export function differencesOf(before: PolicyTable, after: PolicyTable, rows: Rows): readonly FieldDifference[] {
  return leafDifferences(leavesOf(before, rows), leavesOf(after, rows));
}

/** The same for tables that were taken apart already. */
export function leafDifferences(before: readonly Leaf[], after: readonly Leaf[]): readonly FieldDifference[] {
  const [old, wanted] = [byPath(before), byPath(after)];
  return [...new Set([...old.keys(), ...wanted.keys()])].sort().flatMap((key) => {
    const [left, right] = [old.get(key), wanted.get(key)];
    const path = (left ?? right)?.path ?? [];
    const row = (left ?? right)?.row;
    const pair = { path, before: meaningOf(row, left?.value), after: meaningOf(row, right?.value) };
    return pair.before.key === pair.after.key ? [] : [pair];
  });
}

function byPath(leaves: readonly Leaf[]): ReadonlyMap<string, Leaf> {
  return new Map(leaves.map((leaf) => [leaf.path.join('\u0000'), leaf]));
}

/** Tables inside tables whose fields are known. */
const INNER: Readonly<Partial<Record<FieldType, Rows>>> = {
  'rocks-params': structs.rocks_params.fields,
  'trace-headers': structs.trace_headers.fields,
};

const LISTS: ReadonlySet<FieldType | undefined> = new Set(['cidr-list', 'enum-list', 'flags', 'string-list']);

function isListed(type: FieldType | undefined): boolean {
  return LISTS.has(type);
}

type Rows = ReadonlyMap<string, FieldRow>;

/** Fields that tell of the policy's own upkeep or label its metrics, and say nothing about mail. */
const UPKEEP = new Set(['provider_name', 'refresh_interval', 'refresh_strategy', 'ttl']);

/** The fields of a table, those inside tables by their whole path; rows for the known ones. */
export function leavesOf(table: PolicyTable, rows: Rows, above: readonly string[] = []): readonly Leaf[] {
  return Object.entries(table).flatMap(([key, value]): readonly Leaf[] => {
    if (UPKEEP.has(key)) return [];
    const row = rows.get(key);
    return branches([...above, key], row, value, rows);
  });
}

function branches(path: readonly string[], row: FieldRow | undefined, value: PolicyValue, rows: Rows): readonly Leaf[] {
  const table = asTable(value);
  const inner = row === undefined ? undefined : INNER[row.type];
  if (table !== undefined && inner !== undefined) return leavesOf(table, inner, path);
  // Lua writes an empty table and an empty list alike, and both say nothing where no row wants a list.
  if (table !== undefined && Object.keys(table).length === 0 && !isListed(row?.type)) return [];
  if (table === undefined || asList(value) !== undefined) return [{ path, row, value }];
  switch (row?.type) {
    case 'limit-map':
      return Object.entries(table).map(([key, item]) => ({
        path: [...path, key],
        row: { type: 'limit' },
        value: item,
      }));
    case 'throttle-map':
      return Object.entries(table).map(([key, item]) => ({
        path: [...path, key],
        row: { type: 'throttle' },
        value: item,
      }));
    case 'record-map':
      return Object.entries(table).flatMap(([key, item]) =>
        leavesOf(asTable(item) ?? {}, structs.log_record.fields, [...path, key]),
      );
    case 'listener-map':
      return Object.entries(table).flatMap(([key, item]) => leavesOf(asTable(item) ?? {}, rows, [...path, key]));
    case 'key-source':
      return [{ path, row, value }];
    default:
      return Object.entries(table).flatMap(([key, item]) => branches([...path, key], undefined, item, rows));
  }
}
