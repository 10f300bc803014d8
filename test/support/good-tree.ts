/** A policy as somebody writes it by hand after KumoMTA's manual; nothing in it is worth a finding above a note. */
export const GOOD_TREE: Readonly<Record<string, string>> = {
  'init.lua': `local kumo = require 'kumo'
local sources = require 'policy-extras.sources'
local dkim_sign = require 'policy-extras.dkim_sign'
local shaping = require 'policy-extras.shaping'
local queue_module = require 'policy-extras.queue'
local listener_domains = require 'policy-extras.listener_domains'
local dir = '/opt/kumomta/etc/policy/'

sources:setup { dir .. 'sources.toml' }
local dkim_signer = dkim_sign:setup { dir .. 'dkim_data.toml' }
local shaper = shaping:setup_with_automation {
  no_default_files = true,
  extra_files = { dir .. 'shaping.toml' },
}

kumo.on('get_queue_config', function(domain, tenant, campaign, routing_domain)
  if domain ~= 'sink.example' then return end
  return kumo.make_queue_config { max_age = '1h' }
end)
local queue_helper = queue_module:setup { dir .. 'queues.toml' }

kumo.on('get_listener_domain', listener_domains:setup { dir .. 'listener_domains.toml' })
kumo.on('get_egress_path_config', shaper.get_egress_path_config)

kumo.on('init', function()
  for _, name in ipairs { 'data', 'meta' } do
    kumo.define_spool { name = name, path = '/var/spool/kumomta/' .. name, kind = 'RocksDB', rocks_params = {} }
  end
  kumo.configure_local_logs { log_dir = '/var/log/kumomta', max_segment_duration = '1 minute' }
  kumo.configure_bounce_classifier { files = { dir .. 'bounce_rules.toml' } }
  kumo.start_http_listener { listen = '127.0.0.1:8000', trusted_hosts = { '127.0.0.1' } }
  kumo.start_esmtp_listener {
    listen = '0.0.0.0:25',
    hostname = 'mx.example.com',
    relay_hosts = { '127.0.0.1' },
  }
end)

kumo.on('smtp_server_auth_plain', function(authz, authc, password, conn_meta)
  return authc == 'feeder' and password == 'not-so-secret'
end)

kumo.on('smtp_server_message_received', function(msg)
  queue_helper:apply(msg)
  msg:remove_x_headers { 'x-job' }
  dkim_signer(msg)
end)

kumo.on('http_message_generated', function(msg)
  queue_helper:apply(msg)
  dkim_signer(msg)
end)
`,
  'tsa_init.lua': `local kumo = require 'kumo'
local tsa = require 'tsa'

kumo.on('tsa_init', function()
  tsa.start_http_listener { listen = '127.0.0.1:8008', trusted_hosts = { '127.0.0.1' } }
end)

kumo.on('tsa_load_shaping_data', function()
  return kumo.shaping.load { '/opt/kumomta/etc/policy/shaping.toml' }
end)
`,
  'sources.toml': `[source."mta1"]
source_address = "192.0.2.1"
ehlo_domain = "mta1.example.com"

[source."mta2"]
source_address = "192.0.2.2"

[pool."bulk"]
[pool."bulk"."mta1"]
weight = 2
[pool."bulk"."mta2"]
`,
  'queues.toml': `tenant_header = "X-Tenant"
default_tenant = "main"

[tenant.'main']
egress_pool = "bulk"
overall_max_message_rate = "1000/h"

[queue.default]
max_age = "24h"
retry_interval = "20m"

[queue.'corp.example']
routing_domain = "relay.corp.example"

[queue.'corp.example'.'main']
max_message_rate = "10/min"
`,
  'shaping.toml': `["default"]
connection_limit = 10
max_message_rate = "100/s"
enable_tls = "Opportunistic"

[["default".automation]]
regex = '''(?i)too many messages'''
action = { SetConfig = { name = "max_message_rate", value = "1/min" } }
trigger = { Threshold = "3/hr" }
duration = "90m"

["gmail.com"]
connection_limit = 5

["gmail.com".sources."mta1"]
connection_limit = 3

[provider."other"]
match = [{ MXSuffix = ".mail.example.net" }]
connection_limit = 4
`,
  'dkim_data.toml': `[base]
selector = "s1"
headers = ["From", "To", "Subject"]

[domain."example.com"]
filename = "/opt/kumomta/etc/policy/keys/example.com.key"
`,
  'listener_domains.toml': `["bounce.example.com"]
log_oob = true

["*"]
relay_to = false
`,
  'bounce_rules.toml': `[rules]
InvalidRecipient = ["^550 5\\\\.1\\\\.1"]
`,
  'keys/example.com.key': '-----BEGIN PRIVATE KEY-----\nMC4CAQ==\n-----END PRIVATE KEY-----\n',
};
