import { describe, expect, test } from 'vitest';
import { bounceClasses } from '../../src/kumo/api/bounce-classifier';
import { checkFields } from '../../src/kumo/api/check-fields';
import { kumoEvents } from '../../src/kumo/api/events';
import { kumoFunctions } from '../../src/kumo/api/functions';
import { cidrFault, durationSeconds, parseLimit, parseThrottle } from '../../src/kumo/api/grammars';
import { recordTypes } from '../../src/kumo/api/logs';
import { compareReleases, isReleaseName } from '../../src/kumo/api/release';
import { type StructName, structs } from '../../src/kumo/api/structs';
import type { PolicyTable } from '../../src/kumo/api/value';

const tables: readonly (readonly [string, readonly { readonly name: string; readonly since: string }[]])[] = [
  ...Object.entries(structs).map(([name, struct]) => [name, [...struct.fields.values()]] as const),
  ['functions', kumoFunctions],
  ['events', kumoEvents],
  ['record types', recordTypes],
  ['bounce classes', bounceClasses],
];

describe.each(tables)('the table %s', (_, rows) => {
  test('is sorted by name, and every name stands once', () => {
    const names = rows.map((row) => row.name);
    expect(names).toEqual([...new Set(names)].sort());
  });
  test('names releases as KumoMTA does', () => {
    expect(rows.filter((row) => row.since !== 'unreleased' && !isReleaseName(row.since))).toEqual([]);
  });
});

test('words that a field allows are given exactly where its type needs them', () => {
  const rows = Object.values(structs).flatMap((struct) => [...struct.fields.values()]);
  const worded = ['enum', 'enum-list', 'flags', 'bool-or-enum', 'shrink-policy'];
  for (const row of rows) {
    if (worded.includes(row.type)) expect(row.values?.length, row.name).toBeGreaterThan(0);
  }
});

describe('releases', () => {
  test.each([
    ['2024.11.08', '2024.11.08', 0],
    ['2024.11.08', '2025.01.23', -1],
    ['2025.10.06', '2025.05.06', 1],
    ['unreleased', '2026.06.23', 1],
    ['2024.11.08-d383b033', '2024.11.08', 0],
  ])('%s against %s', (a, b, sign) => {
    expect(Math.sign(compareReleases(a, b))).toBe(sign);
  });
});

describe('durations', () => {
  test.each([
    [90, 90],
    ['90m', 5400],
    ['1h30m', 5400],
    ['1 hour 30 min', 5400],
    ['4d12h', 388800],
    ['1M', 2630016],
    ['60', undefined],
    ['1 H', undefined],
    [-1, undefined],
    ['', undefined],
  ])('%j', (value, seconds) => {
    expect(durationSeconds(value)).toBe(seconds);
  });
});

describe('rates', () => {
  test.each([
    ['100/h', { limit: 100, period: 3600, local: false, since: '2023.03.31' }],
    ['20/30min', { limit: 20, period: 1800, local: false, since: '2025.01.23' }],
    ['9000/h,max_burst=150', { limit: 9000, period: 3600, burst: 150, local: false, since: '2025.01.29' }],
    ['local:1_000/s', { limit: 1000, period: 1, local: true, since: '2024.11.08' }],
    ['0/h', undefined],
    ['100/hours', undefined],
    ['100/H', undefined],
    ['100 / h', undefined],
    ['100', undefined],
  ])('%s', (text, parsed) => {
    expect(parseThrottle(text)).toEqual(parsed);
  });
  test('limits start at one', () => {
    expect(parseLimit(0)).toBeUndefined();
    expect(parseLimit(1)?.limit).toBe(1);
    expect(parseLimit('local:1200')).toEqual({ limit: 1200, since: '2025.01.23' });
    expect(parseLimit(1.5)).toBeUndefined();
  });
});

describe('addresses', () => {
  test.each(['10.0.0.0/8', '10.1.2.3', '::1', '2001:db8::/32', '0.0.0.0/0', '::/0'])('%s is fine', (text) => {
    expect(cidrFault(text)).toBeUndefined();
  });
  test.each(['10/8', 'localhost', '10.0.0.0/33', '0/0', '10.0.0.1-10.0.0.9', 'fe80::1%eth0'])('%s is none', (text) => {
    expect(cidrFault(text)).toBeDefined();
  });
  test('host bits are named with the network that is meant', () => {
    expect(cidrFault('192.168.1.1/24')).toContain('192.168.1.0/24');
  });
});

describe('parameter tables', () => {
  const problems = (struct: StructName, table: PolicyTable, target = '2026.06.23') =>
    checkFields(struct, table, { target, complete: true }).map(({ kind, path }) => `${kind} ${path.join('.')}`.trim());

  test('a path that is right has no problem', () => {
    const table = {
      connection_limit: 20,
      enable_tls: 'OpportunisticInsecure',
      idle_timeout: '60s',
      prohibited_hosts: [],
    };
    expect(problems('egress_path', table)).toEqual([]);
  });
  test('a misspelt field is answered with the right one', () => {
    const [problem] = checkFields('egress_path', { conection_limit: 5 }, { target: '2026.06.23', complete: true });
    expect(problem?.kind).toBe('unknown-field');
    expect(problem?.message).toContain('did you mean connection_limit?');
  });
  test.each<[StructName, PolicyTable, string]>([
    ['egress_path', { connection_limit: '5x' }, 'bad-value connection_limit'],
    ['egress_path', { connection_limit: 0 }, 'zero-limit connection_limit'],
    ['egress_path', { connection_limit: { '\u0000float': 30 } }, 'bad-type connection_limit'],
    ['egress_path', { max_message_rate: 100 }, 'bad-type max_message_rate'],
    ['egress_path', { idle_timeout: '60' }, 'quoted-duration idle_timeout'],
    ['egress_path', { enable_tls: 'opportunistic' }, 'bad-value enable_tls'],
    ['egress_path', { enable_dane: 'true' }, 'bad-type enable_dane'],
    ['egress_path', { smtp_port: 70000 }, 'bad-value smtp_port'],
    ['egress_path', { prohibited_hosts: '127.0.0.1' }, 'bad-type prohibited_hosts'],
    ['egress_path', { additional_connection_limits: { all: 0 } }, 'zero-limit additional_connection_limits.all'],
    ['egress_source', { source_address: '10.0.0.1' }, 'missing-field'],
    ['egress_source', { name: 'a', source_address: 'mail.example' }, 'bad-value source_address'],
    ['queue_config', { protocol: { smtp: { mxlist: [] } } }, 'swallowed-key protocol.smtp.mxlist'],
    ['queue_config', { protocol: { pipe: 'x' } }, 'bad-value protocol'],
    ['queue_config', { protocol: { custom_lua: { batch_size: 1 } } }, 'missing-field protocol.custom_lua'],
    ['esmtp_listener', { relay_hosts: ['10.0.0.1/8'] }, 'bad-value relay_hosts.1'],
    ['esmtp_listener', { peer: { '10.0.0.0/8': { listen: 'x:25' } } }, 'unknown-field peer.10.0.0.0/8.listen'],
    ['esmtp_listener', { trace_headers: { received: true } }, 'unknown-field trace_headers.received'],
    ['spool', { name: 'dat', path: '/x' }, 'bad-value name'],
    ['spool', { name: 'data', path: '/x', rocks_params: { paranoid: true } }, 'swallowed-key rocks_params.paranoid'],
    ['local_logs', { log_dir: '/x', per_record: { Deliveries: {} } }, 'bad-value per_record.Deliveries'],
    [
      'signer',
      { domain: 'a', selector: 's', headers: ['From'], key: 'f', agent_user_identifier: 'x' },
      'bad-value agent_user_identifier',
    ],
  ])('%s %j', (struct, table, expected) => {
    expect(problems(struct, table)).toEqual([expected]);
  });
  test.each<[StructName, PolicyTable, string]>([
    ['egress_path', { source_selection_rate: '50/day' }, 'source_selection_rate'],
    ['egress_path', { max_message_rate: '100/h,max_burst=2' }, 'max_message_rate'],
    ['egress_path', { max_connection_rate: '3/5m' }, 'max_connection_rate'],
    ['egress_path', { connection_limit: '5' }, 'connection_limit'],
    ['listener_domain', { log_oob: 'LogThenDrop' }, 'log_oob'],
    ['esmtp_listener', { meta: { x: 1 } }, 'meta'],
    ['queue_config', { protocol: { smtp: { mx_list: ['[10.0.0.1]:2025'] } } }, 'protocol.smtp.mx_list'],
    ['local_logs', { log_dir: '/x', per_record: { Delayed: {} } }, 'per_record.Delayed'],
  ])('%s %j is newer than 2024.11.08', (struct, table, path) => {
    expect(problems(struct, table, '2024.11.08')).toEqual([`too-new ${path}`]);
    expect(problems(struct, table, '2025.12.02')).toEqual([]);
  });
  test('what may be a secret is not repeated', () => {
    const table = { smtp_auth_plain_password: 12345 };
    expect(JSON.stringify(checkFields('egress_path', table, { target: '2026.06.23', complete: true }))).not.toContain(
      '12345',
    );
  });
});
