import { asTable, type PolicyTable } from '../kumo/api/value';
import { parseJson, parseToml } from '../kumo/runtime/data-file';
import type { Change } from './change';
import { differencesOf, type FieldDifference } from './fields';
import { type LuaShape, luaShape } from './lua-shape';
import type { Meaning } from './meaning';
import type { Pair } from './pair';
import type { Side } from './side';

const REPORT = /^(?:MIGRATION\.md|migration\.(?:json|html)|\.pmta2kumo\.json)$/;
const USERS = /(?:^|\/)smtp_users\.(?:toml|json)$/;
/** Files with more than this share of their statements in common are two versions of one file. */
const RELATED = 0.5;
/** Of the statements that differ, this many are named by their lines. */
const MOST_LINES = 6;

interface LuaFiles {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** Whether the Lua code of two trees says the same, however it is written. */
export function isAlike(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): boolean {
  const names = (files: ReadonlyMap<string, string>) =>
    [...files.keys()].filter((path) => path.endsWith('.lua')).sort();
  return names(before).join('\n') === names(after).join('\n') && differing(before, after).length === 0;
}

function differing(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly LuaFiles[] {
  return [...after].flatMap(([path, wanted]) => {
    const old = before.get(path);
    if (!path.endsWith('.lua') || old === undefined || old === wanted) return [];
    const [left, right] = [luaShape(old), luaShape(wanted)];
    return left !== undefined && left.whole === right?.whole ? [] : [{ path, before: old, after: wanted }];
  });
}

/**
 * Compares Lua code as code: questions to it cannot show all that it does. Two versions of one file differ where their
 * statements do; a file that has little in common with the converted one is another program, of which only the answers
 * are compared.
 */
export function compareCode({ before, after, tally, notes }: Pair): void {
  for (const file of differing(before.files, after.files)) {
    const [left, right] = [luaShape(file.before), luaShape(file.after)];
    const parts = left === undefined || right === undefined ? undefined : statementsApart(left, right);
    if (parts?.related === false) {
      notes.add(
        `${file.path} is another program than the converted one: it was compared by its answers, not by its text.`,
      );
      continue;
    }
    const place = (lines: readonly number[] | undefined) => [
      { path: file.path, ...(lines?.[0] === undefined ? {} : { line: lines[0] }) },
    ];
    tally.add({
      area: 'code',
      kind: 'changed',
      subject: [file.path],
      field: 'statements',
      before: linesMeaning(parts?.before),
      after: linesMeaning(parts?.after),
      judgement: { verdict: 'differs' },
      why: WHY,
      placesOf: () => ({ tree: place(parts?.before), converted: place(parts?.after) }),
    });
  }
}

const WHY = 'The code differs by more than its form; what the questions show of that is listed by itself.';

function linesMeaning(lines: readonly number[] | undefined): { key: string; shown: string } {
  if (lines === undefined) return { key: 'unread', shown: 'not Lua 5.3' };
  const shown = lines.slice(0, MOST_LINES).join(', ');
  const more = lines.length > MOST_LINES ? ` and ${lines.length - MOST_LINES} more` : '';
  return { key: lines.join(','), shown: lines.length === 0 ? 'no line of its own' : `from line ${shown}${more}` };
}

function statementsApart(
  left: LuaShape,
  right: LuaShape,
): { readonly before: readonly number[]; readonly after: readonly number[]; readonly related: boolean } {
  const only = (own: LuaShape, other: LuaShape) => {
    const there = new Map<string, number>();
    for (const { text } of other.statements) there.set(text, (there.get(text) ?? 0) + 1);
    return own.statements.filter(({ text }) => {
      const count = there.get(text) ?? 0;
      there.set(text, count - 1);
      return count <= 0;
    });
  };
  const [before, after] = [only(left, right), only(right, left)];
  const most = Math.max(left.statements.length, right.statements.length);
  const common = left.statements.length - before.length;
  return {
    before: before.map(({ line }) => line),
    after: after.map(({ line }) => line),
    related: most === 0 || common / most >= RELATED,
  };
}

/** Compares data files that Lua reads by itself, and files that are neither code nor data. */
export function compareData(pair: Pair, secret: ReadonlySet<string>, gone: ReadonlySet<string>): void {
  const { before, after, tally } = pair;
  const read = new Set([before, after].flatMap(filesOfHelpers));
  for (const [path, wanted] of after.files) {
    if (path.endsWith('.lua') || REPORT.test(path) || USERS.test(path) || read.has(path)) continue;
    const old = before.files.get(path);
    if (old === undefined) tellFile(pair, path, 'added');
    else if (old !== wanted) compareFile(pair, path, old, wanted, secret.has(path));
  }
  for (const path of gone) if (!path.endsWith('.lua') && !read.has(path)) tellFile(pair, path, 'removed');
  const [old, wanted] = [before, after].map(foreignShaping);
  const differences = differencesOf({ files: old ?? [] }, { files: wanted ?? [] }, new Map());
  tally.addFields({ area: 'data', subject: ['shaping from elsewhere'] }, differences);
}

function tellFile({ tally }: Pair, path: string, kind: Change['kind']): void {
  const place = [{ path, line: 1 }];
  tally.add({
    area: 'data',
    kind,
    subject: [path],
    judgement: { verdict: 'differs' },
    placesOf: () => (kind === 'added' ? { tree: [], converted: place } : { tree: place, converted: [] }),
  });
}

function compareFile(pair: Pair, path: string, old: string, wanted: string, hidden: boolean): void {
  const [left, right] = [tableOf(path, old), tableOf(path, wanted)];
  const known = left !== undefined && right !== undefined;
  const differences = known ? differencesOf(left, right, new Map()) : undefined;
  if (differences?.length === 0) return;
  if (differences === undefined || hidden) {
    const shown = hidden ? '(hidden)' : 'this text';
    pair.tally.add({
      area: 'data',
      kind: 'changed',
      subject: [path],
      field: 'contents',
      before: { key: 'before', shown },
      after: { key: 'after', shown: hidden ? '(other, hidden)' : 'another text' },
      judgement: { verdict: 'differs' },
      placesOf: () => ({ tree: [{ path }], converted: [{ path }] }),
    });
    return;
  }
  pair.tally.addFields({ area: 'data', subject: [path] }, differences.map(hideSecret), (field) => ({
    tree: pair.before.places.find([field]),
    converted: pair.after.places.find([field]),
  }));
}

function tableOf(path: string, text: string): PolicyTable | undefined {
  const data = path.endsWith('.toml') ? parseToml(text) : path.endsWith('.json') ? parseJson(text) : undefined;
  return data !== undefined && 'table' in data ? data.table : undefined;
}

/** What helpers and the bounce classifier read is compared by what it means to them. */
function filesOfHelpers({ parts }: Side): readonly string[] {
  const rules = parts.captured.classifiers.flatMap(({ files }) => Object.values(asTable(files) ?? files ?? []));
  return [
    ...parts.state.files,
    ...rules.flatMap((file) => {
      const located = typeof file === 'string' ? parts.context.tree.locate(file) : undefined;
      return located?.kind === 'file' ? [located.path] : [];
    }),
  ];
}

/** Shaping files that lie outside the tree, as KumoMTA's own. */
function foreignShaping({ parts }: Side): readonly string[] {
  const files = parts.captured.shapingFiles.flat();
  return [...new Set(files.filter((file) => /^https?:/.test(file) || parts.context.tree.locate(file).kind !== 'file'))];
}

/** Names of fields whose values are not shown, in whichever file they stand. */
const SECRET = /pass(?:word|wd|phrase)?$|secret|token|api[-_]?key/i;

function hideSecret(difference: FieldDifference): FieldDifference {
  if (!difference.path.some((part) => SECRET.test(part))) return difference;
  const hidden = (meaning: Meaning): Meaning => (meaning.key === 'none' ? meaning : { ...meaning, shown: '(hidden)' });
  return { ...difference, before: hidden(difference.before), after: hidden(difference.after) };
}
