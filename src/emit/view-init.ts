import type { Span } from '../diagnostics/span';
import { BASE_SHAPING_FILES } from '../kumo/base-shaping';
import { fitEverything } from '../kumo/bounce-rules';
import { releaseAtLeast } from '../kumo/format';
import type { FieldMap, KumoPolicy, KumoTable } from '../kumo/model';
import { needsOf } from './needs';
import type { ReceptionNeeds } from './needs-reception';
import { type EmitOptions, headerLines, installedPath, shapingFiles } from './options';
import { placesText } from './places';
import { type RecordView, recordViews } from './view-acct';
import { type EndingView, endingViews, endsByQueue, endsByText } from './view-failures';
import { type FieldView, fieldViews, type ListenerView, listenerViews } from './view-listeners';
import { type ReportsView, reportsView } from './view-reports';
import { type SessionView, sessionView } from './view-session';

/** KumoMTA's Lua finds modules here without being told, and watches the files below. */
const STANDARD_DIR = '/opt/kumomta/etc/policy';
const WATCHED_DIR = '/opt/kumomta/etc/';
const WATCHED_FILES = '**/*.{lua,json,toml,yaml}';

/** One call with a table: its comments and the table. */
interface CallView {
  readonly comments: readonly string[];
  readonly table: KumoTable;
}

/** One call of configure_local_logs, in a loop when several directories get the same. */
interface LogView extends CallView {
  /** Types of records; empty when they stand in the table. */
  readonly records: readonly RecordView[];
  /** Directories of a loop; empty when there is one, which is in the table then. */
  readonly dirs: readonly string[];
  readonly fields: readonly FieldView[];
}

/** Everything that templates/init.lua.hbs names. Empty texts and lists stand for what is not needed. */
export interface InitView extends ReportsView {
  readonly header: readonly string[];
  readonly packagePath: string;
  readonly globs: readonly string[];
  readonly files: {
    readonly sources: string;
    readonly dkim: string;
    readonly shaping: readonly string[];
    readonly queues: string;
    readonly listenerDomains: string;
    readonly users: string;
  };
  readonly pmta: boolean;
  readonly automation: boolean;
  /** KumoMTA's own shaping file is loaded; the helper does so unless it is told not to. */
  readonly stockShaping: boolean;
  readonly tsa: string;
  readonly sharedLimits: boolean;
  /** One node or several. */
  readonly redis: string | readonly string[] | undefined;
  /** Some of the sources have limits of their own beside the shared ones. */
  readonly perAddress: boolean;
  /** Some sources stand beside another one of the same address. */
  readonly coldSources: boolean;
  /** Some of them share a daily limit. */
  readonly sharedSelection: boolean;
  readonly nameServers: readonly string[];
  readonly spools: readonly CallView[];
  readonly logs: readonly LogView[];
  /** At most one. */
  readonly classifier: readonly KumoTable[];
  readonly http: readonly CallView[];
  readonly listeners: readonly ListenerView[];
  /** Some handler of messages reads the rule of their client. */
  readonly rules: boolean;
  readonly namedRules: boolean;
  /** Name of the header whose value is folded for the queue helper. */
  readonly foldedHeader: string;
  /** Name of the header whose value is made safe for the queue helper. */
  readonly cleanedHeader: string;
  readonly removeHeaders: readonly string[];
  readonly choice: boolean;
  readonly reroutes: boolean;
  readonly backoffReroute: boolean;
  readonly campaign: boolean;
  readonly editHeaders: boolean;
  readonly signing: boolean;
  readonly reception: ReceptionNeeds;
  /** Some hook hears of what became of messages. */
  readonly usesLogHooks: boolean;
  readonly refuseAtConnect: boolean;
  readonly refuseAtEhlo: boolean;
  readonly requireAuth: boolean;
  readonly session: SessionView;
  readonly retryLists: boolean;
  /** requeue_message looks at failures that end the retries; get_queue_config at queues that do. */
  readonly endsByText: boolean;
  readonly endsByQueue: boolean;
  readonly requeue: boolean;
  readonly endings: readonly EndingView[];
  readonly queueTo: boolean;
  readonly logFilters: boolean;
  readonly statuses: boolean;
  /** requeue_message says whether an attempt was made (since 2026.03.04). */
  readonly attemptsAreTold: boolean;
}

export function initView(policy: KumoPolicy, options: EmitOptions): InitView {
  const needs = needsOf(policy);
  const { keys } = needs;
  const refuses = keys.has('smtp_service');
  const early = releaseAtLeast(options.target, '2025.05.06');
  return {
    header: headerLines(options),
    packagePath:
      needs.pmta && installedPath(options, '') !== `${STANDARD_DIR}/` ? `${installedPath(options, '?.lua')};` : '',
    globs: watchedGlobs(options),
    files: filesView(policy, options),
    pmta: needs.pmta,
    automation: needs.automation,
    stockShaping: policy.shaping.base.includes('stock'),
    tsa: TSA_URL,
    sharedLimits: needs.sharedLimits,
    redis: policy.redis.length === 1 ? policy.redis[0] : policy.redis.length === 0 ? undefined : policy.redis,
    perAddress: policy.lua.perAddress === true,
    coldSources: policy.coldSources.size > 0,
    sharedSelection: policy.lua.sharedSelection === true,
    nameServers: policy.nameServers.map(({ value }) => String(value)),
    ...startView(policy, options),
    rules: needs.messageRules,
    namedRules: needs.namedRules,
    foldedHeader: foldedHeader(policy),
    cleanedHeader: String(policy.queueOptions.get('campaign_header')?.value ?? ''),
    removeHeaders: policy.lua.removeHeaders,
    choice: needs.choice,
    reroutes: needs.reroutes,
    backoffReroute: needs.backoffReroute,
    campaign: needs.campaign,
    editHeaders: needs.headers,
    signing: needs.signing,
    reception: needs.reception,
    refuseAtConnect: refuses && early,
    refuseAtEhlo: refuses && !early,
    requireAuth: keys.has('require_auth'),
    session: sessionView(policy, options, needs),
    retryLists: needs.retryLists || needs.backoffRetry,
    endsByText: endsByText(needs.failures),
    endsByQueue: endsByQueue(needs.failures),
    requeue: needs.retryLists || needs.backoffRetry || endsByText(needs.failures),
    endings: endingViews(policy),
    ...reportsView(policy),
    usesLogHooks: needs.dsn || needs.reception.deliveryCopies,
    queueTo: needs.queueTo,
    logFilters: policy.lua.logFilters.size > 0,
    statuses: needs.statuses,
    attemptsAreTold: releaseAtLeast(options.target, '2026.03.04'),
  };
}

/** Where the daemon of tsa_init.lua listens. */
export const TSA_ADDRESS = '127.0.0.1:8008';
const TSA_URL = `http://${TSA_ADDRESS}`;

/** Where bounce rule file `index` of `count` lies: numbered in steps of ten, so that names sort as the rules apply. */
export function bounceRulePath(index: number, count: number): string {
  return `bounce_rules/${String((index + 1) * 10).padStart(String(count * 10).length, '0')}.toml`;
}

function filesView(policy: KumoPolicy, options: EmitOptions): InitView['files'] {
  const path = (name: string, needed = true) => (needed ? installedPath(options, name) : '');
  return {
    sources: path('sources.toml'),
    dkim: path('dkim_data.toml', needsOf(policy).dkimHelper),
    shaping: extraShaping(policy, options),
    queues: path('queues.toml'),
    listenerDomains: path('listener_domains.toml', policy.listenerDomains.size > 0),
    users: path('smtp_users.toml', policy.users.size > 0),
  };
}

/** The shaping files after the stock one, which KumoMTA's helper loads by itself. */
function extraShaping(policy: KumoPolicy, options: EmitOptions): readonly string[] {
  return shapingFiles(policy, options).filter((file) => file !== BASE_SHAPING_FILES.stock);
}

/** What runs once, when the server starts. */
function startView(policy: KumoPolicy, options: EmitOptions) {
  const rules = policy.bounceRules;
  return {
    spools: policy.spools.map(({ name, fields, origins }, index) => ({
      // Both come from the same line as a rule; saying so once is enough.
      comments: notes([], samePlaces(policy.spools[index - 1]?.origins, origins) ? '' : placesText(origins)),
      table: { name, ...tableOf(fields) },
    })),
    logs: logViews(policy.logs),
    classifier: rules.length === 0 ? [] : [{ files: classifierFiles(rules, options) }],
    http: [...(policy.http === undefined ? [] : [policy.http]), ...policy.injection].map(
      ({ fields, origins, comments }) => ({
        comments: notes(comments, placesText(origins)),
        table: tableOf(fields),
      }),
    ),
    listeners: listenerViews(policy.listeners),
  };
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
    return { comments, table, dirs, records, fields: fieldViews(fields) };
  });
}

/** Outside the standard directory KumoMTA has to be told to watch the files, else edits show after minutes only. */
function watchedGlobs(options: EmitOptions): readonly string[] {
  const own = installedPath(options, WATCHED_FILES);
  return own.startsWith(WATCHED_DIR) ? [] : [`${WATCHED_DIR}${WATCHED_FILES}`, own];
}

/** The helper compares header values with tenants exactly; all tenants are in lower case, what clients write is not. */
function foldedHeader(policy: KumoPolicy): string {
  const header = policy.queueOptions.get('tenant_header')?.value;
  // With the default tenant alone there is no name to be written in several ways.
  return typeof header === 'string' && policy.lua.tenants.size === 0 && policy.tenants.size > 1 ? header : '';
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
