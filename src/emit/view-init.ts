import { BASE_SHAPING_FILES } from '../kumo/base-shaping';
import { releaseAtLeast } from '../kumo/format';
import type { KumoPolicy } from '../kumo/model';
import { needsOf } from './needs';
import type { ReceptionNeeds } from './needs-reception';
import { type EmitOptions, headerLines, installedPath, shapingFiles } from './options';
import { type EndingView, endingViews, endsByQueue, endsByText } from './view-failures';
import { type ReportsView, reportsView } from './view-reports';
import { type SessionView, sessionView } from './view-session';
import { type StartView, startView } from './view-start';

/** KumoMTA's Lua finds modules here without being told, and watches the files below. */
const STANDARD_DIR = '/opt/kumomta/etc/policy';
const WATCHED_DIR = '/opt/kumomta/etc/';
const WATCHED_FILES = '**/*.{lua,json,toml,yaml}';

/** Everything that templates/init.lua.hbs names. Empty texts and lists stand for what is not needed. */
export interface InitView extends ReportsView, StartView {
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
  readonly sharedConnects: boolean;
  /** One node or several. */
  readonly redis: string | readonly string[] | undefined;
  /** Some of the sources have limits of their own beside the shared ones. */
  readonly perAddress: boolean;
  /** Some sources stand beside another one of the same address. */
  readonly coldSources: boolean;
  /** Some of them share a daily limit. */
  readonly sharedSelection: boolean;
  readonly nameServers: readonly string[];
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
    sharedConnects: needs.sharedConnects,
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
