import type { FieldRow } from './field';

/** `kumo.make_egress_pool`. */
export const egressPoolFields = [
  { name: 'entries', type: 'pool-entries', since: '2023.03.31' },
  { name: 'name', type: 'string', since: '2023.03.31', required: true },
  { name: 'ttl', type: 'duration', since: '2023.06.22', default: '60s' },
] as const satisfies readonly FieldRow[];

/** An item of `entries`; in sources.toml only `weight` can be written. */
export const egressPoolEntryFields = [
  { name: 'name', type: 'string', since: '2023.03.31', required: true },
  { name: 'weight', type: 'int', since: '2023.03.31', default: 1 },
] as const satisfies readonly FieldRow[];
