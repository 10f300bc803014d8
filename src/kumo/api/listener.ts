import type { FieldRow } from './field';

/** `kumo.start_esmtp_listener`; all but `listen` and `max_connections` may stand in `peer` and `via` too. */
export const esmtpListenerFields = [
  { name: 'allow_xclient', type: 'bool', since: '2025.10.06', default: false },
  { name: 'banner', type: 'string', since: '2023.03.31', default: 'KumoMTA' },
  {
    name: 'batch_handling',
    type: 'enum',
    since: '2025.12.02',
    values: ['BifurcateAlways', 'BatchByDomain'],
    default: 'BifurcateAlways',
  },
  { name: 'client_timeout', type: 'duration', since: '2023.03.31', default: '60s' },
  { name: 'data_buffer_size', type: 'int', since: '2023.03.31', default: 131072 },
  { name: 'data_processing_timeout', type: 'duration', since: '2025.03.19', default: '300s' },
  { name: 'deferred_queue', type: 'bool', since: '2025.01.23', default: false },
  { name: 'deferred_spool', type: 'bool', since: '2023.03.31', default: false },
  { name: 'hostname', type: 'string', since: '2023.03.31' },
  {
    name: 'invalid_line_endings',
    type: 'enum',
    since: '2023.11.28',
    values: ['Deny', 'Allow', 'Fix'],
    default: 'Deny',
  },
  { name: 'line_length_hard_limit', type: 'int', since: '2023.11.28', default: 998 },
  { name: 'listen', type: 'string', since: '2023.03.31', default: '127.0.0.1:2025' },
  { name: 'max_connections', type: 'int', since: '2024.09.02', default: 32768 },
  { name: 'max_message_size', type: 'int', since: '2023.03.31', default: 20971520 },
  { name: 'max_messages_per_connection', type: 'int', since: '2023.03.31', default: 10000 },
  { name: 'max_recipients_per_message', type: 'int', since: '2023.03.31', default: 1024 },
  { name: 'meta', type: 'any-map', since: '2025.05.06' },
  { name: 'peer', type: 'listener-map', since: '2025.05.06' },
  { name: 'relay_hosts', type: 'cidr-list', since: '2023.03.31', default: ['127.0.0.1', '::1'] },
  { name: 'require_proxy_protocol', type: 'bool', since: '2025.12.02', default: false },
  { name: 'tls_certificate', type: 'key-source', since: '2023.03.31' },
  { name: 'tls_private_key', type: 'key-source', since: '2023.03.31' },
  { name: 'tls_required_client_ca', type: 'key-source', since: '2025.10.06' },
  {
    name: 'trace_headers',
    type: 'trace-headers',
    since: '2023.03.31',
    default: { received_header: true, supplemental_header: true, header_name: 'X-KumoRef', include_meta_names: [] },
  },
  { name: 'via', type: 'listener-map', since: '2025.05.06' },
] as const satisfies readonly FieldRow[];

/** Fields that belong to the listening socket and are refused in `peer`, `via` and dynamic parameters. */
export const listenerSocketFields: readonly string[] = ['listen', 'max_connections'];

/** `trace_headers` of a listener. */
export const traceHeaderFields = [
  { name: 'header_name', type: 'string', since: '2023.03.31', default: 'X-KumoRef' },
  { name: 'include_meta_names', type: 'string-list', since: '2023.03.31' },
  { name: 'received_header', type: 'bool', since: '2023.03.31', default: true },
  { name: 'supplemental_header', type: 'bool', since: '2023.03.31', default: true },
] as const satisfies readonly FieldRow[];

/** `kumo.start_http_listener` and `tsa.start_http_listener`. */
export const httpListenerFields = [
  { name: 'hostname', type: 'string', since: '2023.03.31' },
  { name: 'listen', type: 'string', since: '2023.03.31', default: '127.0.0.1:8000' },
  { name: 'request_body_limit', type: 'int', since: '2024.06.10' },
  { name: 'tls_certificate', type: 'key-source', since: '2023.03.31' },
  { name: 'tls_private_key', type: 'key-source', since: '2023.03.31' },
  { name: 'trusted_hosts', type: 'cidr-list', since: '2023.03.31', default: ['127.0.0.1', '::1'] },
  { name: 'use_tls', type: 'bool', since: '2023.03.31', default: false },
] as const satisfies readonly FieldRow[];
