import type { FindingCode } from '../../src/kumo/runtime/finding';
import { GOOD_TREE } from './good-tree';

/** One defect laid over the good tree. */
export interface Defect {
  readonly code: FindingCode;
  readonly file: string;
  /** What is replaced, once; empty to add at the end. */
  readonly from: string;
  /** What stands there then; `«»` enclose what the finding has to point at. Without them it has no place of its own. */
  readonly to: string;
  /** The release the tree is for. */
  readonly target?: string;
}

type Row = readonly [code: FindingCode, file: string, from: string, to: string, target?: string];

const INIT = 'init.lua';
const SOURCES = 'sources.toml';
const QUEUES = 'queues.toml';
const SHAPING = 'shaping.toml';
const DKIM = 'dkim_data.toml';
const LISTENERS = 'listener_domains.toml';
const RULES = 'bounce_rules.toml';

/** Sorted by code. Places are where an editor's cursor belongs: the key or the call that has to change. */
const ROWS: readonly Row[] = [
  ['tree-argument-count', INIT, '  queue_helper:apply(msg)\n  msg:remove', '  «kumo.reject»(550)\n  msg:remove'],
  [
    'tree-auth-answer',
    INIT,
    "  return authc == 'feeder' and",
    "  if authc == '' then «return» end\n  return authc == 'feeder' and",
  ],
  [
    'tree-auth-answer',
    INIT,
    "  return authc == 'feeder' and",
    "  if authc == '' then «return nil» end\n  return authc == 'feeder' and",
  ],
  ['tree-bad-type', INIT, "hostname = 'mx.example.com'", '«hostname» = 25'],
  ['tree-bad-type', SOURCES, '[pool."bulk"]', '[pool."bulk"]\n«mta3» = 1'],
  ['tree-bad-type', SHAPING, 'connection_limit = 5', '«connection_limit» = 5.0'],
  ['tree-bad-value', INIT, "kind = 'RocksDB'", "«kind» = 'rocksdb'"],
  ['tree-bad-value', INIT, "relay_hosts = { '127.0.0.1' }", "relay_hosts = { «'10.0.0.1/8'» }"],
  ['tree-bad-value', SHAPING, 'enable_tls = "Opportunistic"', '«enable_tls» = "opportunistic"'],
  ['tree-bad-value', SHAPING, 'trigger = { Threshold = "3/hr" }', '«trigger» = { Threshold = "3 per hour" }'],
  ['tree-block-dropped', SHAPING, '["gmail.com"]', '[«"hook.log_hook"»]\n["gmail.com"]'],
  [
    'tree-campaign-ignored',
    QUEUES,
    '[queue.default]',
    "[tenant.'main'.«campaigns».'c1']\noverall_max_message_rate = \"1/h\"\n[queue.default]",
  ],
  [
    'tree-default-sources',
    SHAPING,
    '["gmail.com"]',
    '["default".«sources»."mta1"]\nconnection_limit = 1\n["gmail.com"]',
  ],
  [
    'tree-dkim-key-missing',
    DKIM,
    'filename = "/opt/kumomta/etc/policy/keys/example.com.key"',
    '«filename» = "/opt/kumomta/etc/policy/keys/none.key"',
  ],
  [
    'tree-dkim-key-unreadable',
    DKIM,
    'filename = "/opt/kumomta/etc/policy/keys/example.com.key"',
    '«filename» = "/opt/kumomta/etc/policy/init.lua"',
  ],
  [
    'tree-dkim-key-unseen',
    DKIM,
    'filename = "/opt/kumomta/etc/policy/keys/example.com.key"',
    'filename = "/etc/dkim/example.com.key"',
  ],
  ['tree-duration-quoted', QUEUES, 'retry_interval = "20m"', '«retry_interval» = "1200"'],
  ['tree-duration-quoted', SHAPING, 'duration = "90m"', '«duration» = "5400"'],
  ['tree-duration-quoted', INIT, "max_segment_duration = '1 minute'", "«max_segment_duration» = '60'"],
  [
    'tree-endless-rule',
    SHAPING,
    'action = { SetConfig = { name = "max_message_rate", value = "1/min" } }',
    'action = "Bounce"',
  ],
  ['tree-event-unknown', INIT, "kumo.on('http_message_generated'", "kumo.on('«http_mesage_generated»'"],
  ['tree-file-missing', INIT, "dir .. 'queues.toml'", "dir .. 'queue.toml'"],
  ['tree-file-outside', INIT, "{ dir .. 'queues.toml' }", "{ '/etc/queues.toml' }"],
  [
    'tree-file-shipped',
    INIT,
    "files = { dir .. 'bounce_rules.toml' }",
    "files = { '/opt/kumomta/share/bounce_classifier/iana.toml' }",
  ],
  ['tree-file-syntax', LISTENERS, 'log_oob = true', 'log_oob = «»tru'],
  [
    'tree-handler-failed',
    INIT,
    '  msg:remove_x_headers',
    "  local job = msg:get_first_named_header_value('X-Job'):lower()\n  msg:remove_x_headers",
  ],
  ['tree-handler-missing', INIT, "max_segment_duration = '1 minute'", "filter_event = 'my_filter'"],
  ['tree-handler-twice', INIT, "kumo.on('http_message_generated'", "kumo.on('smtp_server_message_received'"],
  [
    'tree-helper-order',
    INIT,
    "kumo.on('get_egress_path_config'",
    "kumo.on('get_queue_config', function() end)\nkumo.on('get_egress_path_config'",
  ],
  ['tree-limit', INIT, '  msg:remove_x_headers', '  while true do end\n  msg:remove_x_headers'],
  ['tree-limit-zero', SHAPING, 'connection_limit = 5', '«connection_limit» = 0'],
  ['tree-limit-zero', QUEUES, 'max_message_rate = "10/min"', '«max_message_rate» = "0/min"'],
  ['tree-listener-key', LISTENERS, '["*"]', '[listener.«"0.0.0.0:25"»."a.example"]\nrelay_to = true\n["*"]'],
  ['tree-loopback-host', QUEUES, 'routing_domain = "relay.corp.example"', '«routing_domain» = "[127.0.0.1]"'],
  [
    'tree-loopback-host',
    QUEUES,
    'routing_domain = "relay.corp.example"',
    '«protocol» = { smtp = { mx_list = ["localhost"] } }',
  ],
  ['tree-lua-error', INIT, "local dir = '/opt/kumomta/etc/policy/'", 'local dir = nil'],
  ['tree-lua-syntax', INIT, 'local dir =', 'local dir = ='],
  ['tree-lua-syntax', 'tsa_init.lua', 'end)\n\nkumo', 'end\n\nkumo'],
  ['tree-missing-field', INIT, "name = name, path = '/var/spool/kumomta/' .. name,", 'name = name,'],
  ['tree-missing-field', DKIM, 'selector = "s1"\n', ''],
  ['tree-missing-field', SHAPING, 'duration = "90m"\n', ''],
  ['tree-module-missing', INIT, 'local dir =', "local mine = require 'my_rules'\nlocal dir ="],
  ['tree-name-unknown', INIT, '  msg:remove_x_headers', '  «msg:remove_x_header»'],
  ['tree-name-unknown', INIT, "kumo.on('init'", "local function later() «kumo.log_inf» 'x' end\nkumo.on('init'"],
  ['tree-name-unknown', DKIM, 'selector = "s1"', 'selector = "s1"\n«additional_signatures» = ["esp"]'],
  ['tree-needs-restart', RULES, '[rules]', '[rules]'],
  [
    'tree-not-followed',
    INIT,
    "local dir = '/opt/kumomta/etc/policy/'",
    "local dir = kumo.secrets.load('x').dir .. 1 .. {}",
  ],
  [
    'tree-not-modelled',
    INIT,
    '  msg:remove_x_headers',
    "  local who = kumo.digest.sha256('x').hex\n  msg:remove_x_headers",
  ],
  [
    'tree-not-monitored',
    INIT,
    "kumo.on('init'",
    "kumo.on('pre_init', function() kumo.set_config_monitor_globs { '/etc/*' } end)\nkumo.on('init'",
  ],
  ['tree-null-mx', SHAPING, '["gmail.com"]', '[«"nomail.example"»]\n["gmail.com"]'],
  ['tree-pool-empty', SOURCES, '[pool."bulk"]', '[pool.«"off"»."mta1"]\nweight = 0\n[pool."bulk"]'],
  ['tree-pool-undefined', QUEUES, 'egress_pool = "bulk"', '«egress_pool» = "bulky"'],
  ['tree-pool-undefined', QUEUES, 'max_message_rate = "10/min"', '«egress_pool» = "bulky"'],
  [
    'tree-provider-overlap',
    SHAPING,
    '["gmail.com"]',
    '[provider."google"]\nmatch = [{ MXSuffix = ".google.com" }]\n[«"gmail.com"»]',
  ],
  ['tree-provider-unmatched', SHAPING, 'match = [{ MXSuffix = ".mail.example.net" }]\n', ''],
  ['tree-proxy-incomplete', SOURCES, 'ehlo_domain = "mta1.example.com"', '«socks5_proxy_server» = "10.0.0.1:1080"'],
  ['tree-proxy-incomplete', SOURCES, 'ehlo_domain = "mta1.example.com"', '«ha_proxy_source_address» = "192.0.2.1"'],
  ['tree-rate-misplaced', QUEUES, 'routing_domain = "relay.corp.example"', '«overall_max_message_rate» = "1/h"'],
  ['tree-regex-invalid', SHAPING, "(?i)too many messages'''", "(?i)too (many messages'''"],
  ['tree-regex-invalid', RULES, '["^550 5\\\\.1\\\\.1"]', '["(?<!x)550"]'],
  ['tree-regex-slashes', SHAPING, "regex = '''(?i)too many messages'''", "«regex» = '/too many messages/'"],
  ['tree-returned-nil', INIT, 'then return end', 'then «return nil» end'],
  ['tree-set-config', SHAPING, 'value = "1/min" }', 'value = 1 }'],
  ['tree-set-config', SHAPING, 'name = "max_message_rate"', 'name = "provider_connection_limit"'],
  ['tree-setup-twice', INIT, 'local dkim_signer', "sources:setup { dir .. 'sources.toml' }\nlocal dkim_signer"],
  [
    'tree-signature-unused',
    DKIM,
    '[domain."example.com"]',
    '[signature.«"esp"»]\ndomain = "esp.example"\n[domain."example.com"]',
  ],
  ['tree-single-label', SHAPING, '["gmail.com"]', '[«gmail»]\n["gmail.com"]'],
  ['tree-site-shared', SHAPING, '[provider."other"]', '[«"googlemail.com"»]\nconnection_limit = 1\n[provider."other"]'],
  ['tree-source-undefined', SOURCES, '[pool."bulk"."mta2"]', '[pool."bulk".«"mta3"»]'],
  ['tree-source-undefined', SHAPING, '["gmail.com".sources."mta1"]', '["gmail.com".sources."mta7"]'],
  ['tree-spool-missing', INIT, "{ 'data', 'meta' }", "{ 'data' }"],
  ['tree-swallowed-key', INIT, 'no_default_files = true', 'no_default_file = true'],
  ['tree-swallowed-key', INIT, 'rocks_params = {}', 'rocks_params = { «paranoid» = true }'],
  [
    'tree-swallowed-key',
    QUEUES,
    'routing_domain = "relay.corp.example"',
    'protocol = { smtp = { «mxlist» = ["a.example"] } }',
  ],
  ['tree-swallowed-key', SHAPING, 'duration = "90m"', 'duration = "90m"\n«match_internals» = true'],
  ['tree-too-new', SHAPING, 'connection_limit = 5', '«source_selection_rate» = "1/s"', '2024.11.08'],
  ['tree-too-new', INIT, '  msg:remove_x_headers', "  «kumo.log_info» 'x'\n  msg:remove_x_headers", '2024.11.08'],
  ['tree-unknown-field', INIT, "hostname = 'mx.example.com'", "«host_name» = 'mx.example.com'"],
  ['tree-unknown-field', INIT, "{ max_age = '1h' }", "{ «max_ages» = '1h' }"],
  ['tree-unknown-field', SOURCES, 'ehlo_domain = "mta1.example.com"', '«ehlo» = "mta1.example.com"'],
  ['tree-unknown-field', QUEUES, 'egress_pool = "bulk"', '«egress_pols» = "bulk"'],
  ['tree-unknown-field', QUEUES, 'tenant_header = "X-Tenant"', '«tenant_headers» = "X-Tenant"'],
  ['tree-unknown-field', SHAPING, 'connection_limit = 5', '«conection_limit» = 5'],
  ['tree-unknown-field', DKIM, 'selector = "s1"', 'selector = "s1"\n«vault_key» = "x"'],
  ['tree-unknown-field', LISTENERS, 'log_oob = true', '«log_obb» = true'],
  ['tree-upper-case', QUEUES, "[queue.'corp.example'.'main']", "[queue.«'Corp.example'».'main']"],
  [
    'tree-upper-case',
    SHAPING,
    'match = [{ MXSuffix = ".mail.example.net" }]',
    '«match» = [{ MXSuffix = ".Mail.example.net" }]',
  ],
  ['tree-upper-case', SHAPING, '[provider."other"]', '[«"Host.example"»]\nmx_rollup = false\n[provider."other"]'],
  ['tree-wrong-place', INIT, "kumo.on('init'", "«kumo.configure_accounting_db_path» '/x'\nkumo.on('init'"],
];

export const DEFECTS: readonly Defect[] = ROWS.map(([code, file, from, to, target]) => ({
  code,
  file,
  from,
  to,
  ...(target === undefined ? {} : { target }),
}));

/** The whole lines that a defect changes, without what they have in common on the left: what `explain` shows. */
export function linesOf({ file, from, to }: Defect): string {
  const good = GOOD_TREE[file] ?? '';
  const plain = to.replace(/[«»]/g, '');
  const at = from === '' ? good.length : good.indexOf(from);
  const text = good.slice(0, at) + plain + good.slice(at + from.length);
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const last = text.indexOf('\n', at + plain.length - 1);
  const lines = text.slice(start, last < 0 ? text.length : last).split('\n');
  const blank = Math.min(...lines.map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(blank)).join('\n');
}
