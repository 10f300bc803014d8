import { tenantsByAddress } from '../kumo/chosen-tenants';
import { NO_RATE_LIMIT } from '../kumo/format';
import type { KumoPolicy } from '../kumo/model';
import { BEFORE_PREPARE, type ReceptionNeeds, receptionNeeds } from './needs-reception';

/** Keys of a source's rule that only the report reads. */
const NOT_FOR_LUA: ReadonlySet<string> = new Set(['relay']);
/** Switches that are on where a rule says nothing; all others are off (M5 3.3.7). */
const ON_BY_DEFAULT: ReadonlySet<string> = new Set([
  'add_received_header',
  'auto_qualify_domain',
  'smtp_service',
  'reject_invalid_virtual_mta',
  'allow_auth',
  'reject_spf_check_fail',
  'reject_spf_check_permerror',
  'reject_spf_check_temperror',
]);

/** Keys of rules about checks of the client and the sender, before there is a message. */
export const CLIENT_CHECKS: readonly string[] = [
  'check_iprev_inbound',
  'check_spf_inbound',
  ...['iprev', 'spf'].flatMap((method) =>
    ['fail', 'permerror', 'temperror'].map((result) => `reject_${method}_check_${result}`),
  ),
];

/** What the Lua of the tree has to do beyond setting the helpers up. */
export interface Needs {
  /** Rules per client network or named source, other than empty ones. */
  readonly rules: boolean;
  readonly namedRules: boolean;
  /** Rules with more than what is decided before a message comes in. */
  readonly messageRules: boolean;
  /** Keys that some rule sets to something else than the default; the others need no code. */
  readonly keys: ReadonlySet<string>;
  /** Lua chooses the tenant. */
  readonly choice: boolean;
  readonly campaign: boolean;
  readonly headers: boolean;
  readonly sharedLimits: boolean;
  /** Rates of new connections that several sources share. */
  readonly sharedConnects: boolean;
  readonly retryLists: boolean;
  readonly queueTo: boolean;
  readonly backoffRetry: boolean;
  /** Replies whose status changes. */
  readonly statuses: boolean;
  readonly backoffReroute: boolean;
  readonly reroutes: boolean;
  /** Failures that end retries, by what pmta.lua calls them. */
  readonly failures: ReadonlySet<string>;
  readonly signing: boolean;
  /** Some recipients are taken from anybody, by address. */
  readonly addresses: boolean;
  /** Mail for the processors is looked at before KumoMTA does. */
  readonly reports: boolean;
  /** Reports are sent, and whether Lua decides who gets them. */
  readonly dsn: boolean;
  readonly dsnRules: boolean;
  readonly reception: ReceptionNeeds;
  /** Any of these: pmta.lua is written. */
  readonly pmta: boolean;
  readonly dkimHelper: boolean;
  readonly automation: boolean;
}

/** Read before a message comes in, or after it could not be delivered. */
const NOT_AT_RECEPTION = [
  'allow_auth',
  'always_allow_relaying',
  'dsn_return_full',
  'max_auth_failures',
  'require_auth',
  'smtp_service',
  'suppress_local_dsn',
  ...CLIENT_CHECKS,
  ...BEFORE_PREPARE,
];
const CAMPAIGN_KEYS = ['process_x_job', 'jobid_header', 'unique_job_header'];
const HEADER_KEYS = [
  'add_received_header',
  'process_x_envid',
  'remove_headers',
  'add_date_header',
  'add_message_id_header',
  'remove_received_headers',
  'hide_message_source',
  'drop_x_schedule',
  'max_message_hops',
];

export function needsOf(policy: KumoPolicy): Needs {
  const { lua, shaping, dkim } = policy;
  const keys = keysOf(policy);
  const rules = keys.size > 0;
  const choice = lua.tenants.size > 0;
  const sharedLimits = lua.sharedLimits.size > 0;
  const retryLists = lua.retryLists.length > 0;
  const signing = lua.signing !== undefined;
  const formats =
    lua.logFilters.size > 0 || policy.logs.some((log) => log.formats !== undefined && log.formats.size > 0);
  const queueTo = lua.queueTo.length > 0;
  const backoffRetry = lua.backoffRetry.length > 0;
  const statuses = lua.statusEntries.size > 0;
  const addresses = lua.relayAddresses.size > 0;
  const reports = lua.processors.length > 0;
  const failures = new Set<string>(lua.failures.flatMap(({ on }) => on));
  const reception = receptionNeeds(policy, keys);
  return {
    rules,
    messageRules: [...keys].some((key) => !NOT_AT_RECEPTION.includes(key)),
    // A default that is set explicitly overrides what the network says.
    namedRules: [...lua.sourcesByName.values()].some(({ fields }) => [...fields.keys()].some((key) => keys.has(key))),
    keys,
    choice,
    campaign: CAMPAIGN_KEYS.some((key) => keys.has(key)),
    headers: HEADER_KEYS.some((key) => keys.has(key)),
    sharedLimits,
    sharedConnects: sharedLimits && limitsConnects(policy),
    retryLists,
    queueTo,
    backoffRetry,
    backoffReroute: lua.backoffRetry.some(({ reroute }) => reroute !== undefined),
    reroutes: lua.reroutes.length > 0,
    statuses,
    failures,
    signing,
    addresses,
    reports,
    dsn: lua.dsn !== undefined,
    dsnRules: lua.dsn !== undefined && (lua.dsn.senders.length > 0 || keys.has('suppress_local_dsn')),
    reception,
    pmta: [
      formats,
      rules,
      addresses,
      reports,
      choice,
      sharedLimits,
      retryLists,
      queueTo,
      backoffRetry,
      statuses,
      failures.size > 0,
      reception.some,
      signing,
      (lua.dsn?.senders.length ?? 0) > 0,
    ].some(Boolean),
    dkimHelper: dkim.domains.size > 0 || dkim.signatures.size > 0,
    automation:
      shaping.base.length > 0 ||
      [shaping.default, ...shaping.providers, ...shaping.domains.values()].some((block) => block.automation.length > 0),
  };
}

function limitsConnects({ shaping }: KumoPolicy): boolean {
  const blocks = [shaping.default, ...shaping.providers, ...shaping.domains.values()];
  const fields = blocks.flatMap((block) => [block.fields, ...[...block.sources.values()].map((own) => own.fields)]);
  const actions = blocks.flatMap(({ automation }) => automation.flatMap((rule) => rule.actions));
  return (
    fields.some((own) => own.has(CONNECTS) && own.get(CONNECTS)?.value !== NO_RATE_LIMIT) ||
    actions.some((action) => typeof action !== 'string' && action.set === CONNECTS)
  );
}

const CONNECTS = 'max_connection_rate';

function keysOf(policy: KumoPolicy): ReadonlySet<string> {
  const { lua } = policy;
  const fields = [...lua.sourcesByCidr.values(), ...lua.sourcesByName.values()].flatMap((block) => [...block.fields]);
  const telling = fields.filter(([key, { value }]) => !NOT_FOR_LUA.has(key) && value !== ON_BY_DEFAULT.has(key));
  const keys = new Set(telling.map(([key]) => key));
  if ([...lua.patternLists.values()].every((entries) => entries.length === 0)) keys.delete('pattern_list');
  const defaults = fields.flatMap(([key, { value }]) => (key === 'default_virtual_mta' ? [value] : []));
  const byAddress = defaults.every((value) => value === 'by-smtp-source-ip');
  // No tenant sends from an address, so asking by it finds none.
  if (byAddress && tenantsByAddress(policy).size === 0) keys.delete('default_virtual_mta');
  return keys;
}
