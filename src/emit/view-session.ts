import { releaseAtLeast } from '../kumo/format';
import type { KumoPolicy, KumoTable, KumoValue, ReportRule } from '../kumo/model';
import { CLIENT_CHECKS, type Needs } from './needs';
import type { EmitOptions } from './options';
import { placesText } from './places';
import type { RowView } from './view-rows';

/** What templates/init/session.lua.hbs names, besides what it shares with init.lua. */
export interface SessionView {
  /** Rules of the access control list for the metrics; undefined leaves KumoMTA's own. */
  readonly acl: readonly KumoTable[] | undefined;
  readonly aclNote: string;
  /** There is something to do at EHLO. */
  readonly ehlo: boolean;
  readonly hideAuth: boolean;
  readonly refuseAuth: boolean;
  readonly authFailures: boolean;
  readonly mailFrom: boolean;
  /** Users may relay where their rule says so. */
  readonly usersByPlace: boolean;
  /** The client and the sender are checked. */
  readonly checks: boolean;
  /** Results of the checks go into the message. */
  readonly results: boolean;
  readonly sizes: boolean;
  readonly addresses: boolean;
  readonly softRelaying: boolean;
  readonly reports: boolean;
  /** Some reports are copied to other addresses. */
  readonly forwards: boolean;
  /** MX look-ups at a time; 0 leaves KumoMTA's limit. */
  readonly mxQueries: number;
}

export function sessionView(policy: KumoPolicy, { target }: EmitOptions, needs: Needs): SessionView {
  const { keys } = needs;
  const refuseAuth = keys.has('allow_auth');
  // Before, the list of extensions was not handed to the policy.
  const hideAuth = refuseAuth && releaseAtLeast(target, '2025.01.23');
  const refusesAtEhlo = keys.has('smtp_service') && !releaseAtLeast(target, '2025.05.06');
  const checks = checksClients(needs);
  const { lua } = policy;
  return {
    acl: metricsRules(policy.http?.monitors?.value),
    aclNote: placesText(policy.http?.monitors?.origins ?? []),
    ehlo: refusesAtEhlo || hideAuth,
    hideAuth,
    refuseAuth,
    authFailures: keys.has('max_auth_failures'),
    mailFrom: checks || keys.has('require_auth') || lua.usersByPlace === true,
    usersByPlace: lua.usersByPlace === true,
    checks,
    results: checks || keys.has('check_dkim_inbound'),
    sizes: keys.has('max_message_size'),
    addresses: needs.addresses,
    softRelaying: lua.softRelaying === true,
    reports: needs.reports,
    forwards: lua.processors.some(({ unmatchedTo, errorsTo }) => unmatchedTo.length + errorsTo.length > 0),
    mxQueries: typeof policy.mxQueries?.value === 'number' ? policy.mxQueries.value : 0,
  };
}

function checksClients({ keys }: Needs): boolean {
  return CLIENT_CHECKS.some((key) => key.startsWith('check_') && keys.has(key));
}

/** A list of the policy takes the place of KumoMTA's, so that it repeats who is trusted. */
function metricsRules(monitors: KumoValue | undefined): readonly KumoTable[] | undefined {
  if (monitors === undefined) return undefined;
  const trusted = { Identity: { Group: 'kumomta:http-listener-trusted-ip' } };
  const criteria = { AnyOf: [trusted, { Identity: { MachineSet: monitors } }] };
  return [{ criteria, privilege: 'GET', access: 'Allow' }];
}

/** What templates/pmta/session.lua.hbs names. */
export interface PmtaSessionView {
  readonly authFailures: boolean;
  readonly checks: boolean;
  readonly iprev: boolean;
  readonly spf: boolean;
  readonly dkim: boolean;
  readonly results: boolean;
  readonly addresses: readonly RowView[];
  /** Some clients may relay to other addresses, too. */
  readonly relayRules: boolean;
  readonly processors: readonly RowView[];
  readonly forwards: boolean;
}

export function pmtaSessionView(policy: KumoPolicy, needs: Needs): PmtaSessionView {
  const { keys } = needs;
  const { relayAddresses, processors } = policy.lua;
  const dkim = keys.has('check_dkim_inbound');
  const forwards = processors.some(({ unmatchedTo, errorsTo }) => unmatchedTo.length + errorsTo.length > 0);
  return {
    authFailures: keys.has('max_auth_failures'),
    checks: checksClients(needs),
    iprev: keys.has('check_iprev_inbound'),
    spf: keys.has('check_spf_inbound'),
    dkim,
    results: dkim || checksClients(needs),
    relayRules: keys.has('always_allow_relaying'),
    addresses: [...relayAddresses].map(([name, value]) => ({ name, value, note: '' })),
    processors: processors.map((rule) => ({ name: rule.name, value: reportRow(rule), note: placesText(rule.origins) })),
    forwards,
  };
}

const PARSERS = { bounce: 'parse_rfc3464', complaint: 'parse_rfc5965' } as const;

function reportRow({ key, name, kinds, drop, unmatchedTo, errorsTo }: ReportRule): KumoTable {
  return {
    [key]: name,
    parsers: kinds.map((kind) => PARSERS[kind]),
    ...(drop ? { drop } : {}),
    ...(unmatchedTo.length > 0 ? { unmatched_to: unmatchedTo } : {}),
    ...(errorsTo.length > 0 ? { errors_to: errorsTo } : {}),
  };
}
