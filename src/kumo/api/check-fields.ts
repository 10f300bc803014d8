import { didYouMean } from '../../diagnostics/likeness';
import { checkValue } from './check-value';
import type { FieldRow } from './field';
import { type Problem, problem, within } from './problem';
import { compareReleases } from './release';
import { type StructName, structs } from './structs';
import type { PolicyTable, PolicyValue } from './value';

export interface CheckOptions {
  /** KumoMTA release the tree is for. */
  readonly target: string;
  /** False for parts of a table that are merged later (blocks of helper files). */
  readonly complete: boolean;
}

/** Checks a parameter table against KumoMTA's fields: names, types, allowed values, release, required fields. */
export function checkFields(name: StructName, table: PolicyTable, options: CheckOptions): readonly Problem[] {
  const struct = structs[name];
  const problems = Object.entries(table).flatMap(([key, value]) => checkField(name, key, value, options));
  if (!options.complete) return problems;
  for (const row of struct.fields.values()) {
    if (row.required && !Object.hasOwn(table, row.name)) {
      problems.push({ kind: 'missing-field', path: [], message: `${struct.label} needs the field ${row.name}` });
    }
  }
  return problems;
}

/** Checks one field of a parameter table. */
export function checkField(
  name: StructName,
  key: string,
  value: PolicyValue,
  options: Pick<CheckOptions, 'target'>,
): readonly Problem[] {
  const row = structs[name].fields.get(key);
  if (row === undefined) return within(key, unknownField(name, key));
  if (row.unsupported) return within(key, problem('bad-value', `KumoMTA does not support ${key}`));
  if (compareReleases(row.since, options.target) > 0) return within(key, problem('too-new', tooNew(key, row.since)));
  return within(key, checkNested(row, value, options));
}

/** The sentence for something that the target release does not have yet. */
export function tooNew(what: string, since: string): string {
  return since === 'unreleased'
    ? `${what} is in no release of KumoMTA yet`
    : `${what} exists since KumoMTA ${since}, which is newer than the target`;
}

function unknownField(name: StructName, key: string): readonly Problem[] {
  const struct = structs[name];
  const hint = didYouMean(key, struct.fields.keys());
  const kind = struct.unknownKeys === 'refused' ? 'unknown-field' : 'swallowed-key';
  return problem(kind, `${struct.label} has no field ${JSON.stringify(key.slice(0, 60))}${hint}`);
}

/** Fields that hold tables with fields of their own are walked into; the rest is checked as a value. */
function checkNested(row: FieldRow, value: PolicyValue, options: Pick<CheckOptions, 'target'>): readonly Problem[] {
  return checkValue(row, value, options.target, (struct, table) =>
    checkFields(struct, table, { target: options.target, complete: true }),
  );
}
