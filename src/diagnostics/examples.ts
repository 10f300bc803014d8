import type { Code } from './catalogue';

/** Lines that get a diagnostic of some code, and no more of them than it takes. */
export interface Example {
  /** `config` of PowerMTA, a file of a KumoMTA policy, or an options file. */
  readonly file: string;
  readonly text: string;
  /** With these options only. */
  readonly options?: string;
}

/**
 * What `explain` shows. A test runs each of them. Codes without one are rows of SITUATIONS: limits,
 * unreadable files, the tool's own mistakes. Kept sorted by a test.
 */
export const EXAMPLES: Readonly<Partial<Record<Code, Example>>> = {
  'address-range': { file: 'config', text: '<virtual-mta m>\n  smtp-source-host 192.0.2.0/16\n</virtual-mta>' },
  'address-range-expanded': {
    file: 'config',
    text: '<virtual-mta m>\n  smtp-source-host 192.0.2.0/30\n</virtual-mta>',
  },
  'auth-plain-tls': { file: 'config', text: '<smtp-user feeder>\n  password secret\n</smtp-user>' },
  'backoff-default-reaches': {
    file: 'config',
    text: '<smtp-pattern-list slow>\n  reply /try again later/ mode=backoff\n</smtp-pattern-list>\n<smtp-pattern-list none>\n  reply /never said/ mode=normal\n</smtp-pattern-list>\n<domain *>\n  smtp-pattern-list slow\n  max-msg-rate 2000/h\n  backoff-max-msg-rate 300/h\n</domain>\n<domain a.example>\n  smtp-pattern-list none\n</domain>',
  },
  'backoff-not-slower': {
    file: 'config',
    text: '<domain *>\n  max-msg-rate 100/h\n  backoff-max-msg-rate 200/h\n</domain>',
  },
  'backoff-untriggered': { file: 'config', text: '<domain a.example>\n  backoff-max-msg-rate 100/h\n</domain>' },
  'backoff-without-end': {
    file: 'config',
    text: '<smtp-pattern-list slow>\n  reply /try again later/ mode=backoff\n</smtp-pattern-list>\n<domain *>\n  smtp-pattern-list slow\n  max-msg-rate 2000/h\n  backoff-max-msg-rate 300/h\n  backoff-to-normal-after never\n</domain>',
  },
  'base-shaping': {
    file: 'config',
    text: '<domain gmail.com>\n  max-smtp-out 5\n</domain>',
    options: '--base-shaping stock',
  },
  'block-beaten': {
    file: 'config',
    text: '<domain a.example>\n  max-smtp-out 5\n</domain>\n<domain a.example>\n  max-smtp-out 6\n</domain>',
  },
  'block-repeated': {
    file: 'config',
    text: '<domain a.example>\n  max-smtp-out 5\n</domain>\n<domain a.example>\n  retry-after 10m\n</domain>',
  },
  'block-repeats-general': {
    file: 'config',
    text: '<domain *>\n  max-smtp-out 5\n</domain>\n<domain a.example>\n  max-smtp-out 5\n</domain>',
  },
  'cidr-host-bits': { file: 'config', text: '<source 192.0.2.1/24>\n  always-allow-relaying yes\n</source>' },
  'cold-differs': {
    file: 'config',
    text: 'domain-key a, a.example, /etc/a.pem\n<virtual-mta warm>\n  smtp-source-host 192.0.2.1 a.example\n  cold-virtual-mta new\n  <domain *>\n    max-cold-virtual-mta-msg 100/day\n  </domain>\n</virtual-mta>\n<virtual-mta new>\n  smtp-source-host 192.0.2.2 b.example\n  <domain *>\n    smtp-hosts relay.b.example\n  </domain>\n</virtual-mta>',
  },
  'cold-list': {
    file: 'config',
    text: '<virtual-mta warm>\n  smtp-source-host 192.0.2.1 a.example\n  cold-virtual-mta new\n  <domain *>\n    max-cold-virtual-mta-msg 100/day,200/day\n  </domain>\n</virtual-mta>\n<virtual-mta new>\n  smtp-source-host 192.0.2.2 a.example\n</virtual-mta>',
  },
  'continued-list': {
    file: 'config',
    text: 'domain-macro big a.example,\n  b.example\n<domain $big>\n  max-smtp-out 5\n</domain>',
  },
  'continued-quote': { file: 'config', text: 'smtp-greeting "one\ntwo"' },
  'continued-regex': {
    file: 'config',
    text: '<smtp-pattern-list slow>\n  reply /too (many\nerrors)/ mode=backoff\n</smtp-pattern-list>',
  },
  'definition-unused': {
    file: 'config',
    text: '<smtp-pattern-list slow>\n  reply /later/ mode=backoff\n</smtp-pattern-list>',
  },
  'directive-misplaced': {
    file: 'config',
    text: '<domain a.example>\n  smtp-source-host 192.0.2.1 a.example\n</domain>',
  },
  'directive-repeated': { file: 'config', text: '<domain a.example>\n  max-smtp-out 5\n  max-smtp-out 6\n</domain>' },
  'directive-unknown': { file: 'config', text: '<domain a.example>\n  max-smtp-outs 5\n</domain>' },
  'dkim-by-domain': {
    file: 'config',
    text: 'domain-key s1, a.example, /etc/pmta/a.pem\n<domain *>\n  dkim-sign yes\n</domain>',
  },
  'domain-name-taken': { file: 'config', text: '<domain default>\n  max-smtp-out 5\n</domain>' },
  'domain-pattern-invalid': { file: 'config', text: '<domain a..example>\n  max-smtp-out 5\n</domain>' },
  'hash-in-quotes': { file: 'config', text: 'smtp-greeting "a # b"' },
  'host-name-invalid': {
    file: 'config',
    text: '<virtual-mta m>\n  smtp-source-host 192.0.2.1 not_a_name!\n</virtual-mta>',
  },
  'http-access-dead': { file: 'config', text: 'http-access 0/0 monitor\nhttp-access 192.0.2.1 admin' },
  'include-cycle': { file: 'config', text: 'include config' },
  'include-empty': { file: 'config', text: 'include ""' },
  'include-empty-glob': { file: 'config', text: 'include conf.d/*.conf' },
  'include-missing': { file: 'config', text: 'include domains.txt' },
  'include-remote': { file: 'config', text: 'include https://a.example/config' },
  'key-hidden': {
    file: 'config',
    text: 'domain-key s1, *, /etc/pmta/all.pem\ndomain-key s2, a.example, /etc/pmta/a.pem\n<domain *>\n  dkim-sign yes\n</domain>',
  },
  'key-unused': { file: 'config', text: 'domain-key s1, a.example, /etc/pmta/a.pem' },
  'limit-above-cap': {
    file: 'config',
    text: 'total-max-smtp-out 10\n<domain a.example>\n  max-smtp-out 20\n</domain>',
  },
  'limit-zero': { file: 'config', text: '<domain a.example>\n  max-smtp-out 0\n</domain>' },
  'list-of-one-site': { file: 'config', text: 'domain-macro m hotmail.com,outlook.com' },
  'listener-twice': { file: 'config', text: 'smtp-listener 127.0.0.1:25\nsmtp-listener 127.0.0.1:25' },
  'macro-list-next-line': { file: 'config', text: 'domain-macro big\n  a.example, b.example' },
  'macro-loop': { file: 'config', text: 'domain-macro a $b\ndomain-macro b $a' },
  'macro-repeated': { file: 'config', text: 'domain-macro big a.example\ndomain-macro big b.example' },
  'macro-too-large': {
    file: 'config',
    text: 'domain-macro a 0,1,2,3,4,5,6,7,8,9\n<domain $a$a$a$a$a$a.example>\n  max-smtp-out 5\n</domain>',
  },
  'macro-undefined': { file: 'config', text: '<domain $big>\n  max-smtp-out 5\n</domain>' },
  'member-undefined': { file: 'config', text: '<virtual-mta-pool p>\n  virtual-mta m1\n</virtual-mta-pool>' },
  'mx-site-differs': {
    file: 'config',
    text: '<domain gmail.com>\n  max-smtp-out 5\n</domain>\n<domain googlemail.com>\n  max-smtp-out 9\n</domain>',
  },
  'name-clash': {
    file: 'config',
    text: '<virtual-mta a>\n  smtp-source-host 192.0.2.1 a.example\n</virtual-mta>\n<virtual-mta-pool a>\n  virtual-mta a\n</virtual-mta-pool>',
  },
  'open-http': { file: 'config', text: 'http-access 0/0 admin' },
  'open-relay': {
    file: 'config',
    text: 'smtp-listener 0.0.0.0:25\n<source 0/0>\n  always-allow-relaying yes\n</source>',
  },
  'open-relay-domain': { file: 'config', text: 'smtp-listener 0.0.0.0:25\nrelay-domain *' },
  'options-file-key': { file: 'pmta2kumo.toml', text: 'strikt = true' },
  'options-file-reach': { file: 'pmta2kumo.toml', text: '[convert]\nforce = true' },
  'options-file-syntax': { file: 'pmta2kumo.toml', text: 'strict =' },
  'options-file-value': { file: 'pmta2kumo.toml', text: 'strict = "yes"' },
  'pattern-unreachable': {
    file: 'config',
    text: '<pattern-list choose>\n  mail-from /a/ virtual-mta=m\n  mail-from /a/ virtual-mta=m\n</pattern-list>\n<virtual-mta m>\n  smtp-source-host 192.0.2.1 a.example\n</virtual-mta>\n<source 0/0>\n  pattern-list choose\n</source>',
  },
  'pool-by-member': {
    file: 'config',
    text: '<virtual-mta a>\n  smtp-source-host 192.0.2.1 a.example\n  <domain *>\n    retry-after 5m\n  </domain>\n</virtual-mta>\n<virtual-mta b>\n  smtp-source-host 192.0.2.2 b.example\n</virtual-mta>\n<virtual-mta-pool p>\n  virtual-mta a\n  virtual-mta b\n</virtual-mta-pool>',
  },
  'pool-domains-conflict': {
    file: 'config',
    text: '<virtual-mta m>\n  smtp-source-host 192.0.2.1 a.example\n</virtual-mta>\n<virtual-mta-pool p>\n  virtual-mta m\n  <domain *>\n    max-smtp-out 5\n  </domain>\n</virtual-mta-pool>\n<virtual-mta-pool q>\n  virtual-mta m\n  <domain *>\n    max-smtp-out 6\n  </domain>\n</virtual-mta-pool>',
  },
  'pool-weight': {
    file: 'config',
    text: '<virtual-mta m>\n  smtp-source-host 192.0.2.1 a.example\n</virtual-mta>\n<virtual-mta-pool p>\n  virtual-mta m weight 5\n</virtual-mta-pool>',
  },
  'rate-out-of-reach': {
    file: 'config',
    text: '<domain a.example>\n  max-msg-rate 1000/m\n  max-connect-rate 1/m\n  max-msg-per-connection 10\n</domain>',
  },
  'redis-shared': {
    file: 'config',
    text: '<domain a.example>\n  max-smtp-out 5\n</domain>',
    options: '--redis redis://redis.example',
  },
  'reference-undefined': { file: 'config', text: '<domain *>\n  smtp-pattern-list slow\n</domain>' },
  'regex-untranslatable': {
    file: 'config',
    text: '<smtp-pattern-list slow>\n  reply /(a)(?1)b/ mode=backoff\n</smtp-pattern-list>\n<domain *>\n  smtp-pattern-list slow\n  backoff-max-msg-rate 10/h\n</domain>',
  },
  'relay-certificate': {
    file: 'config',
    text: '<domain a.example>\n  smtp-hosts [192.0.2.9]\n  auth-username me\n  auth-password secret\n</domain>',
  },
  'relay-shared-queue': { file: 'config', text: '<domain *>\n  smtp-hosts relay.a.example\n</domain>' },
  'retry-after-expiry': { file: 'config', text: '<domain a.example>\n  retry-after 2d\n  bounce-after 1d\n</domain>' },
  'rollup-native': {
    file: 'config',
    text: '<mx-rollup-list>\n  mx *.google.com gmail.rollup\n</mx-rollup-list>\n<domain gmail.rollup>\n  max-smtp-out 5\n</domain>',
  },
  'rollup-without-limits': { file: 'config', text: '<mx-rollup-list>\n  mx mx.a.example a.rollup\n</mx-rollup-list>' },
  'route-to-provider': { file: 'config', text: '<domain a.example>\n  smtp-hosts gmail.com\n</domain>' },
  'scope-choice': {
    file: 'config',
    text: '<virtual-mta m>\n  smtp-source-host 192.0.2.1 a.example\n  <domain *>\n    max-smtp-out 20\n  </domain>\n</virtual-mta>\n<domain a.example>\n  max-smtp-out 5\n</domain>',
  },
  'secret-in-comment': { file: 'config', text: '# password hunter2' },
  'secret-in-file': { file: 'config', text: '<smtp-user feeder>\n  password secret\n</smtp-user>' },
  'sender-unused': { file: 'config', text: '<virtual-mta m>\n  smtp-source-host 192.0.2.1 a.example\n</virtual-mta>' },
  'senders-by-message': {
    file: 'config',
    text: '<virtual-mta m>\n  smtp-source-host 192.0.2.1 a.example\n</virtual-mta>\n<source 0/0>\n  process-x-virtual-mta yes\n</source>',
  },
  'source-unused': { file: 'config', text: '<source feeder>\n  always-allow-relaying yes\n</source>' },
  'tag-argument-missing': {
    file: 'config',
    text: '<virtual-mta>\n  smtp-source-host 192.0.2.1 a.example\n</virtual-mta>',
  },
  'tag-malformed': { file: 'config', text: '<1 a>' },
  'tag-stray': { file: 'config', text: '</domain>' },
  'tag-unclosed': { file: 'config', text: '<domain a.example>\n  max-smtp-out 5' },
  'tag-unterminated': { file: 'config', text: '<domain a.example\n  max-smtp-out 5\n</domain>' },
  'target-too-old': {
    file: 'config',
    text: '<domain a.example>\n  smtp-hosts [192.0.2.9]:2525,[192.0.2.10]:2525\n</domain>',
    options: '--target 2024.11.08',
  },
  'tls-pass-phrase': {
    file: 'config',
    text: '<domain *>\n  smtp-client-certificate /etc/pmta/client.pem secret\n</domain>',
  },
  'tree-argument-count': { file: 'init.lua', text: "kumo.reject(550)\nmsg:remove_x_headers { 'x-job' }" },
  'tree-auth-answer': {
    file: 'init.lua',
    text: "if authc == '' then return end\nreturn authc == 'feeder' and password == 'not-so-secret'",
  },
  'tree-bad-type': { file: 'init.lua', text: 'hostname = 25,' },
  'tree-bad-value': {
    file: 'init.lua',
    text: "kumo.define_spool { name = name, path = '/var/spool/kumomta/' .. name, kind = 'rocksdb', rocks_params = {} }",
  },
  'tree-block-dropped': { file: 'shaping.toml', text: '["hook.log_hook"]\n["gmail.com"]' },
  'tree-campaign-ignored': {
    file: 'queues.toml',
    text: "[tenant.'main'.campaigns.'c1']\noverall_max_message_rate = \"1/h\"\n[queue.default]",
  },
  'tree-default-sources': {
    file: 'shaping.toml',
    text: '["default".sources."mta1"]\nconnection_limit = 1\n["gmail.com"]',
  },
  'tree-dkim-key-missing': { file: 'dkim_data.toml', text: 'filename = "/opt/kumomta/etc/policy/keys/none.key"' },
  'tree-dkim-key-unreadable': { file: 'dkim_data.toml', text: 'filename = "/opt/kumomta/etc/policy/init.lua"' },
  'tree-dkim-key-unseen': { file: 'dkim_data.toml', text: 'filename = "/etc/dkim/example.com.key"' },
  'tree-duration-quoted': { file: 'queues.toml', text: 'retry_interval = "1200"' },
  'tree-endless-rule': { file: 'shaping.toml', text: 'action = "Bounce"' },
  'tree-event-unknown': { file: 'init.lua', text: "kumo.on('http_mesage_generated', function(msg)" },
  'tree-file-missing': { file: 'init.lua', text: "local queue_helper = queue_module:setup { dir .. 'queue.toml' }" },
  'tree-file-outside': { file: 'init.lua', text: "local queue_helper = queue_module:setup { '/etc/queues.toml' }" },
  'tree-file-shipped': {
    file: 'init.lua',
    text: "kumo.configure_bounce_classifier { files = { '/opt/kumomta/share/bounce_classifier/iana.toml' } }",
  },
  'tree-file-syntax': { file: 'listener_domains.toml', text: 'log_oob = tru' },
  'tree-handler-failed': {
    file: 'init.lua',
    text: "local job = msg:get_first_named_header_value('X-Job'):lower()\nmsg:remove_x_headers { 'x-job' }",
  },
  'tree-handler-missing': {
    file: 'init.lua',
    text: "kumo.configure_local_logs { log_dir = '/var/log/kumomta', filter_event = 'my_filter' }",
  },
  'tree-handler-twice': { file: 'init.lua', text: "kumo.on('smtp_server_message_received', function(msg)" },
  'tree-helper-order': {
    file: 'init.lua',
    text: "kumo.on('get_queue_config', function() end)\nkumo.on('get_egress_path_config', shaper.get_egress_path_config)",
  },
  'tree-limit': { file: 'init.lua', text: "while true do end\nmsg:remove_x_headers { 'x-job' }" },
  'tree-limit-zero': { file: 'shaping.toml', text: 'connection_limit = 0' },
  'tree-listener-key': {
    file: 'listener_domains.toml',
    text: '[listener."0.0.0.0:25"."a.example"]\nrelay_to = true\n["*"]',
  },
  'tree-loopback-host': { file: 'queues.toml', text: 'routing_domain = "[127.0.0.1]"' },
  'tree-lua-error': { file: 'init.lua', text: 'local dir = nil' },
  'tree-lua-syntax': { file: 'init.lua', text: "local dir = = '/opt/kumomta/etc/policy/'" },
  'tree-missing-field': {
    file: 'init.lua',
    text: "kumo.define_spool { name = name, kind = 'RocksDB', rocks_params = {} }",
  },
  'tree-module-missing': {
    file: 'init.lua',
    text: "local mine = require 'my_rules'\nlocal dir = '/opt/kumomta/etc/policy/'",
  },
  'tree-name-unknown': { file: 'init.lua', text: "msg:remove_x_header { 'x-job' }" },
  'tree-needs-restart': { file: 'bounce_rules.toml', text: '[rules]' },
  'tree-not-followed': { file: 'init.lua', text: "local dir = kumo.secrets.load('x').dir .. 1 .. {}" },
  'tree-not-modelled': {
    file: 'init.lua',
    text: "local who = kumo.digest.sha256('x').hex\nmsg:remove_x_headers { 'x-job' }",
  },
  'tree-not-monitored': {
    file: 'init.lua',
    text: "kumo.on('pre_init', function() kumo.set_config_monitor_globs { '/etc/*' } end)\nkumo.on('init', function()",
  },
  'tree-null-mx': { file: 'shaping.toml', text: '["nomail.example"]\n["gmail.com"]' },
  'tree-pool-empty': { file: 'sources.toml', text: '[pool."off"."mta1"]\nweight = 0\n[pool."bulk"]' },
  'tree-pool-undefined': { file: 'queues.toml', text: 'egress_pool = "bulky"' },
  'tree-provider-overlap': {
    file: 'shaping.toml',
    text: '[provider."google"]\nmatch = [{ MXSuffix = ".google.com" }]\n["gmail.com"]',
  },
  'tree-proxy-incomplete': { file: 'sources.toml', text: 'socks5_proxy_server = "10.0.0.1:1080"' },
  'tree-rate-misplaced': { file: 'queues.toml', text: 'overall_max_message_rate = "1/h"' },
  'tree-regex-invalid': { file: 'shaping.toml', text: "regex = '''(?i)too (many messages'''" },
  'tree-regex-slashes': { file: 'shaping.toml', text: "regex = '/too many messages/'" },
  'tree-returned-nil': { file: 'init.lua', text: "if domain ~= 'sink.example' then return nil end" },
  'tree-set-config': {
    file: 'shaping.toml',
    text: 'action = { SetConfig = { name = "max_message_rate", value = 1 } }',
  },
  'tree-setup-twice': {
    file: 'init.lua',
    text: "sources:setup { dir .. 'sources.toml' }\nlocal dkim_signer = dkim_sign:setup { dir .. 'dkim_data.toml' }",
  },
  'tree-signature-unused': {
    file: 'dkim_data.toml',
    text: '[signature."esp"]\ndomain = "esp.example"\n[domain."example.com"]',
  },
  'tree-single-label': { file: 'shaping.toml', text: '[gmail]\n["gmail.com"]' },
  'tree-site-shared': { file: 'shaping.toml', text: '["googlemail.com"]\nconnection_limit = 1\n[provider."other"]' },
  'tree-source-undefined': { file: 'sources.toml', text: '[pool."bulk"."mta3"]' },
  'tree-spool-missing': { file: 'init.lua', text: "for _, name in ipairs { 'data' } do" },
  'tree-swallowed-key': { file: 'init.lua', text: 'no_default_file = true,' },
  'tree-too-new': { file: 'shaping.toml', text: 'source_selection_rate = "1/s"', options: '--target 2024.11.08' },
  'tree-unknown-field': { file: 'init.lua', text: "host_name = 'mx.example.com'," },
  'tree-upper-case': { file: 'queues.toml', text: "[queue.'Corp.example'.'main']" },
  'tree-wrong-place': { file: 'init.lua', text: "kumo.configure_accounting_db_path '/x'\nkumo.on('init', function()" },
  'type-held': { file: 'config', text: '<domain a.example>\n  type pipe\n  command "/bin/true"\n</domain>' },
  'value-invalid': { file: 'config', text: '<domain a.example>\n  max-smtp-out many\n</domain>' },
  'value-tolerated': {
    file: 'config',
    text: '<bounce-category-patterns all>\n  /mailbox full/ quota-issues\n</bounce-category-patterns>',
  },
  'work-around-needless': { file: 'config', text: 'run-as-root no' },
};
