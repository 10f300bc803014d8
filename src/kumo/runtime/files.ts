import { asTable, type PolicyTable, type PolicyValue, quoted } from '../api/value';
import { baseShapingTable } from '../base-shaping';
import { createKeyFinder, parseJson, parseToml } from './data-file';
import type { Findings, Place } from './finding';
import type { Tree } from './tree';

/** A data file that was read, with a way to find the place of a key. */
export interface LoadedData {
  /** Relative to the tree; undefined for a table written in Lua. */
  readonly path: string | undefined;
  readonly table: PolicyTable;
  /** The place of a key by its path of keys. */
  placeOf(path: readonly string[]): Place | undefined;
}

/** The table at a path whose last key is a name of the user's; a finding when it is none, as after a dot without quotes. */
export function namedTable(
  value: PolicyValue,
  path: readonly string[],
  data: LoadedData,
  findings: Findings,
): PolicyTable | undefined {
  const table = asTable(value);
  const text = `${path.join('.')} has to be a table; quote names with dots`;
  if (table === undefined) findings.add('tree-bad-type', text, data.placeOf(path));
  return table;
}

/** How a file is read; by default its name says so. */
export type DataForm = 'toml' | 'json';

/** Reads data files of the tree, each once; what cannot be read becomes a finding. */
export interface DataFiles {
  /** `from` is the place that asks for the file. Undefined when there is no such file, or none that can be read. */
  load(path: string, from: Place | undefined, form?: DataForm): LoadedData | undefined;
  /** The text of a file of the tree. */
  text(path: string, from: Place | undefined): string | undefined;
}

export function createDataFiles(tree: Tree, findings: Findings): DataFiles {
  const loaded = new Map<string, LoadedData | undefined>();
  const text = (path: string, from: Place | undefined): string | undefined => {
    const located = tree.locate(path);
    if (located.kind === 'file') return located.text;
    if (located.kind === 'shipped') {
      findings.add('tree-file-shipped', `${quoted(path)} comes with KumoMTA; it is not looked into here`, from);
    } else if (located.kind === 'missing') {
      findings.add('tree-file-missing', `there is no file ${quoted(path)} in the tree`, from);
    } else findings.add('tree-file-outside', `${quoted(path)} lies outside the tree`, from);
    return undefined;
  };
  return {
    text,
    load(path, from, form = path.endsWith('.toml') ? 'toml' : 'json') {
      const shipped = baseShapingTable(path);
      if (shipped !== undefined) return inlineData(shipped, from);
      const key = `${form} ${path}`;
      if (!loaded.has(key)) loaded.set(key, read(path, text(path, from), form, tree, findings));
      return loaded.get(key);
    },
  };
}

function read(
  path: string,
  text: string | undefined,
  form: DataForm,
  tree: Tree,
  findings: Findings,
): LoadedData | undefined {
  const located = tree.locate(path);
  if (text === undefined || located.kind !== 'file') return undefined;
  const parsed = form === 'toml' ? parseToml(text) : parseJson(text);
  if ('fault' in parsed) {
    const { fault, ...where } = parsed;
    findings.add('tree-file-syntax', `${located.path} cannot be read: ${fault}`, { path: located.path, ...where });
    return undefined;
  }
  const find = createKeyFinder(text, form);
  return { path: located.path, table: parsed.table, placeOf: (keys) => ({ path: located.path, ...find(keys) }) };
}

/** A table that stands in the Lua code itself, where a helper takes it instead of a file name. */
export function inlineData(table: PolicyTable, from: Place | undefined): LoadedData {
  return { path: undefined, table, placeOf: () => from };
}
