import type { Verdict } from '../compare/sides';
import type { Area, Risk } from './change';
import { letsMoreIn, type Meaning } from './meaning';

/** Which way round a field is: what makes KumoMTA send more, earlier or to more people is looser. */
export type Direction =
  | 'more-is-looser'
  | 'less-is-looser'
  | 'on-is-looser'
  | 'off-is-looser'
  | 'more-networks-are-looser'
  | 'fewer-networks-are-looser'
  | 'weaker-tls-is-looser'
  | 'differs';

interface RiskRow {
  readonly area: Area;
  /** Last name in the path of the field, or a name further up for what stands in a table. */
  readonly field: string;
  readonly direction: Direction;
  /** What a looser value endangers; with `differs`, what any other value does. Absent: nothing in particular. */
  readonly risk?: Risk;
}

/** Fields whose change may be dangerous, or that can be more and less. Everything else just differs. */
export const RISKS: readonly RiskRow[] = [
  { area: 'sources', field: 'source_address', direction: 'differs', risk: 'address' },
  { area: 'sources', field: 'ehlo_domain', direction: 'differs', risk: 'address' },
  { area: 'sources', field: 'ha_proxy_server', direction: 'differs', risk: 'address' },
  { area: 'sources', field: 'ha_proxy_source_address', direction: 'differs', risk: 'address' },
  { area: 'sources', field: 'socks5_proxy_server', direction: 'differs', risk: 'address' },
  { area: 'sources', field: 'socks5_proxy_source_address', direction: 'differs', risk: 'address' },
  { area: 'pools', field: 'weight', direction: 'differs', risk: 'address' },

  { area: 'tenants', field: 'default_tenant', direction: 'differs', risk: 'address' },
  { area: 'tenants', field: 'tenant_header', direction: 'differs', risk: 'address' },
  { area: 'tenants', field: 'overall_max_message_rate', direction: 'more-is-looser', risk: 'limit' },
  { area: 'tenants', field: 'require_authz', direction: 'differs', risk: 'relaying' },

  { area: 'queues', field: 'egress_pool', direction: 'differs', risk: 'address' },
  { area: 'queues', field: 'max_age', direction: 'more-is-looser', risk: 'limit' },
  { area: 'queues', field: 'max_message_rate', direction: 'more-is-looser', risk: 'limit' },
  { area: 'queues', field: 'max_retry_interval', direction: 'less-is-looser', risk: 'limit' },
  { area: 'queues', field: 'protocol', direction: 'differs', risk: 'route' },
  { area: 'queues', field: 'routing_domain', direction: 'differs', risk: 'route' },
  { area: 'queues', field: 'retry_interval', direction: 'less-is-looser', risk: 'limit' },

  { area: 'paths', field: 'additional_connection_limits', direction: 'more-is-looser', risk: 'limit' },
  { area: 'paths', field: 'additional_message_rate_throttles', direction: 'more-is-looser', risk: 'limit' },
  { area: 'paths', field: 'additional_source_selection_rates', direction: 'more-is-looser', risk: 'limit' },
  { area: 'paths', field: 'allow_smtp_auth_plain_without_tls', direction: 'on-is-looser', risk: 'encryption' },
  {
    area: 'paths',
    field: 'allow_smtp_auth_plain_without_valid_certificate',
    direction: 'on-is-looser',
    risk: 'encryption',
  },
  { area: 'paths', field: 'connection_limit', direction: 'more-is-looser', risk: 'limit' },
  {
    area: 'paths',
    field: 'consecutive_connection_failures_before_delay',
    direction: 'more-is-looser',
    risk: 'limit',
  },
  { area: 'paths', field: 'ehlo_domain', direction: 'differs', risk: 'address' },
  { area: 'paths', field: 'enable_dane', direction: 'off-is-looser', risk: 'encryption' },
  { area: 'paths', field: 'enable_mta_sts', direction: 'off-is-looser', risk: 'encryption' },
  { area: 'paths', field: 'enable_tls', direction: 'weaker-tls-is-looser', risk: 'encryption' },
  { area: 'paths', field: 'max_connection_rate', direction: 'more-is-looser', risk: 'limit' },
  { area: 'paths', field: 'max_deliveries_per_connection', direction: 'more-is-looser', risk: 'limit' },
  { area: 'paths', field: 'max_message_rate', direction: 'more-is-looser', risk: 'limit' },
  { area: 'paths', field: 'max_recipients_per_batch', direction: 'more-is-looser', risk: 'limit' },
  { area: 'paths', field: 'prohibited_hosts', direction: 'fewer-networks-are-looser' },
  { area: 'paths', field: 'source_selection_rate', direction: 'more-is-looser', risk: 'limit' },

  { area: 'automation', field: 'duration', direction: 'less-is-looser', risk: 'limit' },
  { area: 'automation', field: 'SetConfig', direction: 'more-is-looser', risk: 'limit' },
  { area: 'automation', field: 'SetDomainConfig', direction: 'more-is-looser', risk: 'limit' },

  { area: 'dkim', field: 'signatures', direction: 'differs', risk: 'signature' },

  { area: 'reception', field: 'tenant', direction: 'differs', risk: 'address' },
  { area: 'retry', field: 'waits', direction: 'less-is-looser', risk: 'limit' },

  { area: 'listeners', field: 'allow_xclient', direction: 'on-is-looser', risk: 'relaying' },
  { area: 'listeners', field: 'max_connections', direction: 'more-is-looser' },
  { area: 'listeners', field: 'max_message_size', direction: 'more-is-looser' },
  { area: 'listeners', field: 'max_messages_per_connection', direction: 'more-is-looser' },
  { area: 'listeners', field: 'max_recipients_per_message', direction: 'more-is-looser' },
  { area: 'listeners', field: 'relay_hosts', direction: 'more-networks-are-looser', risk: 'relaying' },
  { area: 'listeners', field: 'tls_required_client_ca', direction: 'differs', risk: 'relaying' },
  { area: 'listeners', field: 'trusted_hosts', direction: 'more-networks-are-looser', risk: 'relaying' },
  { area: 'listeners', field: 'use_tls', direction: 'off-is-looser', risk: 'encryption' },

  { area: 'listener-domains', field: 'relay_from', direction: 'more-networks-are-looser', risk: 'relaying' },
  { area: 'listener-domains', field: 'relay_from_authz', direction: 'differs', risk: 'relaying' },
  { area: 'listener-domains', field: 'relay_to', direction: 'on-is-looser', risk: 'relaying' },
  { area: 'access', field: 'allowed', direction: 'on-is-looser', risk: 'relaying' },
  { area: 'users', field: 'may log in', direction: 'on-is-looser', risk: 'relaying' },
];

/** From none to verified (KumoMTA enable_tls). */
const TLS = ['Disabled', 'OpportunisticInsecure', 'Opportunistic', 'RequiredInsecure', 'Required'];

export interface Judgement {
  readonly verdict: Exclude<Verdict, 'equal'>;
  readonly risk?: Risk;
}

/** What the step from one value to the other means for who sends, how much, and how. */
export function judge(area: Area, path: readonly string[], before: Meaning, after: Meaning): Judgement {
  if (before.unknown || after.unknown) return { verdict: 'not-comparable' };
  const row = rowFor(area, path);
  if (row === undefined) return { verdict: 'differs' };
  const verdict = verdictOf(row.direction, before, after);
  const isRisky = verdict === 'looser' || row.direction === 'differs';
  return isRisky && row.risk !== undefined ? { verdict, risk: row.risk } : { verdict };
}

function rowFor(area: Area, path: readonly string[]): RiskRow | undefined {
  for (const name of [path.at(-1), path[0], ...path]) {
    const row = RISKS.find((each) => each.area === area && each.field === name);
    if (row !== undefined) return row;
  }
  return undefined;
}

function verdictOf(direction: Direction, before: Meaning, after: Meaning): Judgement['verdict'] {
  switch (direction) {
    case 'more-is-looser':
      return byAmount(before.amount, after.amount);
    case 'less-is-looser':
      return byAmount(after.amount, before.amount);
    case 'on-is-looser':
      return after.key === 'true' ? 'looser' : 'stricter';
    case 'off-is-looser':
      return after.key === 'true' ? 'stricter' : 'looser';
    case 'more-networks-are-looser':
      return letsMoreIn(before, after) ? 'looser' : 'stricter';
    case 'fewer-networks-are-looser':
      return letsMoreIn(after, before) ? 'looser' : 'stricter';
    case 'weaker-tls-is-looser':
      return byAmount(levelOf(after), levelOf(before));
    case 'differs':
      return 'differs';
  }
}

/** Equal amounts that still differ do so in their burst or in who shares the counter. */
function byAmount(before: number | undefined, after: number | undefined): Judgement['verdict'] {
  if (before === undefined || after === undefined || before === after) return 'differs';
  return after > before ? 'looser' : 'stricter';
}

function levelOf({ key }: Meaning): number {
  return TLS.findIndex((level) => key === JSON.stringify(level));
}
