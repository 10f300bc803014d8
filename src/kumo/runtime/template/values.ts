import { TemplateError, type TemplateValue } from './syntax';

/** How minijinja prints a value: what is not there prints nothing, a null prints `none`. */
export function textOf(value: TemplateValue): string {
  if (value === undefined) return '';
  if (value === null) return 'none';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export function isTrue(value: TemplateValue): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value);
}

/** `value[key]`: looking into what is not there is an error, looking into a null or a text is not. */
export function attributeOf(value: TemplateValue, key: TemplateValue): TemplateValue {
  if (value === undefined) throw new TemplateError(`undefined value: it has no ${textOf(key)}`);
  if (isList(value)) return typeof key === 'number' ? value.at(key) : undefined;
  if (typeof value !== 'object' || value === null || typeof key !== 'string') return undefined;
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

/** What a `for` goes through: items, keys of a map, characters of a text. */
export function itemsOf(value: TemplateValue): readonly TemplateValue[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return [...value];
  if (isList(value)) return value;
  if (typeof value === 'object' && value !== null) return Object.keys(value);
  throw new TemplateError(`${textOf(value)} has no items`);
}

export function isIn(needle: TemplateValue, within: TemplateValue): boolean {
  if (typeof within === 'string') return within.includes(textOf(needle));
  return itemsOf(within).includes(needle);
}

export function isList(value: TemplateValue): value is readonly TemplateValue[] {
  return Array.isArray(value);
}

type Named = ReadonlyMap<string, TemplateValue>;
type Filter = (value: TemplateValue, args: readonly TemplateValue[], named: Named) => TemplateValue;

/** Filters of minijinja and minijinja_contrib that emitted templates use, and no others. */
export const FILTERS: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ['datetimeformat', (value, _, named) => dateText(value, named.get('format'))],
  ['first', (value) => firstOf(value)],
  ['last', (value) => (typeof value === 'string' || isList(value) ? itemsOf(value).at(-1) : noItem('last', value))],
  ['length', (value) => itemsOf(value).length],
  ['lower', (value) => textOf(value).toLowerCase()],
  ['replace', (value, [from, to]) => textOf(value).replaceAll(textOf(from), () => textOf(to))],
  ['split', (value, [by]) => splitText(value, by)],
  ['trim', (value, [chars]) => trimText(textOf(value), chars === undefined ? undefined : textOf(chars))],
]);

function firstOf(value: TemplateValue): TemplateValue {
  return typeof value === 'string' || (typeof value === 'object' && value !== null)
    ? itemsOf(value)[0]
    : noItem('first', value);
}

function noItem(which: string, value: TemplateValue): never {
  throw new TemplateError(`cannot get ${which} item from ${textOf(value) || 'undefined'}`);
}

function splitText(value: TemplateValue, by: TemplateValue): readonly string[] {
  if (typeof value !== 'string') throw new TemplateError('value is not a string');
  return value.split(textOf(by));
}

function trimText(text: string, chars: string | undefined): string {
  if (chars === undefined) return text.trim();
  const all = [...text];
  const kept = (char: string) => !chars.includes(char);
  return all.slice(Math.max(0, all.findIndex(kept)), all.findLastIndex(kept) + 1).join('');
}

/** Seconds since 1970 as `2023-06-24T16:37:22+00:00`; the record has them as UTC. */
function dateText(value: TemplateValue, format: TemplateValue): string {
  if (typeof value !== 'number') throw new TemplateError('value is not a datetime');
  if (format !== 'iso') throw new TemplateError(`the date format ${textOf(format)} is not modelled`);
  return new Date(value * 1000).toISOString().replace(/\.\d+Z$/, '+00:00');
}

type Test = (value: TemplateValue, args: readonly TemplateValue[]) => boolean;

export const TESTS: ReadonlyMap<string, Test> = new Map<string, Test>([
  ['startingwith', (value, [start]) => textOf(value).startsWith(textOf(start))],
  ['string', (value) => typeof value === 'string'],
]);
