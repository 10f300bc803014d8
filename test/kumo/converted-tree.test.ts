import { beforeAll, describe, expect, test } from 'vitest';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import { loadTree } from '../../src/kumo/runtime/load-tree';
import type { MessageSpec } from '../../src/kumo/runtime/messages';
import { installDir, load } from './small-tree';

/** A tree of the shape that the converter writes, with everything a helper cannot do in pmta.lua. */
const files = {
  'pmta.lua': `
local kumo = require 'kumo'
local mod = {}
mod.vmta_of = { ['v1#192.0.2.20'] = 'v1', ['v1#192.0.2.21'] = 'v1' }
local KNOWN = { ['v1'] = 'v1', ['pool-a'] = 'pool-a', ['{default}'] = '{default}' }
local JOB = kumo.regex.compile [[^news-]]
function mod.choose(msg, src)
  if src.xvmta then
    local h = msg:get_first_named_header_value 'X-Virtual-MTA'
    if h then
      if not src.retain_xvmta then msg:remove_all_named_headers 'X-Virtual-MTA' end
      local t = KNOWN[h:lower()] or (h == '' and src.allow_empty and '{default}')
      if t then return t end
      kumo.reject(550, '5.3.5 unknown virtual MTA')
    end
  end
  local job = msg:get_first_named_header_value 'X-Job'
  if job and JOB:is_match(job) then return 'pool-a' end
  return src.default_vmta or '{default}'
end
local LIST = { 600, 600, 3600, 21600 }
function mod.retry_list(msg, response)
  if response:find('KumoMTA internal: ', 1, true) then return nil end
  return LIST
end
function mod.rollup(msg, tenant, domain)
  local ok, mx = pcall(kumo.dns.lookup_mx, domain)
  if not ok then return end
  local best, have = nil, {}
  for pref in pairs(mx.by_pref) do
    if not best or tonumber(pref) < tonumber(best) then best = pref end
  end
  for _, host in ipairs(mx.by_pref[best] or {}) do have[host:lower()] = true end
  if have['mx1.filter.test.'] and have['mx2.filter.test.'] then
    msg:set_meta('queue', tenant .. '@filter.rollup')
  end
end
local KEYS = { { sel = 's1', dom = 'example.net', file = '/opt/kumomta/etc/dkim/example.net/s1.key' } }
local HEADERS = { 'From', 'To', 'Subject', 'Date', 'Message-ID' }
function mod.sign(msg, identity)
  for _, k in ipairs(KEYS) do
    if k.dom == '*' or identity == k.dom or identity:sub(-#k.dom - 1) == '.' .. k.dom then
      msg:dkim_sign(kumo.dkim.rsa_sha256_signer {
        domain = k.dom == '*' and identity or k.dom, selector = k.sel, headers = HEADERS, key = k.file })
      return true
    end
  end
end
return mod
`,
  'init.lua': `
local kumo = require 'kumo'
local sources = require 'policy-extras.sources'
local shaping = require 'policy-extras.shaping'
local queue_module = require 'policy-extras.queue'
local listener_domains = require 'policy-extras.listener_domains'
local log_hooks = require 'policy-extras.log_hooks'
local pmta = require 'pmta'

local SOURCES = kumo.cidr.make_map {
  ['0.0.0.0/0'] = { service = false },
  ['10.0.0.0/8'] = { service = true, xvmta = true, default_vmta = 'pool-a' },
  ['203.0.113.0/24'] = { service = true },
}
sources:setup { '${installDir}/sources.toml' }
local shaper = shaping:setup_with_automation {
  no_default_files = true,
  extra_files = { '${installDir}/shaping.toml' },
  publish = { 'http://127.0.0.1:8008' },
  subscribe = { 'http://127.0.0.1:8008' },
}
log_hooks:new_disposition_hook { name = 'pmta_dsn', hook = function(msg, record)
  local dsn = kumo.generate_rfc3464_message({ enable_bounce = true }, msg, record)
  if dsn then kumo.inject_message(dsn) end
end }
local queue_helper = queue_module:setup { '${installDir}/queues.toml' }
kumo.on('get_listener_domain', listener_domains:setup { '${installDir}/listener_domains.toml' })

local users = kumo.memoize(function() return kumo.serde.toml_load '${installDir}/smtp_users.toml' end,
  { name = 'pmta_users', ttl = '1 minute', capacity = 1 })
kumo.on('smtp_server_auth_plain', function(authz, authc, password, conn_meta)
  local u = users()[authc]
  if not u or password == '' or u.password ~= password then return false end
  conn_meta:set_meta('x_pmta_source', u.source or '{auth}')
  return authz == authc
end)

kumo.on('get_egress_path_config', function(domain, source, site)
  local p = shaper.get_egress_path_config(domain, source, site, true)
  local v = pmta.vmta_of[source]
  if v then
    local key = 'pmta-q:' .. v .. ':' .. site
    p.additional_connection_limits = p.additional_connection_limits or {}
    p.additional_connection_limits[key] = p.connection_limit
    if p.max_message_rate then
      p.additional_message_rate_throttles = p.additional_message_rate_throttles or {}
      p.additional_message_rate_throttles[key] = p.max_message_rate
    end
  end
  return kumo.make_egress_path(p)
end)

kumo.on('smtp_server_connection_accepted', function(conn_meta)
  local s = SOURCES[conn_meta:get_meta 'received_from']
  if s and s.service == false then kumo.reject(554, '5.7.1 no SMTP service for you') end
end)
kumo.on('init', function()
  shaper.setup_publish()
  kumo.define_spool { name = 'data', path = '/var/spool/kumomta/data' }
  kumo.define_spool { name = 'meta', path = '/var/spool/kumomta/meta' }
  kumo.configure_local_logs {
    log_dir = '/var/log/kumomta/acct',
    max_file_size = 209715200, max_segment_duration = '5m',
    meta = { 'tenant', 'campaign' }, headers = { 'Message-Id' },
    per_record = {
      Any = { enable = false },
      Delivery = { suffix = '.csv', segment_header = 'type,timeLogged\\n', template = [[d,{{ timestamp }}]] },
    },
  }
  kumo.start_http_listener { listen = '127.0.0.1:8080', trusted_hosts = { '127.0.0.1', '::1' } }
  kumo.start_esmtp_listener {
    listen = '0.0.0.0:25',
    hostname = 'mx.example.net',
    relay_hosts = { '10.0.0.0/8' },
    max_message_size = 1073741824,
    max_recipients_per_message = 1000000,
    client_timeout = '10m',
    meta = { x_pmta_source = 'feeders' },
    peer = { ['10.9.0.0/16'] = { trace_headers = { received_header = false, supplemental_header = true, header_name = 'X-KumoRef', include_meta_names = {} } } },
  }
end)

local function received(msg)
  local src = SOURCES[msg:get_meta 'received_from'] or {}
  local tenant = pmta.choose(msg, src)
  msg:set_meta('tenant', tenant)
  pmta.rollup(msg, tenant, msg:recipient_list()[1].domain:lower())
  queue_helper:apply(msg)
  local from = msg:from_header()
  if from then pmta.sign(msg, from.domain:lower()) end
end
kumo.on('smtp_server_message_received', received)
kumo.on('http_message_generated', received)
kumo.on('requeue_message', function(msg, response, _context, counts)
  if counts == false or msg:get_meta 'x_pmta_scheduled' then return end
  local list = pmta.retry_list(msg, response)
  if list then
    local wait = list[math.min(msg:num_attempts() + 1, #list)]
    msg:set_scheduling { first_attempt = os.date('!%Y-%m-%dT%H:%M:%SZ', os.time() + wait) }
  end
end)
`,
  'sources.toml': `
[source."v1#192.0.2.20"]
source_address = "192.0.2.20"
ehlo_domain = "m20.example.net"
[source."v1#192.0.2.21"]
source_address = "192.0.2.21"
[source."v2"]
source_address = "192.0.2.30"
[source."{default}"]
[pool."v1"]
[pool."v1"."v1#192.0.2.20"]
[pool."v1"."v1#192.0.2.21"]
[pool."pool-a"]
[pool."pool-a"."v1#192.0.2.20"]
[pool."pool-a"."v2"]
weight = 2
[pool."{default}"]
[pool."{default}"."{default}"]
`,
  'queues.toml': `
[queue.default]
max_age = "4d12h"
retry_interval = "10m"
max_retry_interval = "10m"
[queue.'slow.example']
retry_interval = "30m"
max_retry_interval = "30m"
[queue.'filter.rollup']
protocol = { smtp = { mx_list = ["mx1.filter.test", "mx2.filter.test"] } }
max_age = "2d"
[tenant.'v1']
egress_pool = "v1"
max_age = "1d"
[tenant.'pool-a']
egress_pool = "pool-a"
[tenant.'{default}']
egress_pool = "{default}"
[queue.'slow.example'.'v1']
max_age = "2d"
`,
  'shaping.toml': `
["default"]
connection_limit = 20
max_deliveries_per_connection = 1000000
additional_connection_limits = { "pmta:total-out" = 1200 }
[provider."pmta-any"]
match = [{DomainSuffix=""}]
[provider."pmta-any".sources."v1#192.0.2.20"]
max_message_rate = "9000/h,max_burst=150"
additional_connection_limits = { "pmta-vmta:v1" = 200 }
["slow.example"]
max_message_rate = "100/h,max_burst=2"
["slow.example".sources."v1#192.0.2.20"]
max_message_rate = "9000/h,max_burst=150"
["[127.0.0.1]"]
mx_rollup = false
prohibited_hosts = []
smtp_port = 2526
["filter.rollup"]
mx_rollup = false
connection_limit = 3
`,
  'listener_domains.toml': `
["*"]
relay_from_authz = ["shop"]
["bounces.example.net"]
log_oob = "LogThenDrop"
relay_from_authz = ["shop"]
`,
  'smtp_users.toml': '["shop"]\npassword = "p-1"\nsource = "feeders"\n',
};

const mx = (domain: string) =>
  domain === 'filtered.example' ? { hosts: ['mx1.filter.test', 'mx2.filter.test'] } : undefined;

describe('a tree as the converter writes it', () => {
  let tree: LoadedTree;
  beforeAll(async () => {
    tree = await load(files, { mx, now: 0 });
  });
  const mail = (spec: Partial<MessageSpec> = {}): MessageSpec => ({
    headers: [['From', 'A <a@news.example.net>']],
    sender: 'a@example.net',
    recipient: 'you@slow.example',
    peer: '10.1.2.3',
    ...spec,
  });

  test('has nothing to complain about', () => {
    expect(tree.findings).toEqual([]);
  });
  test('the tenant by X-Virtual-MTA in any case, by pattern, by default of the source', () => {
    expect(tree.message(mail({ headers: [['X-Virtual-MTA', 'V1']] }))).toMatchObject({
      tenant: 'v1',
      pool: 'v1',
      sources: ['v1#192.0.2.20', 'v1#192.0.2.21'],
      queue: 'v1@slow.example',
    });
    expect(tree.message(mail())).toMatchObject({ tenant: 'pool-a', sources: ['v1#192.0.2.20', 'v2'] });
    expect(tree.message(mail({ headers: [['X-Virtual-MTA', 'nope']] })).rejected?.code).toBe(550);
    expect(tree.message(mail({ peer: '203.0.113.5', auth: { user: 'shop', password: 'p-1' } }))).toMatchObject({
      tenant: '{default}',
      meta: { x_pmta_source: 'feeders', authn_id: 'shop' },
    });
    expect(tree.message(mail({ peer: '198.51.100.1' })).rejected).toEqual({
      code: 554,
      message: '5.7.1 no SMTP service for you',
    });
  });
  test('queues: age of the pair, intervals of the domain', () => {
    expect(tree.queueConfig('slow.example', 'v1')).toMatchObject({
      egress_pool: 'v1',
      max_age: '2d',
      retry_interval: '30m',
      max_retry_interval: '30m',
      provider_name: 'pmta-any',
    });
    expect(tree.queueConfig('any.example', 'v1')).toMatchObject({ max_age: '1d', retry_interval: '10m' });
  });
  test('paths: shared limits of several addresses, the block of the domain over the provider', () => {
    expect(tree.egressPath('any.example', 'v1#192.0.2.20')).toEqual({
      connection_limit: 20,
      max_deliveries_per_connection: 1000000,
      max_message_rate: '9000/h,max_burst=150',
      provider_name: 'pmta-any',
      refresh_strategy: 'Epoch',
      additional_connection_limits: { 'pmta:total-out': 1200, 'pmta-vmta:v1': 200, 'pmta-q:v1:any.example': 20 },
      additional_message_rate_throttles: { 'pmta-q:v1:any.example': '9000/h,max_burst=150' },
    });
    expect(tree.egressPath('slow.example', 'v2')).toMatchObject({ max_message_rate: '100/h,max_burst=2' });
    expect(tree.egressPath('[127.0.0.1]', 'v2')).toMatchObject({ smtp_port: 2526, prohibited_hosts: [] });
  });
  test('rollup by the MX hosts of the recipient', () => {
    const message = tree.message(mail({ recipient: 'x@filtered.example' }));
    expect(message).toMatchObject({ queue: 'pool-a@filter.rollup', routingDomain: 'filter.rollup', tenant: 'pool-a' });
    expect(tree.queueConfig('filter.rollup', 'pool-a')).toMatchObject({
      max_age: '2d',
      protocol: { smtp: { mx_list: ['mx1.filter.test', 'mx2.filter.test'] } },
    });
    expect(tree.egressPath('filter.rollup', 'v2')['connection_limit']).toBe(3);
  });
  test('signing with the key of the parent domain', () => {
    expect(tree.message(mail()).signatures).toMatchObject([
      { domain: 'example.net', selector: 's1', algo: 'rsa-sha256' },
    ]);
    expect(tree.message(mail({ headers: [['From', 'x@notexample.net']] })).signatures).toEqual([]);
    expect(tree.message(mail({ http: true })).signatures).toHaveLength(1);
  });
  test('retry by the list', () => {
    expect(tree.requeue({ ...mail(), response: '451 later', attempts: 2 }).firstAttempt).toBe('1970-01-01T01:00:00Z');
    expect(tree.requeue({ ...mail(), response: '451 later', incrementAttempts: false }).firstAttempt).toBeUndefined();
  });
  test('bounces come in for their domain', () => {
    const headers: MessageSpec['headers'] = [['Content-Type', 'multipart/report; report-type="delivery-status"']];
    const message = tree.message(
      mail({ peer: '203.0.113.9', sender: '', recipient: 'v@bounces.example.net', headers }),
    );
    expect(message.rejected).toBeUndefined();
    expect(message.relayed).toBe(false);
  });
  test('loads in well below a second', async () => {
    const before = performance.now();
    const again = await loadTree(new Map(Object.entries(files)), { installDir });
    expect(performance.now() - before).toBeLessThan(1000);
    again.close();
  });
  test('for 2024.11.08 it names what is newer', async () => {
    const old = await load(files, { target: '2024.11.08' });
    expect(new Set(old.findings.map((finding) => finding.code))).toEqual(new Set(['tree-too-new']));
    const what = old.findings.map((finding) => finding.message).join('\n');
    for (const part of [
      'smtp_server_connection_accepted',
      'peer',
      'meta',
      'log_oob',
      'max_message_rate',
      'new_disposition_hook',
    ]) {
      expect(what).toContain(part);
    }
  });
});
