import { createSource, type Span } from '../../src/diagnostics/span';
import {
  type EsmtpListener,
  emptyBlock,
  emptyPathBlock,
  emptyPolicy,
  emptyQueueBlock,
  type Field,
  type FieldBlock,
  type KumoPolicy,
  type KumoTable,
  type KumoValue,
} from '../../src/kumo/model';

const source = createSource('config', '\n'.repeat(999));

/** The place `config:LINE`. */
export function at(line: number): Span {
  return { source, start: line - 1, end: line - 1 };
}

export function field(value: KumoValue, line?: number): Field {
  return line === undefined ? { value, origins: [], comment: 'PowerMTA default' } : { value, origins: [at(line)] };
}

/** A block with these fields, all from `line`. */
export function block(values: KumoTable, line = 1): FieldBlock {
  const made = emptyBlock();
  for (const [name, value] of Object.entries(values)) made.fields.set(name, field(value, line));
  made.origins.push(at(line));
  return made;
}

export function listener(listen: string, values: KumoTable, line = 1): EsmtpListener {
  return { listen: field(listen, line), fields: block(values, line).fields, origins: [at(line)] };
}

export function pathBlock(values: KumoTable, line = 1) {
  return { ...emptyPathBlock(), ...block(values, line) };
}

export function queueBlock(values: KumoTable, line = 1) {
  return { ...emptyQueueBlock(), ...block(values, line) };
}

/** Adds a virtual-mta as the passes do: a source of the same name, a pool over it, a tenant. */
export function addVirtualMta(policy: KumoPolicy, name: string, address: string, line = 1): void {
  policy.sources.set(name, block({ source_address: address, ehlo_domain: `${name}.example.net` }, line));
  policy.pools.set(name, { entries: new Map([[name, 1]]), origins: [at(line)], comments: [] });
  policy.tenants.set(name, block({ egress_pool: name }, line));
}

/** About what a small configuration as it comes with PowerMTA turns into. */
export function stockPolicy(): KumoPolicy {
  const policy = emptyPolicy();
  policy.spools.push(
    { name: 'data', fields: block({ path: '/var/spool/kumomta/data', kind: 'RocksDB' }).fields, origins: [at(60)] },
    { name: 'meta', fields: block({ path: '/var/spool/kumomta/meta', kind: 'RocksDB' }).fields, origins: [at(60)] },
  );
  policy.logs.push({
    fields: block({ log_dir: '/var/log/kumomta', max_segment_duration: '1 minute' }).fields,
    origins: [at(51)],
    comments: [],
  });
  policy.http = {
    fields: block({ listen: '127.0.0.1:8080', trusted_hosts: ['127.0.0.1', '::1'] }).fields,
    origins: [at(41)],
    comments: [],
  };
  policy.listeners.push({
    ...listener('0.0.0.0:25', { hostname: 'mail.example.net', relay_hosts: ['127.0.0.1', '::1'] }, 20),
  });
  policy.listeners[0]?.fields.set('max_message_size', field(1_073_741_824));
  policy.listeners[0]?.fields.set('client_timeout', field('10m'));
  addVirtualMta(policy, '{default}', '192.0.2.1', 12);
  policy.queueOptions.set('tenant_header', field('X-Virtual-MTA', 25));
  policy.queueOptions.set('remove_tenant_header', field(true, 25));
  policy.queueOptions.set('default_tenant', field('{default}'));
  policy.queues.set('default', queueBlock({ retry_interval: '10m', max_retry_interval: '10m', max_age: '4d12h' }, 30));
  const { shaping } = policy;
  shaping.default.origins.push(at(30));
  shaping.default.fields.set('connection_limit', field(20, 31));
  shaping.default.fields.set('enable_tls', field('OpportunisticInsecure'));
  shaping.domains.set('slow.example', pathBlock({ connection_limit: 2 }, 70));
  return policy;
}
