/**
 * A report before it has a form: what the terminal and Markdown show alike. Text of the input is never in a plain
 * string; each renderer quotes it in its own way.
 */
export type Inline =
  | string
  /** A name, place or value of the input. */
  | { readonly code: string }
  /** A sentence that may hold text of the input. */
  | { readonly said: string }
  | { readonly url: string };

/** One line of text, its parts set apart by nothing. */
export type Line = readonly Inline[];

/** Of the places of one row, this many are named; all are in the JSON document. */
const NAMED_PLACES = 8;

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

export type Block =
  | { readonly kind: 'text'; readonly line: Line }
  | { readonly kind: 'table'; readonly columns: readonly Column[]; readonly rows: readonly (readonly Line[])[] }
  /** `tasks` are ticked off; each item has a first line and what belongs to it. */
  | {
      readonly kind: 'list';
      readonly style: 'plain' | 'numbers' | 'tasks';
      readonly items: readonly (readonly Line[])[];
    };

export interface Section {
  readonly title: string;
  /** 1 for a report, 2 for its parts, 3 within these. */
  readonly level: 1 | 2 | 3;
  readonly blocks: readonly Block[];
}

export function text(...line: Line): Block {
  return { kind: 'text', line };
}

export function left(title: string): Column {
  return { title, align: 'left' };
}

export function right(title: string): Column {
  return { title, align: 'right' };
}

/** Names or places, set apart by commas. */
export function codesLine(codes: readonly string[]): Line {
  return codes.flatMap((code, i): Line => [...(i > 0 ? [', '] : []), { code }]);
}

/** `file:line` of a few, and how many more there are. */
export function placesLine(places: readonly string[]): Line {
  const more = places.length - NAMED_PLACES;
  const named = codesLine(places.slice(0, NAMED_PLACES));
  return more > 0 ? [...named, ` and ${more} more`] : named;
}
