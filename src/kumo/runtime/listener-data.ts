import { didYouMean } from '../../diagnostics/likeness';
import { structs } from '../api/structs';
import { asList, asTable, type PolicyTable, type PolicyValue, quoted } from '../api/value';
import type { Context } from './context';
import { createDomainMap, type DomainMap } from './domain-map';
import { type LoadedData, namedTable } from './files';
import { checkKey } from './uses';

/** Who asks the listener domains helper. */
export interface ListenerPeer {
  /** Local address of the session, `IP:PORT`. */
  readonly listener: string;
  /** Peer address without port. */
  readonly peer: string;
  readonly authz: string | undefined;
}

/** What the listener domains helper knows. */
export interface ListenerData {
  /** Parameters for `make_listener_domain`; undefined when no entry holds the domain. */
  lookup(domain: string, asking: ListenerPeer): PolicyTable | undefined;
}

/**
 * Reads the files of the listener domains helper. Order of the look-up: the map of this listener, the general map, the
 * entry `*`; the first hit is used whole (policy-extras/listener_domains.lua).
 */
export function readListenerData(list: readonly LoadedData[], context: Context): ListenerData {
  const byListener = new Map<string, Map<string, PolicyTable>>();
  for (const data of list) {
    for (const [key, value] of Object.entries(data.table)) {
      if (key === 'listener') readListeners(value, byListener, data, context);
      else readEntry('*', key, value, [key], byListener, data, context);
    }
  }
  const maps = new Map<string, DomainMap<PolicyTable>>();
  for (const [listener, entries] of byListener) {
    const map: DomainMap<PolicyTable> = createDomainMap();
    for (const [domain, params] of entries) map.set(domain, params);
    maps.set(listener, map);
  }
  return {
    lookup(domain, asking) {
      const found = maps.get(asking.listener)?.get(domain) ?? maps.get('*')?.get(domain) ?? maps.get('*')?.get('*');
      return found === undefined ? undefined : withAuthorization(found, asking);
    },
  };
}

/** The user may relay when the entry of the sender's domain names him; his address then stands for `relay_from`. */
function withAuthorization(entry: PolicyTable, asking: ListenerPeer): PolicyTable {
  const { relay_from_authz: users, ...params } = entry;
  const allowed = asking.authz !== undefined && asList(users)?.includes(asking.authz);
  return allowed ? { ...params, relay_from: [asking.peer] } : params;
}

function readListeners(
  value: PolicyTable[string],
  byListener: Map<string, Map<string, PolicyTable>>,
  data: LoadedData,
  context: Context,
): void {
  for (const [listener, domains] of Object.entries(asTable(value) ?? {})) {
    const place = data.placeOf(['listener', listener]);
    if (/^(0\.0\.0\.0|\[::\]|0|\*)?:\d+$/.test(listener)) {
      context.findings.add(
        'tree-listener-key',
        `listener.${listener}: entries are found by the local address of the session, which is never this one`,
        place,
      );
    }
    for (const [domain, entry] of Object.entries(asTable(domains) ?? {})) {
      readEntry(listener, domain, entry, ['listener', listener, domain], byListener, data, context);
    }
  }
}

function readEntry(
  listener: string,
  domain: string,
  value: PolicyValue,
  path: readonly string[],
  byListener: Map<string, Map<string, PolicyTable>>,
  data: LoadedData,
  context: Context,
): void {
  const table = namedTable(value, path, data, context.findings);
  if (table === undefined) return;
  for (const [key, field] of Object.entries(table)) checkEntryField(key, field, path, data, context);
  const entries = byListener.get(listener) ?? new Map<string, PolicyTable>();
  byListener.set(listener, entries);
  entries.set(domain, { ...entries.get(domain), ...table });
}

function checkEntryField(
  key: string,
  value: PolicyTable[string],
  path: readonly string[],
  data: LoadedData,
  context: Context,
): void {
  const place = data.placeOf([...path, key]);
  if (key === 'relay_from_authz') {
    if (asList(value)?.every((user) => typeof user === 'string')) return;
    context.findings.add('tree-bad-type', `${path.join('.')}.relay_from_authz has to be an array of names`, place);
  } else if (structs.listener_domain.fields.has(key)) {
    checkKey(context, 'listener_domain', key, value, path.join('.'), (keys) => data.placeOf([...path, ...keys]));
  } else {
    const hint = didYouMean(key, [...structs.listener_domain.fields.keys(), 'relay_from_authz']);
    context.findings.add('tree-unknown-field', `${path.join('.')} has no field ${quoted(key)}${hint}`, place);
  }
}
