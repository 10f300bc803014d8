import type { KumoPolicy, KumoTable } from '../kumo/model';
import type { AddressList, ByDomain, RewriteList } from '../kumo/reception-lua';
import { SUPPRESSED_QUEUE } from '../kumo/reception-lua';
import { type ReceptionNeeds, receptionNeeds } from './needs-reception';
import { type RowView, rowsByOwner } from './view-rows';

/** What templates/pmta/recipients and finish say; empty parts are not needed. */
export interface ReceptionView extends ReceptionNeeds {
  readonly byAddress: readonly RowView[];
  readonly byLocalPart: readonly RowView[];
  /** Domain → true. */
  readonly localDomains: KumoTable | undefined;
  readonly guarded: KumoTable | undefined;
  /** Network → true, for all whom a listener lets relay by their address. */
  readonly relaying: KumoTable;
  readonly addressLists: readonly RowView[];
  readonly addressFiles: boolean;
  readonly localParts: boolean;
  readonly suppressedQueue: string;
  /** With its dot. */
  readonly suffix: string;
  readonly switchedSuffix: boolean;
  /** The rule of the client is asked for before the message is prepared. */
  readonly needsRule: boolean;
  readonly bcc: boolean;
  readonly rewriteLists: readonly RowView[];
  readonly rewriteOf: KumoTable | undefined;
  readonly rewriteSenders: boolean;
  readonly rewriteFrom: boolean;
  readonly headerFiles: readonly RowView[];
  readonly vmtaNames: KumoTable | undefined;
  readonly removals: readonly RowView[];
  readonly apiHeaders: readonly RowView[];
  readonly deliveryCopyRows: readonly RowView[];
  /** Something asks for the tenant. */
  readonly tenant: boolean;
}

export function receptionView(policy: KumoPolicy, keys: ReadonlySet<string>): ReceptionView {
  const { reception } = policy.lua;
  const needs = receptionNeeds(policy, keys);
  const lists = [...reception.addressLists.values()];
  const rewrites = [...reception.rewriteLists.values()];
  const named = keys.has('add_x_virtual_mta_header');
  const local =
    reception.forwards.byLocalPart.size > 0 ||
    lists.some(({ localParts, files }) => localParts.length + files.length > 0);
  return {
    ...needs,
    byAddress: rows(reception.forwards.byAddress),
    byLocalPart: rows(reception.forwards.byLocalPart),
    localDomains: local ? setOf(reception.forwards.localDomains) : undefined,
    guarded: setOf(reception.forwards.guardedDomains),
    relaying: setOf(relayHosts(policy)) ?? {},
    addressLists: [...reception.addressLists].map(([name, list]) => ({ name, value: listTable(list), note: '' })),
    addressFiles: lists.some(({ files }) => files.length > 0),
    localParts: lists.some(({ localParts }) => localParts.length > 0),
    suppressedQueue: SUPPRESSED_QUEUE,
    suffix: reception.domainSuffix === undefined ? '' : `.${reception.domainSuffix}`,
    switchedSuffix: keys.has('auto_qualify_domain'),
    needsRule:
      keys.has('bcc') || needs.bounces || (reception.domainSuffix !== undefined && keys.has('auto_qualify_domain')),
    bcc: keys.has('bcc'),
    rewriteLists: [...reception.rewriteLists].map(([name, list]) => ({ name, value: rewriteTable(list), note: '' })),
    rewriteOf: reception.rewriteOf.size === 0 ? undefined : Object.fromEntries(reception.rewriteOf),
    rewriteSenders: rewrites.some(({ senders }) => senders.length > 0),
    rewriteFrom: rewrites.some(({ fromDomains }) => fromDomains.length > 0),
    headerFiles: rows(reception.headerFiles),
    vmtaNames: named && reception.vmtaNames.size > 0 ? Object.fromEntries(reception.vmtaNames) : undefined,
    removals: domainRows(reception.removals),
    apiHeaders: domainRows(reception.apiHeaders),
    deliveryCopyRows: domainRows(reception.deliveryCopies),
    tenant: named || reception.rewriteOf.size > 0 || reception.headerFiles.size > 0,
  };
}

function rows(map: ReadonlyMap<string, readonly string[]>): readonly RowView[] {
  return [...map].map(([name, value]) => ({ name, value, note: '' }));
}

function domainRows(entries: readonly ByDomain<string | readonly string[]>[]): readonly RowView[] {
  return rowsByOwner(entries.map(({ tenant, domain, value }) => ({ owner: tenant, key: domain, value })));
}

function setOf(names: readonly string[]): KumoTable | undefined {
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, true]));
}

/** Parts without entries are left out. */
function listTable({ names, localParts, regexes, files }: AddressList): KumoTable {
  const parts = { names, local_parts: localParts, regexes, files };
  return Object.fromEntries(Object.entries(parts).filter(([, list]) => list.length > 0));
}

function rewriteTable({ senders, fromDomains }: RewriteList): KumoTable {
  const rules = senders.map(({ from, to }) => ({ from: { ...from }, to: { ...to } }));
  const domains = fromDomains.map(({ from, to }) => ({ from, to }));
  return { ...(rules.length > 0 ? { senders: rules } : {}), ...(domains.length > 0 ? { from_domains: domains } : {}) };
}

function relayHosts({ listeners }: KumoPolicy): readonly string[] {
  const lists = listeners.map(({ fields }) => fields.get('relay_hosts')?.value);
  return [...new Set(lists.flatMap((list) => (Array.isArray(list) ? list : [])))].filter(
    (cidr) => typeof cidr === 'string',
  );
}
