import type { Span } from '../diagnostics/span';
import type { FieldMap } from '../kumo/model';
import type { EmittedFile } from './file';
import { placesOf } from './places';
import { luaComment } from './quote-lua';

/** A call with a table, by the comment of places above it. */
export interface TracedCall {
  /** Text of the comment; empty: there is none, and the call cannot be found. */
  readonly note: string;
  readonly origins: readonly Span[];
  /** Where the fields of the table come from. */
  readonly fields: ReadonlyMap<string, readonly Span[]>;
}

/** The origins of fields that became one table. */
export function fieldOrigins(maps: readonly FieldMap[]): ReadonlyMap<string, readonly Span[]> {
  const found = new Map<string, readonly Span[]>();
  for (const map of maps) {
    for (const [name, { origins }] of map) found.set(name, [...(found.get(name) ?? []), ...origins]);
  }
  return found;
}

/**
 * The input places of calls, which stand in the text in this order: of the line below the comment those of the call, and of
 * each line with a field those of the field. Comments cannot be forged: no value of the tree contains a line break.
 */
export function callOrigins(content: string, calls: readonly TracedCall[]): EmittedFile['origins'] {
  const lines = content.split('\n');
  let from = 0;
  return calls.flatMap(({ note, origins, fields }) => {
    const at = note === '' ? -1 : lines.indexOf(`  ${luaComment(note)}`, from);
    if (at === -1) return [];
    from = at + 1;
    const own = [{ line: at + 2, places: placesOf(origins) }];
    return [...own, ...fieldLines(lines, from, fields)].filter(({ places }) => places.length > 0);
  });
}

function fieldLines(lines: readonly string[], start: number, fields: TracedCall['fields']): EmittedFile['origins'] {
  const found: { readonly line: number; readonly places: readonly string[] }[] = [];
  for (let at = start; at < lines.length; at++) {
    const text = lines[at] ?? '';
    for (const [, name = ''] of text.matchAll(/(?:^\s*|[{,] )(\w+) = /g)) {
      const spans = fields.get(name) ?? [];
      if (spans.length > 0) found.push({ line: at + 1, places: placesOf(spans) });
    }
    // The next comment or blank line belongs to something else, and so does what stands as far out as this call.
    if (text === '' || (at > start && /^ {0,2}\S/.test(text)) || /^ {2}\S.*[})]$/.test(text)) break;
  }
  return found;
}
