import { didYouMean } from '../../diagnostics/likeness';
import { checkValue } from './check-value';
import type { FieldRow } from './field';
import { type Problem, problem, within } from './problem';
import { type StructName, structs } from './structs';
import { needs, tooNew, type UseOptions, under } from './use';
import type { PolicyTable, PolicyValue } from './value';

export interface CheckOptions extends UseOptions {
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
export function checkField(name: StructName, key: string, value: PolicyValue, options: UseOptions): readonly Problem[] {
  const row = structs[name].fields.get(key);
  if (row === undefined) return within(key, unknownField(name, key));
  if (row.unsupported) return within(key, problem('bad-value', `KumoMTA does not support ${key}`));
  const inside = under(options, key);
  const early = needs(inside, `${key} of ${structs[name].label}`, row.since, tooNew(key, row.since));
  return within(key, early.length > 0 ? early : checkNested(row, value, inside));
}

function unknownField(name: StructName, key: string): readonly Problem[] {
  const struct = structs[name];
  const hint = didYouMean(key, struct.fields.keys());
  const kind = struct.unknownKeys === 'refused' ? 'unknown-field' : 'swallowed-key';
  return problem(kind, `${struct.label} has no field ${JSON.stringify(key.slice(0, 60))}${hint}`);
}

/** Fields that hold tables with fields of their own are walked into; the rest is checked as a value. */
function checkNested(row: FieldRow, value: PolicyValue, options: UseOptions): readonly Problem[] {
  return checkValue(row, value, options, (struct, table) => checkFields(struct, table, { ...options, complete: true }));
}
