import type { FieldRow } from './field';

/** `kumo.make_egress_source`; in sources.toml the name is the key of the block. */
export const egressSourceFields = [
  { name: 'ehlo_domain', type: 'string', since: '2023.06.22' },
  { name: 'ha_proxy_server', type: 'socket-addr', since: '2023.05.10' },
  { name: 'ha_proxy_source_address', type: 'ip', since: '2023.05.10' },
  { name: 'name', type: 'string', since: '2023.03.31', required: true },
  { name: 'remote_port', type: 'port', since: '2023.03.31' },
  { name: 'socks5_proxy_password', type: 'key-source', since: '2024.06.10' },
  { name: 'socks5_proxy_server', type: 'socket-addr', since: '2023.06.22' },
  { name: 'socks5_proxy_source_address', type: 'ip', since: '2023.06.22' },
  { name: 'socks5_proxy_username', type: 'string', since: '2024.06.10' },
  { name: 'source_address', type: 'ip', since: '2023.03.31' },
  { name: 'suspend_when_proxy_unhealthy', type: 'table', since: 'unreleased' },
  { name: 'suspend_when_unplumbed', type: 'table', since: 'unreleased' },
  { name: 'ttl', type: 'duration', since: '2023.06.22', default: '60s' },
] as const satisfies readonly FieldRow[];
