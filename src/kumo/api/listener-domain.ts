import type { FieldRow } from './field';

/** `kumo.make_listener_domain`; the helper file knows `relay_from_authz` besides. */
export const listenerDomainFields = [
  {
    name: 'log_arf',
    type: 'bool-or-enum',
    since: '2023.03.31',
    values: ['Ignore', 'LogThenDrop', 'LogThenRelay'],
    default: 'Ignore',
  },
  {
    name: 'log_oob',
    type: 'bool-or-enum',
    since: '2023.03.31',
    values: ['Ignore', 'LogThenDrop', 'LogThenRelay'],
    default: 'Ignore',
  },
  { name: 'relay_from', type: 'cidr-list', since: '2023.03.31' },
  { name: 'relay_to', type: 'bool', since: '2023.03.31', default: false },
  { name: 'ttl', type: 'duration', since: '2023.06.22', default: '60s' },
] as const satisfies readonly FieldRow[];
