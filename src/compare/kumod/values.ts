import { egressPathFields } from '../../kumo/api/egress-path';
import type { FieldRow, FieldType } from '../../kumo/api/field';
import { durationSeconds, parseThrottle } from '../../kumo/api/grammars';
import { queueConfigFields } from '../../kumo/api/queue-config';

/** What was asked about. */
export type AnswerKind = 'queue' | 'path';

const ROWS: Readonly<Record<AnswerKind, ReadonlyMap<string, FieldRow>>> = {
  queue: new Map(queueConfigFields.map((row): [string, FieldRow] => [row.name, row])),
  path: new Map(egressPathFields.map((row): [string, FieldRow] => [row.name, row])),
};

/** Fields that kumod does not give back, and one that a secret may stand in (KumoMTA reference, invoke_get_egress_path_config). */
const NOT_TOLD: ReadonlySet<string> = new Set(['openssl_options', 'rustls_cipher_suites', 'smtp_auth_plain_password']);

/** Fields of the queue helper, which are no fields of a queue in kumod. */
const HELPERS_OWN: ReadonlySet<string> = new Set([
  'routing_domain',
  'overall_max_message_rate',
  'campaigns',
  'tenants',
]);

/** The fields that can be held against each other: those of both answers that the model knows. */
export function fieldsOf(
  kind: AnswerKind,
  model: Readonly<Record<string, unknown>>,
  kumod: Readonly<Record<string, unknown>>,
): readonly string[] {
  const names = new Set([...Object.keys(model), ...Object.keys(kumod)]);
  return [...names].filter((name) => ROWS[kind].has(name) && !NOT_TOLD.has(name) && !HELPERS_OWN.has(name)).sort();
}

/** A field in one form, whichever side it comes from: `60s` is `1m`, absent is the default. Undefined for nothing. */
export function sameForm(kind: AnswerKind, name: string, value: unknown): string | undefined {
  const row = ROWS[kind].get(name);
  const given = value === undefined || value === null ? row?.default : value;
  return given === undefined || row === undefined ? undefined : formOf(row.type, given);
}

function formOf(type: FieldType, value: unknown): string | undefined {
  switch (type) {
    case 'duration':
      return secondsText(value);
    case 'limit':
      return limitText(value);
    case 'throttle':
      return throttleText(value);
    case 'limit-map':
      return mapText(value, limitText);
    case 'throttle-map':
      return mapText(value, throttleText);
    case 'cidr-list':
      return Array.isArray(value) ? listText(value) : isEmpty(value) ? undefined : JSON.stringify(value);
    case 'protocol':
      return protocolText(value);
    default:
      return isEmpty(value) ? undefined : JSON.stringify(sorted(value));
  }
}

function secondsText(value: unknown): string {
  const seconds = durationSeconds(value);
  // A number of seconds in quotes is what kumod would refuse.
  return seconds === undefined ? JSON.stringify(value) : `${seconds}s`;
}

/** kumod gives a limit as a table (crates/throttle, LimitSpec). */
function limitText(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'limit' in value) {
    const local = 'force_local' in value && value.force_local === true;
    return `${local ? 'local:' : ''}${String(value.limit)}`;
  }
  return String(value).replace(/(?<=\d)[_,](?=\d)/g, '');
}

function throttleText(value: unknown): string {
  const read = typeof value === 'string' ? parseThrottle(value) : undefined;
  if (read === undefined) return JSON.stringify(value);
  const burst = read.burst === undefined ? '' : `,max_burst=${read.burst}`;
  return `${read.local ? 'local:' : ''}${read.limit}/${read.period}s${burst}`;
}

function mapText(value: unknown, text: (one: unknown) => string): string | undefined {
  if (isEmpty(value) || typeof value !== 'object' || value === null) return undefined;
  const entries = Object.entries(value).map(([name, one]: [string, unknown]) => `${name}=${text(one)}`);
  return entries.sort().join(' ');
}

/** Networks in any order; a single address has its length in kumod. */
function listText(value: readonly unknown[]): string | undefined {
  const texts = value.map((one) => String(one).replace(/\/(?:32|128)$/, ''));
  return texts.length === 0 ? undefined : [...texts].sort().join(' ');
}

/**
 * How mail leaves the queue. kumod fills in the defaults of what a tree leaves out, so that only what a tree can say is
 * looked at: the hosts of `smtp`, the handler of `custom_lua`.
 */
function protocolText(value: unknown): string {
  const part = (key: string, inner: string): unknown => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    const found: unknown = Object.entries(value).find(([name]) => name === key)?.[1];
    if (typeof found !== 'object' || found === null) return '';
    return Object.entries(found).find(([name]) => name === inner)?.[1] ?? '';
  };
  const hosts = part('smtp', 'mx_list');
  if (hosts !== undefined) return isEmpty(hosts) || hosts === '' ? 'smtp' : `smtp ${JSON.stringify(sorted(hosts))}`;
  const lua = part('custom_lua', 'constructor');
  return lua === undefined ? JSON.stringify(sorted(withoutNothing(value))) : `custom_lua ${String(lua)}`;
}

function withoutNothing(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNothing);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, one]: [string, unknown]) => !isEmpty(one));
  return Object.fromEntries(kept.map(([key, one]: [string, unknown]) => [key, withoutNothing(one)]));
}

/** An empty table of Lua is an empty list or an empty object. */
function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, sorted(one)]));
}
