import type { KumoPolicy } from '../kumo/model';
import { needsOf } from './needs';
import { groupedByText, type RowView, rowsByOwner } from './view-rows';

/** Delivery reports to senders: what init.lua names of them. */
export interface ReportsView {
  /** At most one. */
  readonly dsn: readonly {
    readonly host: string;
    readonly from: string;
    /** Lua decides who gets one, and how much of the message is in it. */
    readonly chosen: boolean;
    readonly full: boolean;
  }[];
}

export function reportsView(policy: KumoPolicy): ReportsView {
  const { dsn } = policy.lua;
  const { dsnRules, keys } = needsOf(policy);
  if (dsn === undefined) return { dsn: [] };
  const { host, from = '' } = dsn;
  return { dsn: [{ host, from, chosen: dsnRules, full: keys.has('dsn_return_full') }] };
}

/** What pmta.lua has to know about them. */
export interface ReportRulesView {
  readonly dsnRules: boolean;
  readonly dsnSuppressed: boolean;
  /** Tenant ('' for all) → `yes` or `no` → sender domains. */
  readonly dsnSenders: readonly RowView[];
}

export function reportRulesView(policy: KumoPolicy): ReportRulesView {
  const { dsnRules, keys } = needsOf(policy);
  const senders = policy.lua.dsn?.senders ?? [];
  return {
    dsnRules,
    dsnSuppressed: keys.has('suppress_local_dsn'),
    dsnSenders: groupedByText(
      rowsByOwner(
        senders.map(({ tenant, domain, wanted }) => ({ owner: tenant, key: domain, value: wanted ? 'yes' : 'no' })),
      ),
    ),
  };
}
