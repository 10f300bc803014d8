import { LONGEST_NAME } from './domain-pattern';
import { dependencyGroups, loopIn, type References } from './macro-graph';

/** The most patterns that one `<domain>` block, or values that one macro, may stand for. */
export const PATTERN_LIMIT = 100_000;
/** The most texts that are made for all macros and blocks of a configuration together. */
const TOTAL_LIMIT = 1_000_000;

const REFERENCE = /\$([A-Za-z0-9_]+)/g;

/** A macro as written; values may name other macros. No values: its line could not be read (and is reported). */
export interface MacroText {
  readonly values: readonly string[] | undefined;
}

export type MacroFault =
  /** Keys of the macros from the first back to itself. */
  | { readonly fault: 'loop'; readonly chain: readonly string[] }
  | { readonly fault: 'undefined'; readonly name: string }
  /** It stands for more than PATTERN_LIMIT, or the whole configuration for too much. */
  | { readonly fault: 'too-large' }
  /** Its line, or a macro it names, is at fault; that is reported where it stands. */
  | { readonly fault: 'depends' };

export type Expansion = { readonly values: readonly string[] } | MacroFault;

/** Macros by lower-cased name, each expanded or at fault, and a way to expand further texts with them. */
export interface MacroTable {
  readonly macros: ReadonlyMap<string, Expansion>;
  /** Every text that `text` stands for, lower case and each once, in the order of the macros' values. */
  expand(text: string): Expansion;
}

type Definitions = ReadonlyMap<string, MacroText>;

/** Work that is left, in texts to be made. */
interface Budget {
  left: number;
}

/** Names of the macros in a text, as written, in order. A `$` without a name is no macro. */
export function macrosIn(text: string): readonly string[] {
  return [...text.matchAll(REFERENCE)].map((match) => match[1] ?? '');
}

/**
 * Expands macros that may name each other in any order (M5 3.3.10): `$name` is replaced as text, and several in one
 * text give their product. `definitions` is keyed by lower-cased name. A text stands for at most PATTERN_LIMIT others.
 */
export function expandMacros(definitions: Definitions): MacroTable {
  const done = new Map<string, Expansion>();
  const budget = { left: TOTAL_LIMIT };
  const references = referencesIn(definitions);
  for (const group of dependencyGroups(references)) {
    const chain = loopIn(group, references);
    for (const key of group) {
      const values = definitions.get(key)?.values;
      if (chain !== undefined) done.set(key, { fault: 'loop', chain });
      else done.set(key, values === undefined ? { fault: 'depends' } : expandAll(values, done, budget));
    }
  }
  return { macros: done, expand: (text) => expandAll([text], done, budget) };
}

function expandAll(texts: readonly string[], done: ReadonlyMap<string, Expansion>, budget: Budget): Expansion {
  const values = new Set<string>();
  for (const text of texts) {
    const expansion = expandOne(text.toLowerCase(), done, budget);
    if ('fault' in expansion) return expansion;
    for (const value of expansion.values) values.add(value);
    if (values.size > PATTERN_LIMIT) return { fault: 'too-large' };
  }
  return { values: [...values] };
}

function expandOne(text: string, done: ReadonlyMap<string, Expansion>, budget: Budget): Expansion {
  // split() by a pattern with a group gives texts and macro names in turn.
  const parts = text.split(REFERENCE);
  let results: readonly string[] = [parts[0] ?? ''];
  for (let i = 1; i < parts.length; i += 2) {
    const name = parts[i] ?? '';
    const macro = done.get(name);
    if (macro === undefined) return { fault: 'undefined', name };
    if ('fault' in macro) return { fault: 'depends' };
    const count = results.length * macro.values.length;
    budget.left -= count;
    if (count > PATTERN_LIMIT || budget.left < 0) return { fault: 'too-large' };
    const tail = parts[i + 1] ?? '';
    results = results.flatMap((head) => macro.values.map((value) => cut(head + value + tail)));
  }
  return { values: results };
}

/**
 * Macros that double each other make texts grow without bound. A text too long to be a domain stays so when it is cut
 * a little behind that length; the reader of patterns refuses it.
 */
function cut(text: string): string {
  return text.length > LONGEST_NAME + 8 ? text.slice(0, LONGEST_NAME + 8) : text;
}

function referencesIn(definitions: Definitions): References {
  const references = new Map<string, readonly string[]>();
  for (const [key, { values = [] }] of definitions) {
    const names = values.flatMap(macrosIn).map((name) => name.toLowerCase());
    references.set(
      key,
      [...new Set(names)].filter((name) => definitions.has(name)),
    );
  }
  return references;
}
