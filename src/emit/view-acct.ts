import type { LogFormat } from '../kumo/log-format';
import type { KumoPolicy, KumoValue, LogFiles } from '../kumo/model';

/** A format as a Lua variable. */
interface FormatView {
  readonly name: string;
  /** A line with its end. */
  readonly header: string;
  readonly cells: readonly string[];
}

/** What templates/pmta/acct.lua.hbs names. */
export interface AcctView {
  readonly macros: readonly string[];
  readonly formats: readonly FormatView[];
  readonly filters: readonly {
    readonly name: string;
    readonly lists: readonly KumoValue[];
    readonly several: boolean;
  }[];
  /** Some filter has several lists of rules. */
  readonly several: boolean;
  /** What stands around an expression of a template, which a template of ours cannot write itself. */
  readonly opening: string;
  readonly between: string;
  readonly closing: string;
}

/** One entry of per_record: the name of a format, else a table. */
export interface RecordView {
  readonly type: string;
  /** '' for none. */
  readonly format: string;
  readonly table: KumoValue;
}

/** Equal formats are one variable; all share their macros. */
export function acctView({ logs, lua }: KumoPolicy): AcctView {
  const formats = distinctFormats(logs);
  return {
    macros: sharedMacros(formats),
    filters: [...lua.logFilters].map(([name, lists]) => ({
      name,
      lists: lists.map((rules) => rules.map((rule) => ({ ...rule }))),
      several: lists.length > 1,
    })),
    several: [...lua.logFilters.values()].some((lists) => lists.length > 1),
    opening: '{{ ',
    between: ' }},{{ ',
    closing: ' }}',
    formats: formats.map(({ header, cells }, index) => ({
      name: nameOf(index, formats.length),
      header: `${header.join(',')}\n`,
      cells,
    })),
  };
}

/** Macros in an order that fits all: the longest list first, as each is a part of the same sequence. */
function sharedMacros(formats: readonly LogFormat[]): readonly string[] {
  const [longest = [], ...others] = formats.map(({ macros }) => macros).toSorted((a, b) => b.length - a.length);
  return others.reduce<readonly string[]>(merged, longest);
}

/** Both sequences in one that keeps the order of each. */
function merged(a: readonly string[], b: readonly string[]): readonly string[] {
  const out: string[] = [];
  const rest = [...a];
  for (const item of b) {
    const at = rest.indexOf(item);
    if (at !== -1) out.push(...rest.splice(0, at + 1));
    else out.push(item);
  }
  return [...out, ...rest];
}

export function recordViews(logs: KumoPolicy['logs'], { fields, formats }: LogFiles): readonly RecordView[] {
  if (formats === undefined) return [];
  const all = distinctFormats(logs);
  const tables = fields.get('per_record')?.value;
  const written = typeof tables === 'object' && !Array.isArray(tables) ? Object.entries(tables) : [];
  const named = [...formats].map(([type, format]) => ({
    type,
    format: nameOf(
      all.findIndex((known) => keyOf(known) === keyOf(format)),
      all.length,
    ),
    table: {},
  }));
  return [
    ...written.map(([type, table]) => ({ type, format: '', table })),
    ...named.toSorted((a, b) => (a.type < b.type ? -1 : 1)),
  ];
}

function nameOf(index: number, count: number): string {
  return count === 1 ? 'csv' : `csv_${index + 1}`;
}

function distinctFormats(logs: KumoPolicy['logs']): readonly LogFormat[] {
  const formats = logs.flatMap((log) => [...(log.formats?.values() ?? [])]);
  return [...new Map(formats.map((format) => [keyOf(format), format])).values()];
}

function keyOf({ header, cells }: LogFormat): string {
  return JSON.stringify([header, cells]);
}
