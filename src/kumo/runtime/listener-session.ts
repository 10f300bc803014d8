import { asList, asTable, type PolicyTable, type PolicyValue, plain } from '../api/value';
import { addressIn, longestPrefix } from './cidr-map';
import type { MessageSpec } from './messages';

/** What reception needs to know of the listener and the client. */
export interface Session {
  /** For the Lua half. */
  readonly spec: Readonly<Record<string, unknown>>;
  /** Name of the trace header that is added after acceptance. */
  readonly supplemental?: string;
}

/** Effective parameters of a session. */
interface Effective {
  readonly params: Map<string, PolicyValue>;
  readonly meta: Map<string, PolicyValue>;
}

const defaultRelayHosts = ['127.0.0.1', '::1'];

/** The session of a client: the listener it reached, with the tables `peer` and `via` applied to it. */
export function sessionFor(listeners: readonly PolicyTable[], spec: MessageSpec): Session {
  const listener = chooseListener(listeners, spec.via) ?? {};
  const listen = textOf(listener['listen']) ?? '127.0.0.1:2025';
  const local = spec.via ?? localAddress(listen);
  const peer = addressIn(spec.peer) !== undefined && !hasPort(spec.peer) ? withPort(spec.peer) : spec.peer;
  const effective: Effective = { params: new Map(), meta: new Map() };
  applyGeneric(listener, effective, peer, local, 0);
  const hostname = textOf(effective.params.get('hostname')) ?? 'localhost';
  const trace = asTable(effective.params.get('trace_headers')) ?? {};
  const ehlo = spec.ehlo ?? 'client.example';
  const meta = {
    reception_protocol: 'ESMTP',
    received_via: local,
    received_from: peer,
    hostname,
    ehlo_domain: ehlo,
    ...Object.fromEntries([...effective.meta].map(([key, value]) => [key, plain(value)])),
    ...(spec.authnId === undefined ? {} : { authn_id: spec.authnId, authz_id: spec.authnId }),
  };
  const received = trace['received_header'] !== false && spec.http !== true;
  const session = {
    ...envelope(spec),
    meta,
    listener: local,
    peer: addressIn(peer)?.toString() ?? '',
    relay_hosts: (asList(effective.params.get('relay_hosts')) ?? defaultRelayHosts).map(plain),
    ehlo,
    ...(received ? { received: `from ${ehlo} (${peer}) by ${hostname} (KumoMTA ${local}) with ESMTP` } : {}),
    ...(spec.auth === undefined ? {} : { auth: { ...spec.auth, authz: spec.auth.user } }),
  };
  if (trace['supplemental_header'] === false || spec.http === true) return { spec: session };
  return { spec: session, supplemental: textOf(trace['header_name']) ?? 'X-KumoRef' };
}

function envelope(spec: MessageSpec): Readonly<Record<string, unknown>> {
  return {
    sender: spec.sender,
    recipients: typeof spec.recipient === 'string' ? [spec.recipient] : [...spec.recipient],
    headers: spec.headers.map(([name, value]) => [name, value]),
    body: spec.body ?? '',
    attempts: spec.attempts ?? 0,
    http: spec.http === true,
    fresh: spec.fresh === true,
    ...(spec.checks === undefined ? {} : { checks: { ...spec.checks } }),
  };
}

function textOf(value: PolicyValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The listener on exactly this address, else the one on its port, else the first. */
function chooseListener(listeners: readonly PolicyTable[], via: string | undefined): PolicyTable | undefined {
  if (via === undefined) return listeners[0];
  const port = via.slice(via.lastIndexOf(':'));
  const ofPort = listeners.filter((listener) => textOf(listener['listen'])?.endsWith(port));
  return listeners.find((listener) => listener['listen'] === via) ?? ofPort[0] ?? listeners[0];
}

/** A socket on the wildcard address sees a real one; the first documentation address stands for it. */
function localAddress(listen: string): string {
  return listen.replace(/^(0\.0\.0\.0|0|\*)?:/, '192.0.2.1:').replace(/^\[::\]:/, '[2001:db8::1]:');
}

function hasPort(peer: string): boolean {
  return /^\[.*\]:\d+$|^[^:]+:\d+$/.test(peer);
}

function withPort(peer: string): string {
  return peer.includes(':') ? `[${peer.replace(/[[\]]/g, '')}]:50000` : `${peer}:50000`;
}

/** Parameters of the listener, then of its `peer` entry, then of its `via` entry (smtp_server.rs, apply_generic). */
function applyGeneric(table: PolicyTable, into: Effective, peer: string, local: string, depth: number): void {
  for (const [key, value] of Object.entries(table)) {
    if (key === 'peer' || key === 'via') continue;
    if (key === 'meta') for (const [name, item] of Object.entries(asTable(value) ?? {})) into.meta.set(name, item);
    else into.params.set(key, value);
    if (key === 'hostname') into.meta.set('hostname', value);
  }
  if (depth > 8) return;
  for (const [key, address] of [
    ['peer', peer],
    ['via', local],
  ] as const) {
    const entries = asTable(table[key]);
    const hit = entries === undefined ? undefined : longestPrefix(address, Object.keys(entries));
    const found = hit === undefined ? undefined : asTable(entries?.[hit]);
    if (found !== undefined) applyGeneric(found, into, peer, local, depth + 1);
  }
}
