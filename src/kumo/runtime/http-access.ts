import { asList, asTable, type PolicyTable, type PolicyValue, plain } from '../api/value';
import { inCidrList } from './cidr-map';
import type { LuaState } from './lua-state';
import { readTable } from './read-result';

/** An HTTP request without a password. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** Address of the client. */
  readonly peer: string;
}

const TRUSTED = 'kumomta:http-listener-trusted-ip';

/** Rules of KumoMTA's own list that the model knows: resource → methods (assets/acls/default.toml, 2026.03.04). */
const OWN: Readonly<Record<string, readonly string[]>> = {
  'http_listener/*/api/inject': ['POST'],
  'http_listener/*/api/admin': ['GET', 'DELETE', 'POST'],
  'http_listener/*/metrics': ['GET'],
  'http_listener/*/metrics.json': ['GET'],
};

/**
 * Whether a listener lets the request through: the first rule that fits, from the resource up to its parents; a list of
 * the policy takes the place of KumoMTA's for its resource (reference, access_control and get_acl_definition).
 */
export function mayRequest(lua: LuaState, listener: PolicyTable, { method, path, peer }: HttpRequest): boolean {
  const trusted = inCidrList(
    peer,
    (asList(listener['trusted_hosts']) ?? ['127.0.0.1', '::1']).map((cidr) => String(cidr)),
  );
  for (const resource of lineage(String(listener['listen']), path)) {
    const own = readTable(lua.call('acl', { resource }))?.['rules'];
    if (own === undefined) {
      if (trusted && OWN[resource]?.includes(method) === true) return true;
      continue;
    }
    const rule = (asList(own) ?? []).map(asTable).find((row) => row !== undefined && fits(row, method, peer, trusted));
    if (rule !== undefined) return rule['access'] === 'Allow';
  }
  return false;
}

function lineage(listen: string, path: string): readonly string[] {
  const parts = path.split('/').filter((part) => part !== '');
  const below = (root: string) => parts.map((_, i) => [root, ...parts.slice(0, parts.length - i)].join('/'));
  return [...below(`http_listener/${listen}`), `http_listener/${listen}`, ...below('http_listener/*'), 'http_listener'];
}

function fits(rule: PolicyTable, method: string, peer: string, trusted: boolean): boolean {
  return rule['privilege'] === method && meets(asTable(rule['criteria']) ?? {}, peer, trusted);
}

function meets(term: PolicyTable, peer: string, trusted: boolean): boolean {
  const each = (list: PolicyValue | undefined) =>
    (asList(list) ?? []).map((inner) => meets(asTable(inner) ?? {}, peer, trusted));
  if (term['AnyOf'] !== undefined) return each(term['AnyOf']).some(Boolean);
  if (term['AllOf'] !== undefined) return each(term['AllOf']).every(Boolean);
  const identity = asTable(term['Identity']) ?? {};
  if (identity['Group'] !== undefined) return trusted && plain(identity['Group']) === TRUSTED;
  const machines = asList(identity['MachineSet']) ?? [];
  return inCidrList(
    peer,
    machines.map((cidr) => String(cidr)),
  );
}
