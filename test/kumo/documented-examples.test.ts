import { describe, expect, test } from 'vitest';
import { codes, installDir, load, loadSmall } from './small-tree';

/** What KumoMTA's manual promises, with the page that says it. */

describe('queue configuration (userguide/configuration/queuemanagement)', () => {
  const queues = `
tenant_header = "X-Tenant"
remove_tenant_header = true
campaign_header = "X-Campaign"
remove_campaign_header = true
default_tenant = "default-tenant"

[tenant.'default-tenant']
egress_pool = 'pool-1'

[tenant.'mytenant']
egress_pool = 'pool-2'
max_age = '10 hours'

[queue.default]
max_age = '24 hours'

[queue.'my.own.hostname']
routing_domain = '[10.0.0.1]'

[queue.'gmail.com']
max_age = '22 hours'
retry_interval = '17 mins'

[queue.'gmail.com'.'mytenant']
retry_interval = '5 mins'

[queue.'gmail.com'.'mytenant'.'welcome-campaign']
max_age = '1 hour'
`;
  const sources = `
[source.'a']
[pool.'pool-1'.'a']
[pool.'pool-2'.'a']
`;

  test('a tenant overrides the domain; the queue of both, and of a campaign, override the tenant', async () => {
    const tree = await loadSmall({ 'sources.toml': sources, 'queues.toml': queues });
    expect(tree.queueConfig('other.example')).toMatchObject({ max_age: '24 hours' });
    expect(tree.queueConfig('gmail.com')).toMatchObject({ max_age: '22 hours', retry_interval: '17 mins' });
    expect(tree.queueConfig('gmail.com', 'default-tenant')).toMatchObject({
      egress_pool: 'pool-1',
      max_age: '22 hours',
    });
    expect(tree.queueConfig('gmail.com', 'mytenant')).toMatchObject({ max_age: '10 hours', retry_interval: '5 mins' });
    expect(tree.queueConfig('gmail.com', 'mytenant', 'welcome-campaign')).toMatchObject({
      egress_pool: 'pool-2',
      max_age: '1 hour',
      retry_interval: '5 mins',
    });
  });

  test('headers name tenant and campaign and are removed; the routing domain goes along', async () => {
    const body = `
kumo.on('smtp_server_message_received', function(msg) queues:apply(msg) end)
kumo.on('init', function()
  for _, name in ipairs { 'data', 'meta' } do kumo.define_spool { name = name, path = '/s/' .. name } end
  kumo.start_esmtp_listener { listen = '192.0.2.1:25', relay_hosts = { '10.0.0.0/8' } }
end)`;
    const tree = await loadSmall({ 'sources.toml': sources, 'queues.toml': queues }, body);
    expect(codes(tree)).toEqual([]);
    const sent = (headers: readonly (readonly [string, string])[], recipient: string) =>
      tree.message({ headers, sender: 'a@a.example', recipient, peer: '10.1.1.1' });
    const named = sent(
      [
        ['X-Tenant', 'mytenant'],
        ['X-Campaign', 'welcome-campaign'],
      ],
      'you@gmail.com',
    );
    expect(named).toMatchObject({ queue: 'welcome-campaign:mytenant@gmail.com', pool: 'pool-2', sources: ['a'] });
    expect(named.headers.map(([name]) => name)).not.toContain('X-Tenant');
    expect(sent([], 'you@my.own.hostname')).toMatchObject({
      tenant: 'default-tenant',
      pool: 'pool-1',
      routingDomain: '[10.0.0.1]',
    });
  });

  test('a handler in Lua merges parameters per tenant', async () => {
    const tree = await load({
      'init.lua': `
local kumo = require 'kumo'
local utils = require 'policy-extras.policy_utils'
local TENANT_PARAMS = { TenantOne = { max_age = '5 minutes' } }
kumo.on('get_queue_config', function(domain, tenant, campaign, routing_domain)
  local params = { max_age = '30 minutes', retry_interval = '10 minutes', egress_pool = tenant }
  utils.merge_into(TENANT_PARAMS[tenant] or {}, params)
  return kumo.make_queue_config(params)
end)`,
    });
    expect(tree.queueConfig('a.example', 'TenantOne')).toEqual({
      egress_pool: 'TenantOne',
      max_age: '5 minutes',
      retry_interval: '10 minutes',
    });
    expect(tree.queueConfig('a.example', 'TenantTwo')).toMatchObject({ max_age: '30 minutes' });
  });
});

describe('shaping (userguide/trafficshaping/resolution, shapingfiles)', () => {
  const shaping = `
["default"]
connection_limit = 10
idle_timeout = "60s"
max_message_rate = "100/s"
additional_connection_limits = { "all" = 100 }

[provider."yahoo"]
match = [{ MXSuffix = ".yahoodns.net" }]
connection_limit = 20
max_deliveries_per_connection = 20
additional_connection_limits = { "yahoo" = 50 }
[provider."yahoo".sources."s1"]
max_deliveries_per_connection = 21

["yahoo.com"]
connection_limit = 30
["yahoo.com".sources."s1"]
connection_limit = 60

["host.example"]
mx_rollup = false
connection_limit = 40
["host.example".sources."s1"]
connection_limit = 70

["alone.example"]
replace_base = true
max_message_rate = "1/s"
`;
  const mx = (domain: string) => (domain === 'yahoo.com' ? { hosts: ['mta5.am0.yahoodns.net'] } : undefined);

  test('default, provider, its source, site, domain, source of the site, source of the domain', async () => {
    const tree = await loadSmall({ 'shaping.toml': shaping }, '', { mx });
    expect(tree.egressPath('other.example', 's1')).toMatchObject({ connection_limit: 10, idle_timeout: '60s' });
    expect(tree.egressPath('yahoo.com', 's2')).toMatchObject({
      connection_limit: 30,
      idle_timeout: '60s',
      max_deliveries_per_connection: 20,
      provider_name: 'yahoo',
    });
    expect(tree.egressPath('yahoo.com', 's1')).toMatchObject({
      connection_limit: 60,
      max_deliveries_per_connection: 21,
    });
    expect(tree.egressPath('host.example', 's2')).toMatchObject({ connection_limit: 40 });
    expect(tree.egressPath('host.example', 's1')).toMatchObject({ connection_limit: 70 });
  });

  test('tables of shared limits merge, everything else is overwritten', async () => {
    const tree = await loadSmall({ 'shaping.toml': shaping }, '', { mx });
    expect(tree.egressPath('yahoo.com', 's1')['additional_connection_limits']).toEqual({ all: 100, yahoo: 50 });
  });

  test('replace_base overrides what was accumulated', async () => {
    const tree = await loadSmall({ 'shaping.toml': shaping }, '', { mx });
    expect(tree.egressPath('alone.example', 's1')).toEqual({ max_message_rate: '1/s', refresh_strategy: 'Epoch' });
  });

  test('a later file merges into a scope, or replaces it with replace_base', async () => {
    const paths = ['one.toml', 'two.toml', 'three.toml'].map((name) => `'${installDir}/${name}'`).join(', ');
    const tree = await load({
      'init.lua': `
local kumo = require 'kumo'
local shaper = require('policy-extras.shaping'):setup_with_automation { no_default_files = true, extra_files = { ${paths} } }
kumo.on('get_egress_path_config', shaper.get_egress_path_config)`,
      'one.toml':
        '["a.example"]\nconnection_limit = 1\nmax_ready = 10\n["b.example"]\nconnection_limit = 1\nmax_ready = 10\n',
      'two.toml': '["a.example"]\nconnection_limit = 2\n["b.example"]\nreplace_base = true\nconnection_limit = 2\n',
      'three.toml': '["b.example"]\nidle_timeout = "5s"\n',
    });
    expect(tree.egressPath('a.example', 's')).toMatchObject({ connection_limit: 2, max_ready: 10 });
    const replaced = tree.egressPath('b.example', 's');
    expect(replaced).toMatchObject({ connection_limit: 2, idle_timeout: '5s' });
    expect(replaced).not.toHaveProperty('max_ready');
  });
});

test('domain maps (reference/kumo.domain_map/new)', async () => {
  const tree = await load({
    'init.lua': `
local kumo = require 'kumo'
local map = kumo.domain_map.new()
map['foo'] = 'bar'
assert(map['foo'] == 'bar')
assert(map['not.set'] == nil)
map['*.example.com'] = 'wildcard'
assert(map['example.com'] == nil)
assert(map['foo.example.com'] == 'wildcard')
map['explicit.example.com'] = 'explicit'
assert(map['explicit.example.com'] == 'explicit')
local seeded = kumo.domain_map.new { ['*.woot.com'] = 123, ['example.com'] = 24 }
seeded['*.example.com'] = 42
assert(seeded['lemon.example.com'] == 42)
assert(seeded['example.com'] == 24)
assert(seeded['woot.com'] == nil)
assert(seeded['aa.woot.com'] == 123)`,
  });
  expect(tree.findings).toEqual([]);
});

test('regular expressions replace by name (reference/regex/compile)', async () => {
  const tree = await load({
    'init.lua': `
local kumo = require 'kumo'
local re = kumo.regex.compile [[(?P<last>[^,\\s]+),\\s+(?P<first>\\S+)]]
assert(re:replace('Springsteen, Bruce', '$first $last') == 'Bruce Springsteen')`,
  });
  expect(tree.findings).toEqual([]);
});

describe('what only a server knows', () => {
  test.each([
    `local http = kumo.http.build_client {} local r = http:post('http://x/'):header('a', 'b'):send() assert(r:status_code())`,
    `local redis = require 'redis' local c = redis.open { node = 'redis://127.0.0.1/' } print('n=' .. c:query('incr', 'x'))`,
    `for _, row in ipairs(require('sqlite').open(':memory:'):execute 'SELECT 1') do error(row) end`,
    `local f = io.open('/etc/hostname') for line in f:lines() do error(line) end f:close()`,
    `local n = (tonumber(os.getenv 'N') or 1) + 1`,
    `require('policy-extras.rollup').reroute_using_ip_rollup(nil, {})`,
    `local t = kumo.time.now() - kumo.time.parse_duration '1h' if t.seconds < 3 then error 'x' end`,
  ])('is a note, and the policy goes on: %s', async (code) => {
    const tree = await load({ 'init.lua': `local kumo = require 'kumo'\n${code}\nkumo.nowhere()` });
    const [first, ...rest] = tree.findings;
    expect(first).toMatchObject({ code: 'tree-not-modelled', severity: 'info', line: 2 });
    expect(rest.map(({ code: each }) => each)).toContain('tree-name-unknown');
    expect(rest.map(({ code: each }) => each)).not.toContain('tree-lua-error');
  });
});
