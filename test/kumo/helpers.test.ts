import { describe, expect, test } from 'vitest';
import { createDomainMap } from '../../src/kumo/runtime/domain-map';
import { codes, load, loadSmall } from './small-tree';

describe('the domain map', () => {
  const map = createDomainMap<string>();
  for (const key of ['*.ex.com', 'ex.com', 'foo.ex.com', '*']) map.set(key, key);
  test.each([
    ['ex.com', 'ex.com'],
    ['a.ex.com', '*.ex.com'],
    ['a.b.ex.com', '*.ex.com'],
    // A literal branch hides the wildcard outside it.
    ['b.foo.ex.com', undefined],
    // The lone star matches only where no key shares the last label.
    ['other.org', '*'],
    ['other.com', undefined],
    ['a.EX.com', undefined],
  ])('%s finds %s', (domain, key) => {
    expect(map.get(domain)).toBe(key);
  });
});

describe('queues.toml', () => {
  const queues = `
[queue.default]
max_age = "24h"
retry_interval = "20m"
[queue.'gmail.com']
max_age = "22h"
[queue.'*.example.com']
max_age = "3h"
[tenant.'t1']
egress_pool = "p"
retry_interval = "5m"
max_age = "10h"
[queue.'gmail.com'.'t1']
retry_interval = "1m"
[queue.'gmail.com'.'t1'.'c1']
max_age = "1h"
`;
  test.each<[string, string | undefined, string | undefined, Record<string, string>]>([
    ['other.org', undefined, undefined, { max_age: '24h', retry_interval: '20m' }],
    ['gmail.com', undefined, undefined, { max_age: '22h', retry_interval: '20m' }],
    ['a.example.com', undefined, undefined, { max_age: '3h' }],
    ['other.org', 't1', undefined, { max_age: '10h', retry_interval: '5m', egress_pool: 'p' }],
    // The tenant beats the plain domain; the two together beat both.
    ['gmail.com', 't1', undefined, { max_age: '10h', retry_interval: '1m', egress_pool: 'p' }],
    ['gmail.com', 't1', 'c1', { max_age: '1h', retry_interval: '1m' }],
    ['gmail.com', undefined, 'c1', { max_age: '22h' }],
  ])('%s, tenant %s, campaign %s', async (domain, tenant, campaign, expected) => {
    const tree = await loadSmall({ 'queues.toml': queues });
    expect(tree.queueConfig(domain, tenant, campaign)).toMatchObject(expected);
  });

  test('a misspelt field is reported at its line, with the right name', async () => {
    const tree = await loadSmall({ 'queues.toml': '[queue.default]\nmax_age = "1d"\nretry_intervall = "5m"\n' });
    expect(tree.findings).toMatchObject([{ code: 'tree-unknown-field', path: 'queues.toml', line: 3 }]);
    expect(tree.findings[0]?.message).toContain('did you mean retry_interval?');
  });
  test('tenant.T has no routing_domain', async () => {
    const tree = await loadSmall({ 'queues.toml': `[tenant.'t']\nrouting_domain = "relay.example"\n` });
    expect(codes(tree)).toEqual(['tree-unknown-field']);
  });
  test('a pool that is not defined is found at every level', async () => {
    const tree = await loadSmall({
      'sources.toml': '[source."a"]\n[pool."known"]\n[pool."known"."a"]\n',
      'queues.toml': `[tenant.'t']\negress_pool = "nowhere"\n[queue.'d.example'.'t']\negress_pool = "neither"\n[queue.default]\negress_pool = "known"\n`,
    });
    expect(tree.findings.map(({ code, line }) => [code, line])).toEqual([
      ['tree-pool-undefined', 2],
      ['tree-pool-undefined', 4],
    ]);
  });
  test('routing_domain of a queue becomes meta of the message', async () => {
    const tree = await loadSmall(
      { 'queues.toml': `[queue.'d.example']\nrouting_domain = "[10.0.0.5]"\n` },
      `kumo.on('smtp_server_message_received', function(msg) queues:apply(msg) end)`,
    );
    const message = tree.message({ headers: [], sender: 'a@b.example', recipient: 'x@d.example', peer: '127.0.0.1' });
    expect(message).toMatchObject({ queue: 'd.example![10.0.0.5]', routingDomain: '[10.0.0.5]' });
  });
  test('the provider of the path is carried over to the queue', async () => {
    const tree = await loadSmall({
      'shaping.toml': '[provider."any"]\nmatch = [{DomainSuffix=".example"}]\n',
      'queues.toml': '[queue.default]\nmax_age = "1d"\n',
    });
    expect(tree.queueConfig('d.example')['provider_name']).toBe('any');
    expect(tree.queueConfig('d.test')['provider_name']).toBeUndefined();
  });
  test('constructors need a handler', async () => {
    const queues = `[queue.'sink.example']\nprotocol = { custom_lua = { constructor = "make.sink" } }\n`;
    expect(codes(await loadSmall({ 'queues.toml': queues }))).toEqual(['tree-handler-missing']);
    const handler = `kumo.on('make.sink', function() return {} end)`;
    expect(codes(await loadSmall({ 'queues.toml': queues }, handler))).toEqual([]);
  });
});

describe('sources.toml', () => {
  const files = {
    'sources.toml': `
[source."ip-1"]
source_address = "192.0.2.1"
ehlo_domain = "m1.example"
[source."ip-2"]
source_address = "192.0.2.2"
[pool."both"]
[pool."both"."ip-1"]
[pool."both"."ip-2"]
weight = 2
[pool."empty"]
`,
  };
  test('sources get their name, pools their members with weight 1 unless told', async () => {
    const tree = await loadSmall(files);
    expect(tree.findings).toEqual([]);
    expect(tree.sources().get('ip-1')).toEqual({
      name: 'ip-1',
      source_address: '192.0.2.1',
      ehlo_domain: 'm1.example',
    });
    expect(tree.pools().get('both')).toEqual([
      { name: 'ip-1', weight: 1 },
      { name: 'ip-2', weight: 2 },
    ]);
    expect(tree.pools().get('empty')).toEqual([]);
  });
  test('a pool with an unknown source is found, and mail for it is refused', async () => {
    const tree = await loadSmall(
      {
        'sources.toml': '[source."a"]\n[pool."p"]\n[pool."p"."b"]\n',
        'queues.toml': '[queue.default]\negress_pool = "p"\n',
      },
      `kumo.on('smtp_server_message_received', function() end)`,
    );
    expect(tree.findings).toMatchObject([{ code: 'tree-source-undefined', path: 'sources.toml', line: 3 }]);
    const message = tree.message({ headers: [], sender: '', recipient: 'x@d.example', peer: '127.0.0.1' });
    expect(message.rejected?.code).toBe(421);
  });
  test('a scalar in a pool is no member, and other tables are no part of the file', async () => {
    const tree = await loadSmall({ 'sources.toml': '[pool."p"]\nttl = "5m"\n[sources."a"]\n' });
    expect(tree.findings.map(({ code, line }) => [code, line])).toEqual([
      ['tree-unknown-field', 3],
      ['tree-bad-type', 2],
    ]);
  });
  test('half a proxy is silently no proxy', async () => {
    const tree = await loadSmall({ 'sources.toml': '[source."a"]\nsocks5_proxy_server = "10.0.0.1:1080"\n' });
    expect(codes(tree)).toEqual(['tree-proxy-incomplete']);
  });
  test('several files: fields merge, members add up', async () => {
    const tree = await load({
      'init.lua': `require('policy-extras.sources'):setup { '/opt/kumomta/etc/policy/a.toml', '/opt/kumomta/etc/policy/b.toml' }`,
      'a.toml': '[source."s"]\nsource_address = "192.0.2.1"\n[pool."p"]\n[pool."p"."s"]\n',
      'b.toml': '[source."s"]\nehlo_domain = "m.example"\n[pool."p"]\n[pool."p"."s"]\n',
    });
    expect(tree.sources().get('s')).toEqual({ name: 's', source_address: '192.0.2.1', ehlo_domain: 'm.example' });
    expect(tree.pools().get('p')).toHaveLength(2);
  });
});

describe('rules between helpers', () => {
  test('a second set-up is refused', async () => {
    const tree = await loadSmall({ 'sources.toml': '' }, `require('policy-extras.sources'):setup { }`);
    expect(codes(tree)).toEqual(['tree-setup-twice']);
  });
  test('a handler beside the helper is refused, with the place of the first', async () => {
    const tree = await loadSmall({ 'shaping.toml': '' }, `kumo.on('get_egress_path_config', function() end)`);
    expect(codes(tree)).toEqual(['tree-handler-twice']);
    expect(tree.findings[0]?.message).toContain('init.lua:4');
  });
  test('the queue helper registers last of get_queue_config', async () => {
    const own = `kumo.on('get_queue_config', function() return end)`;
    const late = await loadSmall({ 'queues.toml': '' }, own);
    expect(late.findings).toMatchObject([{ code: 'tree-helper-order', path: 'init.lua', line: 3 }]);
    const early = await load({
      'init.lua': `local kumo = require 'kumo'\n${own}\nrequire('policy-extras.queue'):setup { '/opt/kumomta/etc/policy/queues.toml' }`,
      'queues.toml': '[queue.default]\nmax_age = "2d"\n',
    });
    expect(early.findings).toEqual([]);
    expect(early.queueConfig('d.example')['max_age']).toBe('2d');
  });
  test('log hooks get a queue of their own and a constructor', async () => {
    const tree = await loadSmall(
      {},
      `require('policy-extras.log_hooks'):new_json { name = 'webhook', url = 'http://10.0.0.1/log' }`,
    );
    expect(tree.findings).toEqual([]);
    expect(tree.queueConfig('webhook.log_hook')).toMatchObject({
      retry_interval: '1m',
      protocol: { custom_lua: { constructor: 'make.webhook.log_hook' } },
    });
  });
  test('disposition hooks are newer than 2024', async () => {
    const body = `require('policy-extras.log_hooks'):new_disposition_hook { name = 'dsn', hook = function() end }`;
    expect(codes(await loadSmall({}, body))).toEqual([]);
    expect(codes(await loadSmall({}, body, { target: '2024.11.08' }))).toContain('tree-too-new');
  });
  test('data of the queue helper outside the watched folders', async () => {
    const tree = await load(
      { 'init.lua': `require('policy-extras.queue'):setup { '/srv/policy/queues.toml' }`, 'queues.toml': '' },
      { installDir: '/srv/policy' },
    );
    expect(codes(tree)).toEqual(['tree-not-monitored']);
  });
});

describe('dkim_data.toml', () => {
  const base = '[base]\nselector = "s1"\nheaders = ["From", "To"]\n';
  test('key by From domain, path of the key by default, selector and headers from base', async () => {
    const tree = await loadSmall(
      {
        'dkim_data.toml': `${base}[domain."a.example"]\n[domain."*.b.example"]\nselector = "s2"\nfilename = "/k.pem"\n`,
      },
      `kumo.on('smtp_server_message_received', function(msg) sign(msg) end)`,
    );
    expect(tree.findings).toEqual([]);
    const signed = (from: string) =>
      tree.message({ headers: [['From', from]], sender: 'x@a.example', recipient: 'y@d.example', peer: '127.0.0.1' });
    expect(signed('Me <me@a.example>').signatures).toEqual([
      {
        domain: 'a.example',
        selector: 's1',
        headers: ['From', 'To'],
        algo: 'rsa-sha256',
        params: {
          domain: 'a.example',
          selector: 's1',
          headers: ['From', 'To'],
          key: '/opt/kumomta/etc/dkim/a.example/s1.key',
        },
      },
    ]);
    // A wildcard signs with the domain of the message; a parent covers no subdomain.
    expect(signed('me@news.b.example').signatures).toMatchObject([
      { domain: 'news.b.example', selector: 's2', params: { key: '/k.pem' } },
    ]);
    expect(signed('me@sub.a.example').signatures).toEqual([]);
  });
  test('no From header is refused with 552', async () => {
    const tree = await loadSmall(
      { 'dkim_data.toml': base },
      `kumo.on('smtp_server_message_received', function(msg) sign(msg) end)`,
    );
    const message = tree.message({ headers: [], sender: '', recipient: 'y@d.example', peer: '127.0.0.1' });
    expect(message.rejected).toMatchObject({ code: 552 });
  });
  test('additional signatures: fall-back only where no block signed', async () => {
    const data = `${base}additional_signatures = ["esp"]\n[domain."a.example"]\n[signature."esp"]\npolicy = "OnlyIfMissingDomainBlock"\ndomain = "esp.example"\n`;
    const tree = await loadSmall(
      { 'dkim_data.toml': data },
      `kumo.on('smtp_server_message_received', function(msg) sign(msg) end)`,
    );
    const domains = (from: string) =>
      tree
        .message({ headers: [['From', from]], sender: '', recipient: 'y@d.example', peer: '127.0.0.1' })
        .signatures.map((signature) => signature.domain);
    expect(domains('me@a.example')).toEqual(['a.example']);
    expect(domains('me@other.example')).toEqual(['esp.example']);
  });
  test.each([
    ['[domain."a.example"]\nheaders = ["From"]\n', 'tree-missing-field'],
    [`${base}[domain."a.example"]\nvault_key = "x"\n`, 'tree-unknown-field'],
    [`${base}algo = "sha256"\n`, 'tree-unknown-field'],
    [`${base}additional_signatures = ["esp"]\n`, 'tree-name-unknown'],
    [`${base}[signature."esp"]\ndomain = "esp.example"\n`, 'tree-signature-unused'],
    [`${base}header_canonicalization = "relaxed"\n`, 'tree-bad-value'],
  ])('%j is found', async (data, code) => {
    expect(codes(await loadSmall({ 'dkim_data.toml': data }))).toEqual([code]);
  });
});
