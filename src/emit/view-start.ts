import type { Span } from '../diagnostics/span';
import { fitEverything } from '../kumo/bounce-rules';
import type { FieldMap, KumoPolicy, KumoTable } from '../kumo/model';
import { fieldOrigins, type TracedCall } from './call-origins';
import { type EmitOptions, installedPath } from './options';
import { placesText } from './places';
import { type RecordView, recordViews } from './view-acct';
import { type FieldView, fieldViews, type ListenerView, listenerViews } from './view-listeners';

/** One call with a table: its comments and the table. */
interface CallView extends TracedCall {
  readonly comments: readonly string[];
  readonly table: KumoTable;
}

/** One call of configure_local_logs, in a loop when several directories get the same. */
interface LogView extends CallView {
  /** Types of records; empty when they stand in the table. */
  readonly records: readonly RecordView[];
  /** Directories of a loop; empty when there is one, which is in the table then. */
  readonly dirs: readonly string[];
  readonly rows: readonly FieldView[];
}

/** The calls of init.lua that run once, when the server starts. */
export interface StartView {
  readonly spools: readonly CallView[];
  readonly logs: readonly LogView[];
  /** At most one. */
  readonly classifier: readonly KumoTable[];
  readonly http: readonly CallView[];
  readonly listeners: readonly ListenerView[];
}

export function startView(policy: KumoPolicy, options: EmitOptions): StartView {
  const rules = policy.bounceRules;
  return {
    spools: policy.spools.map(({ name, fields, origins }, index) => ({
      // Both come from the same line as a rule; saying so once is enough.
      comments: notes([], samePlaces(policy.spools[index - 1]?.origins, origins) ? '' : placesText(origins)),
      table: { name, ...tableOf(fields) },
      ...traced(origins, [fields]),
    })),
    logs: logViews(policy.logs),
    classifier: rules.length === 0 ? [] : [{ files: classifierFiles(rules, options) }],
    http: [...(policy.http === undefined ? [] : [policy.http]), ...policy.injection].map(
      ({ fields, origins, comments }) => ({
        comments: notes(comments, placesText(origins)),
        table: tableOf(fields),
        ...traced(origins, [fields]),
      }),
    ),
    listeners: listenerViews(policy.listeners),
  };
}

/** Where bounce rule file `index` of `count` lies: numbered in steps of ten, so that names sort as the rules apply. */
export function bounceRulePath(index: number, count: number): string {
  return `bounce_rules/${String((index + 1) * 10).padStart(String(count * 10).length, '0')}.toml`;
}

/** KumoMTA's own rules come last, unless an earlier one fits everything. */
function classifierFiles(rules: KumoPolicy['bounceRules'], options: EmitOptions): readonly string[] {
  const own = rules.map((_, index) => installedPath(options, bounceRulePath(index, rules.length)));
  return fitEverything(rules) ? own : [...own, '/opt/kumomta/share/bounce_classifier/iana.toml'];
}

/** Logs that differ in their directory only become one call, as listeners do. */
function logViews(logs: KumoPolicy['logs']): readonly LogView[] {
  const groups = new Map<string, KumoPolicy['logs'][number][]>();
  for (const log of logs) {
    const key = JSON.stringify(
      // Those with formats stand alone.
      [...log.fields]
        .filter(([name]) => name !== 'log_dir' || log.formats !== undefined)
        .map(([name, { value }]) => [name, value]),
    );
    groups.set(key, [...(groups.get(key) ?? []), log]);
  }
  return [...groups.values()].map((group) => {
    const fields: FieldMap = new Map(group[0]?.fields);
    const table = tableOf(fields);
    const dirs = group.length === 1 ? [] : group.map((log) => String(log.fields.get('log_dir')?.value ?? ''));
    const records = group.flatMap((log) => recordViews(logs, log));
    fields.delete(records.length > 0 ? 'per_record' : 'log_dir');
    const comments = notes(
      group.flatMap((log) => log.comments),
      placesText(group.flatMap((log) => log.origins)),
    );
    const from = traced(
      group.flatMap((log) => log.origins),
      group.map((log) => log.fields),
    );
    return { ...from, comments, table, dirs, records, rows: fieldViews(fields) };
  });
}

/** Lets the lines of a call be found again in the text, with their origins. */
function traced(origins: readonly Span[], fields: readonly FieldMap[]): TracedCall {
  return { note: placesText(origins), origins, fields: fieldOrigins(fields) };
}

function samePlaces(a: readonly Span[] | undefined, b: readonly Span[]): boolean {
  return a !== undefined && placesText(a) === placesText(b);
}

function notes(comments: readonly string[], places: string): readonly string[] {
  return places === '' ? comments : [...comments, places];
}

function tableOf(fields: FieldMap): KumoTable {
  return Object.fromEntries([...fields].map(([name, { value }]) => [name, value]));
}
