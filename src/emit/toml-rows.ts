import type { Span } from '../diagnostics/span';
import type { FieldBlock, FieldMap } from '../kumo/model';
import { placesText } from './places';
import { inlineTable, type TomlSegment, tomlKey, tomlName, tomlValue } from './quote-toml';
import type { TomlBlock, TomlEntry, TomlPart } from './toml-document';

/** How many blocks of a kind, or with the same content, it takes until one line each reads better than a block each. */
export const ENOUGH = 3;
/** Columns that a table on one line may take. */
const WIDTH = 110;

/** One of many tables with names from the input, `[source."v1"]`. */
export interface NamedTable {
  readonly name: string;
  readonly entries: readonly TomlEntry[];
  readonly comments: readonly string[];
  readonly origins: readonly Span[];
}

/** Fields as lines of a block. */
export function fieldEntries(fields: FieldMap): readonly TomlEntry[] {
  return [...fields].map(([key, { value, origins, comment, also = [] }]) => ({
    key,
    value: tomlValue(value),
    origins: [...origins, ...also],
    ...(comment === undefined ? {} : { comment }),
  }));
}

/** A block of the model as a table; where only its fields know their lines, those are the block's. */
export function namedTable(name: string, block: FieldBlock): NamedTable {
  const { comments } = block;
  return { name, entries: fieldEntries(block.fields), comments, origins: blockOrigins(block) };
}

export function blockOrigins(block: FieldBlock): readonly Span[] {
  return block.origins.length > 0 ? block.origins : [...block.fields.values()].flatMap((field) => [...field.origins]);
}

/** `[path.'name']` with its entries. */
export function tableBlock(path: readonly TomlSegment[], table: NamedTable): TomlBlock {
  const { name, ...part } = table;
  return { path: [...path, { name }], parts: [part] };
}

/** Tables below one header: where there are enough, those that fit on a line become one line each, the others stay blocks. */
export function tableBlocks(path: readonly TomlSegment[], tables: readonly NamedTable[]): readonly TomlBlock[] {
  const rows = tables.filter(fitsOnLine);
  if (rows.length < ENOUGH) return tables.map((table) => tableBlock(path, table));
  const taken = new Set(rows);
  const blocks = tables.filter((table) => !taken.has(table)).map((table) => tableBlock(path, table));
  return [{ path, parts: rowParts(rows) }, ...blocks];
}

/** Tables whose content occurs often enough, as lines under one comment; the rest is left for the caller to write. */
export function equalTables(tables: readonly NamedTable[]): {
  readonly parts: readonly TomlPart[];
  readonly rest: readonly NamedTable[];
} {
  const often = groupsOf(tables.filter(isOneLine)).filter((group) => group.length >= ENOUGH);
  const taken = new Set(often.flat());
  return { parts: often.map(groupPart), rest: tables.filter((table) => !taken.has(table)) };
}

/** One line a table: those that differ with their places behind them, then the equal ones under one comment each. */
export function rowParts(tables: readonly NamedTable[]): readonly TomlPart[] {
  const { parts, rest } = equalTables(tables);
  const single = { comments: [], origins: [], entries: rest.map((table) => row(table, noteOf(table))) };
  return rest.length === 0 ? parts : [single, ...parts];
}

function noteOf(table: NamedTable): string {
  const said = new Set(table.entries.flatMap(({ comment }) => comment ?? []));
  return [...table.comments, ...said, placesText(table.origins)].filter((text) => text !== '').join('; ');
}

function groupPart(group: readonly NamedTable[]): TomlPart {
  return {
    comments: group[0]?.comments ?? [],
    origins: group.flatMap((table) => [...table.origins]),
    entries: group.map((table) => row(table, '')),
  };
}

function row(table: NamedTable, comment: string): TomlEntry {
  const origins = [...table.origins, ...table.entries.flatMap((each) => each.origins)];
  const entry = { key: { name: table.name }, value: rowValue(table), origins };
  return comment === '' ? entry : { ...entry, comment };
}

function rowValue(table: NamedTable): string {
  return inlineTable(
    table.entries.map(({ key, value }) => [typeof key === 'string' ? tomlKey(key) : tomlName(key.name, '"'), value]),
  );
}

function isOneLine(table: NamedTable): boolean {
  return table.entries.every((entry) => !entry.value.includes('\n'));
}

function fitsOnLine(table: NamedTable): boolean {
  return isOneLine(table) && table.name.length + rowValue(table).length <= WIDTH;
}

function groupsOf(tables: readonly NamedTable[]): readonly (readonly NamedTable[])[] {
  const groups = new Map<string, NamedTable[]>();
  for (const table of tables) {
    const content = JSON.stringify([table.comments, table.entries.map(({ key, value }) => [key, value])]);
    const group = groups.get(content);
    if (group === undefined) groups.set(content, [table]);
    else group.push(table);
  }
  return [...groups.values()];
}
