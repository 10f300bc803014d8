/** A number that Lua or TOML holds as a float although it is whole (`30.0`): KumoMTA's integers refuse it. */
export interface WholeFloat {
  readonly '\u0000float': number;
}

/** A function, userdata or the like, which no configuration can hold. */
export interface Opaque {
  readonly '\u0000opaque': string;
}

/** A value as the running policy hands it over. Lua's empty table is an empty array. */
export type PolicyValue =
  | string
  | number
  | boolean
  | WholeFloat
  | Opaque
  | readonly PolicyValue[]
  | { readonly [key: string]: PolicyValue };
export type PolicyTable = { readonly [key: string]: PolicyValue };

export function isWholeFloat(value: PolicyValue): value is WholeFloat {
  return typeof value === 'object' && '\u0000float' in value;
}

function isOpaque(value: PolicyValue): value is Opaque {
  return typeof value === 'object' && '\u0000opaque' in value;
}

/** Does it stand for something that cannot be known here, as an answer from outside? Checks let it pass. */
export function isUnknown(value: PolicyValue): boolean {
  return typeof value === 'object' && isOpaque(value) && value['\u0000opaque'] === unknownValue['\u0000opaque'];
}

/** What the Lua half hands over for it. */
export const unknownValue: Opaque = { '\u0000opaque': 'unknown value' };

function isList(value: PolicyValue): value is readonly PolicyValue[] {
  return Array.isArray(value);
}

/** The value as a table; an empty array counts as the empty table, since Lua writes both `{}`. */
export function asTable(value: PolicyValue | undefined): PolicyTable | undefined {
  if (typeof value !== 'object' || isWholeFloat(value) || isOpaque(value)) return undefined;
  if (isList(value)) return value.length === 0 ? {} : undefined;
  return value;
}

/** The value as an array. */
export function asList(value: PolicyValue | undefined): readonly PolicyValue[] | undefined {
  return value !== undefined && isList(value) ? value : undefined;
}

/** What sort of value it is, for messages: `a string`, `a table`. */
export function sortOf(value: PolicyValue): string {
  if (typeof value === 'string') return 'a string';
  if (typeof value === 'boolean') return 'a boolean';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a fraction';
  if (isWholeFloat(value)) return 'a floating point number';
  if (isOpaque(value)) return `a ${value['\u0000opaque']}`;
  return isList(value) ? 'an array' : 'a table';
}

/** The value without the marks that only checks need, as a plain record may hold it. */
export function plain(value: PolicyValue): unknown {
  if (typeof value !== 'object') return value;
  if (isWholeFloat(value)) return value['\u0000float'];
  if (isOpaque(value)) return undefined;
  if (isList(value)) return value.map(plain);
  return plainTable(value);
}

/** A table without marks. */
export function plainTable(table: PolicyTable): Record<string, unknown> {
  return Object.fromEntries(Object.entries(table).map(([key, item]) => [key, plain(item)]));
}

/** A text from the input, fit for a message: quoted, control characters escaped, cut at 60 characters. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
