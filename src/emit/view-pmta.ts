import { chosenMemberPools, tenantsByAddress } from '../kumo/chosen-tenants';
import { releaseAtLeast } from '../kumo/format';
import type { FieldBlock, KumoPolicy, KumoTable, KumoValue, PatternEntry } from '../kumo/model';
import { withoutRepeatedNetworks } from '../kumo/repeated-networks';
import { needsOf } from './needs';
import { type EmitOptions, headerLines } from './options';
import { placesText } from './places';
import { RULE_KEYS } from './rule-keys';
import { type AcctView, acctView } from './view-acct';
import { backoffRows } from './view-backoff';
import { endsByText, type FailuresView, failuresView } from './view-failures';
import { type ReceptionView, receptionView } from './view-reception';
import { type ReportRulesView, reportRulesView } from './view-reports';
import { groupedByText, type RowView, rowsByOwner, type SharedRows, sharedRows } from './view-rows';
import { type PmtaSessionView, pmtaSessionView } from './view-session';
import { type SigningView, signingView } from './view-signing';

/** Networks that no other contains. */
const EVERYBODY: ReadonlySet<string> = new Set(['0.0.0.0/0', '::/0']);

/** Everything that templates/pmta.lua.hbs names. */
export interface PmtaView extends FailuresView, ReportRulesView {
  readonly header: readonly string[];
  /** `require 'kumo'` is needed. */
  readonly kumo: boolean;
  readonly rules: boolean;
  readonly byAddress: readonly RowView[];
  readonly byName: readonly RowView[];
  /** At most one table: address of a listener → its named source. */
  readonly listenerSources: KumoTable | undefined;
  /** What SMTP sessions ask for. */
  readonly session: PmtaSessionView;
  /** The source of mail handed in over HTTP; '' for none. */
  readonly httpSource: string;
  /** Key of a rule → it occurs. */
  readonly has: Readonly<Record<string, boolean>>;
  readonly choice: boolean;
  readonly campaign: boolean;
  /** Some jobs are campaigns. */
  readonly jobs: boolean;
  readonly editHeaders: boolean;
  /** Some user's mail must not have the Received header that the listener has added. */
  readonly dropReceived: boolean;
  /** The handlers of messages get a rule. */
  readonly messageRules: boolean;
  /** X-Virtual-MTA may name these, written as the tenant itself. */
  readonly tenants: readonly string[];
  /** Names whose tenant is called otherwise. */
  readonly renamed: KumoTable;
  readonly defaultTenant: string;
  readonly memberPools: readonly RowView[];
  /** default-virtual-mta by-smtp-source-ip occurs; local address → tenant. */
  readonly byLocalAddress: boolean;
  readonly localAddresses: readonly RowView[];
  /** Virtual-mta → its sources. */
  readonly sharedLimits: readonly RowView[];
  readonly sharedConnects: boolean;
  /** Throttles may have a burst. */
  readonly bursts: boolean;
  /** Tenant ('' for all) → recipient domain → seconds. */
  readonly retryLists: readonly RowView[];
  /** Tenant ('' for all) → recipient domain → queue that its mail goes into; '' leaves it. */
  readonly queueTo: SharedRows | undefined;
  /** Tenant ('' for all) → recipient domain → tenant instead. */
  readonly reroutes: SharedRows | undefined;
  /** Some of these are whole queues, not domains of the tenant. */
  readonly wholeQueues: boolean;
  /** Pattern lists by name, as data. */
  readonly patternLists: readonly RowView[];
  /** Some entries end the search without a choice. */
  readonly listsEnd: boolean;
  /** Lists of replies by name, and the waits after a reply of one. */
  readonly replyLists: readonly RowView[];
  readonly backoffRetry: readonly KumoTable[];
  /** Lists of replies whose status changes, by name, and who has which: tenant ('' for all) → list → domains. */
  readonly statusEntries: readonly RowView[];
  readonly statusLists: SharedRows;
  readonly backoffReroute: boolean;
  /** requeue_message asks for a list of waits. */
  readonly waits: boolean;
  readonly both: boolean;
  /** Something is looked up by recipient domain and tenant. */
  readonly lookup: boolean;
  /** Some look-ups are for a message. */
  readonly messageLookup: boolean;
  /** Some look-up tables are written by value. */
  readonly grouped: boolean;
  /** msg:recipient_list() exists (since 2025.12.02); before, a message has one recipient. */
  readonly recipientList: boolean;
  readonly reception: ReceptionView;
  /** At most one: Lua signs. */
  readonly signing: readonly SigningView[];
  readonly acct: AcctView;
}

export function pmtaView(policy: KumoPolicy, options: EmitOptions): PmtaView {
  const { lua } = policy;
  const needs = needsOf(policy);
  const signing = lua.signing === undefined ? [] : [signingView(lua.signing)];
  const reports = (lua.dsn?.senders.length ?? 0) > 0;
  const messageLookup =
    endsByText(needs.failures) ||
    needs.reroutes ||
    needs.retryLists ||
    needs.backoffRetry ||
    needs.queueTo ||
    needs.reception.lookup ||
    signing.some((view) => view.switched);
  const lookup = messageLookup || needs.statuses || needs.failures.size > 0 || reports;
  return {
    header: headerLines(options),
    kumo: needs.rules || lookup || needs.signing || needs.addresses || needs.reports || needs.reception.some,
    rules: needs.rules,
    messageRules: needs.messageRules,
    byAddress: withoutRepeatedNetworks(ruleRows(lua.sourcesByCidr, needs.keys)).filter(
      ({ name, value }) => !EVERYBODY.has(name) || !isEmpty(value),
    ),
    byName: ruleRows(lua.sourcesByName, needs.keys).filter(({ value }) => !isEmpty(value)),
    listenerSources: lua.listenerSources.size === 0 ? undefined : Object.fromEntries(lua.listenerSources),
    session: pmtaSessionView(policy, needs),
    httpSource: lua.httpSource !== undefined && lua.sourcesByName.has(lua.httpSource) ? lua.httpSource : '',
    has: Object.fromEntries(RULE_KEYS.map((key) => [key, needs.keys.has(key)])),
    choice: needs.choice,
    campaign: needs.campaign,
    jobs: needs.keys.has('process_x_job') || needs.keys.has('jobid_header'),
    editHeaders: needs.headers,
    dropReceived: [...lua.sourcesByName.values()].some(
      ({ fields }) =>
        fields.get('hide_message_source')?.value === true || fields.get('add_received_header')?.value === false,
    ),
    ...choiceView(policy, needs.keys),
    sharedLimits: sharedLimits(lua.sharedLimits),
    sharedConnects: needs.sharedConnects,
    bursts: releaseAtLeast(options.target, '2025.01.29'),
    retryLists: rowsByOwner(
      lua.retryLists.map(({ tenant, domain, seconds }) => ({ owner: tenant, key: domain, value: seconds })),
    ),
    patternLists: [...lua.patternLists]
      .filter(([, entries]) => entries.length > 0)
      .map(([name, entries]) => ({ name, value: entries.map(patternRow), note: '' })),
    listsEnd: [...lua.patternLists.values()].flat().some(endsSearch),
    replyLists: [...lua.replyLists].map(([name, regexes]) => ({ name, value: regexes, note: '' })),
    backoffRetry: backoffRows(lua.backoffRetry),
    ...statusView(policy),
    backoffReroute: needs.backoffReroute,
    waits: needs.retryLists || needs.backoffRetry,
    both: needs.retryLists && needs.backoffRetry,
    queueTo: needs.queueTo
      ? byText(lua.queueTo.map(({ tenant, domain, queue }) => ({ owner: tenant, key: domain, value: queue })))
      : undefined,
    reroutes: needs.reroutes
      ? byText(lua.reroutes.map(({ tenant, domain, to }) => ({ owner: tenant, key: domain, value: to })))
      : undefined,
    wholeQueues: lua.queueTo.some(({ queue }) => queue.startsWith('=')),
    lookup,
    messageLookup,
    grouped: reports || needs.queueTo || needs.reroutes || needs.statuses || signing.some((view) => view.switched),
    recipientList: releaseAtLeast(options.target, '2025.12.02'),
    reception: receptionView(policy, needs.keys),
    signing,
    acct: acctView(policy),
    ...failuresView(policy),
    ...reportRulesView(policy),
  };
}

function byText(entries: Parameters<typeof rowsByOwner>[0]): SharedRows {
  return sharedRows(groupedByText(rowsByOwner(entries)));
}

function statusView({ lua }: KumoPolicy): Pick<PmtaView, 'statusEntries' | 'statusLists'> {
  return {
    statusEntries: [...lua.statusEntries].map(([name, entries]) => ({
      name,
      value: entries.map(({ regex, code }) => ({ regex, code })),
      note: '',
    })),
    statusLists: byText(
      lua.statusLists.map(({ tenant, domain, list }) => ({ owner: tenant, key: domain, value: list })),
    ),
  };
}

/** `{ 'mail-from', '(?i)…', tenant = 'v1' }`, `{ 'header', '…', name = 'X-Stream', list = 'inner' }`. */
function endsSearch({ result }: PatternEntry): boolean {
  return 'ends' in result || ('entries' in result && result.entries.some(endsSearch));
}

function patternRow({ test, header, regex, result }: PatternEntry): KumoTable {
  const entries = 'entries' in result ? { entries: result.entries.map(patternRow) } : result;
  return {
    test,
    ...(header === undefined ? {} : { header }),
    ...(regex === undefined ? {} : { regex }),
    ...entries,
  };
}

/** Empty rules inside a network stay: the longest prefix counts, and theirs may lie inside one with a rule. */
function ruleRows(rules: ReadonlyMap<string, FieldBlock>, keys: ReadonlySet<string>): readonly RowView[] {
  return [...rules].map(([name, { fields, origins }]) => ({
    name,
    value: Object.fromEntries([...fields].filter(([key]) => keys.has(key)).map(([key, { value }]) => [key, value])),
    note: placesText(origins),
  }));
}

function isEmpty(value: KumoValue): boolean {
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function choiceView(policy: KumoPolicy, keys: ReadonlySet<string>) {
  const { lua } = policy;
  const tenants = [...lua.tenants];
  const rules = [...lua.sourcesByCidr.values(), ...lua.sourcesByName.values()];
  const byLocalAddress =
    keys.has('default_virtual_mta') &&
    rules.some(({ fields }) => fields.get('default_virtual_mta')?.value === 'by-smtp-source-ip');
  return {
    tenants: tenants.filter(([name, tenant]) => name === tenant).map(([name]) => name),
    renamed: Object.fromEntries(tenants.filter(([name, tenant]) => name !== tenant)),
    defaultTenant: lua.tenants.get('{default}') ?? '{default}',
    memberPools: [...chosenMemberPools(policy)].map(([name, value]) => ({ name, value, note: '' })),
    byLocalAddress,
    localAddresses: byLocalAddress
      ? [...tenantsByAddress(policy)].map(([name, value]) => ({ name, value, note: '' }))
      : [],
  };
}

function sharedLimits(vmtaOf: ReadonlyMap<string, string>): readonly RowView[] {
  const sources = new Map<string, string[]>();
  for (const [source, vmta] of vmtaOf) sources.set(vmta, [...(sources.get(vmta) ?? []), source]);
  return [...sources].map(([name, value]) => ({ name, value, note: '' }));
}
