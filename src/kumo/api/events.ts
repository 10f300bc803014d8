import type { Release } from './release';

/** An event that `kumo.on` can handle. `make.NAME` and `log_disposition_NAME` stand for every name of that form. */
export interface EventRow {
  readonly name: string;
  readonly since: Release;
  /** A second handler of a `single` event is an error when the policy is loaded. */
  readonly handlers: 'single' | 'multiple';
  readonly process: 'kumod' | 'tsa-daemon' | 'proxy-server';
  readonly args: readonly string[];
  /** Arguments after the first `after` came later. */
  readonly laterArgs?: { readonly after: number; readonly since: Release };
}

/** Every predefined event, sorted by name. Any other name is an event of the policy's own, with one handler. */
export const kumoEvents = [
  { name: 'get_acl_definition', since: '2026.03.04', handlers: 'multiple', process: 'kumod', args: ['resource'] },
  {
    name: 'get_egress_path_config',
    since: '2023.03.31',
    handlers: 'single',
    process: 'kumod',
    args: ['routing_domain', 'egress_source', 'site_name'],
  },
  { name: 'get_egress_pool', since: '2023.06.22', handlers: 'single', process: 'kumod', args: ['pool_name'] },
  { name: 'get_egress_source', since: '2023.06.22', handlers: 'single', process: 'kumod', args: ['source_name'] },
  {
    name: 'get_listener_domain',
    since: '2023.06.22',
    handlers: 'single',
    process: 'kumod',
    args: ['domain_name', 'listener', 'conn_meta'],
  },
  {
    name: 'get_queue_config',
    since: '2023.03.31',
    handlers: 'multiple',
    process: 'kumod',
    args: ['domain', 'tenant', 'campaign', 'routing_domain'],
  },
  {
    name: 'http_message_generated',
    since: '2023.03.31',
    handlers: 'single',
    process: 'kumod',
    args: ['msg', 'auth_info'],
  },
  {
    name: 'http_server_validate_auth_basic',
    since: '2023.03.31',
    handlers: 'single',
    process: 'kumod',
    args: ['user', 'password (may be nil)'],
  },
  {
    name: 'http_server_validate_auth_bearer',
    since: '2023.03.31',
    handlers: 'single',
    process: 'kumod',
    args: ['token'],
  },
  { name: 'init', since: '2023.03.31', handlers: 'single', process: 'kumod', args: [] },
  { name: 'log_disposition_NAME', since: '2025.10.06', handlers: 'single', process: 'kumod', args: ['msg', 'record'] },
  { name: 'main', since: '2024.09.02', handlers: 'single', process: 'kumod', args: ['...'] },
  {
    name: 'make.NAME',
    since: '2023.05.10',
    handlers: 'single',
    process: 'kumod',
    args: ['domain', 'tenant', 'campaign'],
  },
  { name: 'pre_init', since: '2023.11.28', handlers: 'multiple', process: 'kumod', args: [] },
  { name: 'proxy_init', since: '2026.03.04', handlers: 'single', process: 'proxy-server', args: [] },
  {
    name: 'proxy_server_auth_rfc1929',
    since: '2026.03.04',
    handlers: 'single',
    process: 'proxy-server',
    args: ['username', 'password', 'conn_meta'],
  },
  { name: 'rebind_message', since: '2024.09.02', handlers: 'single', process: 'kumod', args: ['msg', 'data'] },
  {
    name: 'requeue_message',
    since: '2024.11.08',
    handlers: 'multiple',
    process: 'kumod',
    args: ['msg', 'smtp_response', 'insert_context', 'increment_attempts', 'delay'],
    laterArgs: { after: 2, since: '2026.03.04' },
  },
  {
    name: 'should_enqueue_log_record',
    since: '2023.05.10',
    handlers: 'multiple',
    process: 'kumod',
    args: ['msg', 'hook_name'],
  },
  { name: 'shutdown_logging', since: '2025.10.06', handlers: 'single', process: 'kumod', args: [] },
  {
    name: 'smtp_client_rewrite_delivery_status',
    since: '2023.11.28',
    handlers: 'single',
    process: 'kumod',
    args: ['response', 'domain', 'tenant', 'campaign', 'routing_domain'],
  },
  {
    name: 'smtp_server_auth_plain',
    since: '2023.03.31',
    handlers: 'single',
    process: 'kumod',
    args: ['authz', 'authc', 'password', 'conn_meta'],
  },
  {
    name: 'smtp_server_connection_accepted',
    since: '2025.05.06',
    handlers: 'single',
    process: 'kumod',
    args: ['conn_meta'],
  },
  { name: 'smtp_server_data', since: '2025.12.02', handlers: 'single', process: 'kumod', args: ['msg', 'conn_meta'] },
  {
    name: 'smtp_server_ehlo',
    since: '2023.03.31',
    handlers: 'single',
    process: 'kumod',
    args: ['domain', 'conn_meta', 'extensions'],
  },
  {
    name: 'smtp_server_get_dynamic_parameters',
    since: '2025.05.06',
    handlers: 'single',
    process: 'kumod',
    args: ['listener', 'conn_meta'],
  },
  {
    name: 'smtp_server_mail_from',
    since: '2023.03.31',
    handlers: 'single',
    process: 'kumod',
    args: ['sender', 'conn_meta'],
  },
  {
    name: 'smtp_server_message_deferred_inject',
    since: '2025.01.23',
    handlers: 'single',
    process: 'kumod',
    args: ['msg', 'conn_meta'],
  },
  {
    name: 'smtp_server_message_received',
    since: '2023.03.31',
    handlers: 'single',
    process: 'kumod',
    args: ['msg', 'conn_meta'],
  },
  {
    name: 'smtp_server_rcpt_to',
    since: '2023.03.31',
    handlers: 'single',
    process: 'kumod',
    args: ['recipient', 'conn_meta'],
  },
  {
    name: 'smtp_server_rewrite_response',
    since: '2025.12.02',
    handlers: 'single',
    process: 'kumod',
    args: ['status', 'response', 'command', 'conn_meta'],
  },
  {
    name: 'smtp_server_split_transaction',
    since: '2025.12.02',
    handlers: 'single',
    process: 'kumod',
    args: ['msg', 'conn_meta'],
  },
  { name: 'spool_message_enumerated', since: '2023.06.22', handlers: 'single', process: 'kumod', args: ['msg'] },
  { name: 'throttle_insert_ready_queue', since: '2024.06.10', handlers: 'multiple', process: 'kumod', args: ['msg'] },
  { name: 'tsa_init', since: '2023.08.22', handlers: 'single', process: 'tsa-daemon', args: [] },
  { name: 'tsa_load_shaping_data', since: '2023.08.22', handlers: 'single', process: 'tsa-daemon', args: [] },
  { name: 'validate_config', since: '2024.09.02', handlers: 'multiple', process: 'kumod', args: [] },
  {
    name: 'xfer_message_received',
    since: '2025.12.02',
    handlers: 'single',
    process: 'kumod',
    args: ['msg', 'auth_info'],
  },
] as const satisfies readonly EventRow[];
