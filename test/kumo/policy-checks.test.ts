import { describe, expect, test } from 'vitest';
import { catalogue } from '../../src/diagnostics/catalogue';
import { loadTree, loadTsa } from '../../src/kumo/runtime/load-tree';
import { codes, installDir, listener, load, loadSmall } from './small-tree';

describe('what running init.lua finds', () => {
  test.each([
    [`kumo.start_esmtp_listner {}`, 'tree-name-unknown'],
    [`kumo.on('smtp_server_mesage_received', function() end)`, 'tree-event-unknown'],
    [`kumo.start_esmtp_listener { listen = '0.0.0.0:25' }`, 'tree-wrong-place'],
    [`kumo.on('init', function() kumo.on('pre_init', function() end) end)`, 'tree-wrong-place'],
    [`kumo.on('init', function() kumo.define_spool { name = 'data' } end)`, 'tree-missing-field'],
    [`kumo.on('init', function() kumo.define_spool('data') end)`, 'tree-bad-type'],
    [`kumo.on('init', function() kumo.start_http_listener { trusted_hosts = '127.0.0.1' } end)`, 'tree-bad-type'],
    [`kumo.memoize(function() end, { name = 'x', ttl = '1 minute' })`, 'tree-missing-field'],
    [`kumo.memoize(function() end, { name = 'x', ttl = '60', capacity = 1 })`, 'tree-bad-value'],
    [`kumo.cidr.make_map { ['10/8'] = 1 }`, 'tree-bad-value'],
    [`kumo.regex.compile '(a'`, 'tree-regex-invalid'],
    [`kumo.make_throttle('x', '0/s')`, 'tree-bad-value'],
    [`kumo.counter_series.define { name = 'x', num_buckets = 0, bucket_size = '1m' }`, 'tree-bad-value'],
    [`require('policy-extras.mail_auth').check()`, 'tree-not-modelled'],
    [`kumo.serde.toml_load '/etc/passwd'`, 'tree-file-outside'],
    [`kumo.serde.toml_load '/opt/kumomta/etc/policy/../../../../etc/passwd'`, 'tree-file-outside'],
    [`kumo.serde.toml_load '${installDir}/none.toml'`, 'tree-file-missing'],
    [`require 'no_such_module'`, 'tree-module-missing'],
    [`require 'policy-extras.rollup'`, 'tree-not-modelled'],
    [`os.execute 'true'`, 'tree-not-modelled'],
    [`io.open('/etc/passwd')`, 'tree-not-modelled'],
    [
      `require('policy-extras.shaping'):setup_with_automation { no_default_file = true, extra_files = {} }`,
      'tree-swallowed-key',
    ],
    [
      `require('policy-extras.shaping'):setup_with_automation { no_default_files = true, extra_files = { '/opt/kumomta/share/other.toml' } }`,
      'tree-file-shipped',
    ],
    [`kumo.serde.toml_load '/opt/kumomta/share/bounce_classifier/iana.toml'`, 'tree-file-shipped'],
    [`require('policy-extras.queue'):setup_with_options { file_names = {}, skip = true }`, 'tree-unknown-field'],
    [`require('policy-extras.log_hooks'):new { name = 'a' }`, 'tree-missing-field'],
    [
      `kumo.on('init', function() kumo.configure_local_logs { log_dir = '/l', filter_event = 'mine' } end)`,
      'tree-handler-missing',
    ],
  ])('%s', async (code, expected) => {
    const tree = await loadSmall({}, code);
    expect(codes(tree)).toContain(expected);
    expect(tree.findings.find((finding) => finding.code === expected)?.severity).toBe(
      catalogue[expected as 'tree-swallowed-key'].severity,
    );
  });

  test('a missing init.lua, and one that does not compile', async () => {
    expect(codes(await load({}))).toContain('tree-file-missing');
    const broken = await load({ 'init.lua': 'local kumo = \n= 1' });
    expect(broken.findings).toMatchObject([{ code: 'tree-lua-error', path: 'init.lua', line: 2 }]);
  });
  test('errors in a required file are named with that file', async () => {
    const tree = await load({ 'init.lua': `require 'pmta'`, 'pmta.lua': '\n\nerror "broken table"' });
    expect(tree.findings).toMatchObject([
      { code: 'tree-lua-error', path: 'pmta.lua', line: 3, message: 'broken table' },
    ]);
  });
  test('require finds the tree only where kumod looks', async () => {
    const files = new Map([
      ['init.lua', `PMTA = require 'pmta'`],
      ['pmta.lua', 'return {}'],
    ]);
    const elsewhere = await loadTree(files, { installDir: '/srv/policy' });
    expect(elsewhere.findings.map((finding) => finding.code)).toEqual(['tree-module-missing']);
    elsewhere.close();
    files.set('init.lua', `package.path = '/srv/policy/?.lua;' .. package.path\nrequire 'pmta'`);
    const told = await loadTree(files, { installDir: '/srv/policy' });
    expect(told.findings).toEqual([]);
    told.close();
  });
  test('functions, fields and events newer than the target', async () => {
    const body = `
kumo.on('smtp_server_connection_accepted', function() end)
kumo.log_info 'hello'
${listener(`meta = { x = 1 }`)}`;
    const old = await loadSmall({}, body, { target: '2024.11.08' });
    expect(codes(old)).toEqual(['tree-too-new', 'tree-too-new', 'tree-too-new']);
    expect(codes(await loadSmall({}, body, { target: '2025.05.06' }))).toEqual([]);
  });
  test('parameters are kept in order, as they were given', async () => {
    const tree = await loadSmall(
      {},
      `kumo.on('init', function()
        for i = 1, 2 do kumo.start_esmtp_listener { listen = '192.0.2.' .. i .. ':25', relay_hosts = {} } end
        kumo.start_http_listener { listen = '127.0.0.1:8000' }
        kumo.define_spool { name = 'data', path = '/d', kind = 'RocksDB' }
        kumo.define_spool { name = 'meta', path = '/m' }
        kumo.configure_local_logs { log_dir = '/l', per_record = { Any = { enable = false } } }
      end)`,
    );
    expect(tree.findings).toEqual([]);
    expect(tree.listeners).toEqual([
      { listen: '192.0.2.1:25', relay_hosts: [] },
      { listen: '192.0.2.2:25', relay_hosts: [] },
    ]);
    expect(tree.httpListeners).toEqual([{ listen: '127.0.0.1:8000' }]);
    expect(tree.spools.map((spool) => spool['name'])).toEqual(['data', 'meta']);
    expect(tree.logs).toEqual([{ log_dir: '/l', per_record: { Any: { enable: false } } }]);
  });
  test('a server needs both spools', async () => {
    const tree = await loadSmall(
      {},
      `kumo.on('init', function() kumo.start_http_listener { listen = '127.0.0.1:8000' } end)`,
    );
    expect(codes(tree)).toEqual(['tree-spool-missing', 'tree-spool-missing']);
  });
  test('a whole float is no integer', async () => {
    const tree = await loadSmall(
      {},
      `kumo.on('get_egress_path_config', function() return kumo.make_egress_path { connection_limit = 60 / 2 } end)`,
    );
    tree.egressPath('d.example', 's');
    expect(codes(tree)).toEqual(['tree-bad-type']);
  });
  test('bounce rules: look-around, names of files, and the same class in several files', async () => {
    const classify = (files: string) =>
      `kumo.on('init', function() kumo.configure_bounce_classifier { files = ${files} } end)`;
    const rule = `[rules]\nQuotaIssues = ['''(?i)^5\\.2\\.2''']\n`;
    const good = { 'bounce_rules/10.toml': rule, 'bounce_rules/20.toml': rule };
    expect(codes(await loadSmall(good, classify(`kumo.glob '${installDir}/bounce_rules/*.toml'`)))).toEqual([]);
    const bad = { 'bounce_rules/10.toml': `[rules]\nOther = ['a(?!b)']\n` };
    const tree = await loadSmall(bad, classify(`{ '${installDir}/bounce_rules/10.toml' }`));
    expect(tree.findings).toMatchObject([{ code: 'tree-regex-invalid', path: 'bounce_rules/10.toml', line: 2 }]);
  });
  test('the same finding counts once, however often its handler runs', async () => {
    const tree = await loadSmall(
      {},
      `kumo.on('get_egress_path_config', function() return kumo.make_egress_path { nonsense = 1 } end)`,
    );
    for (const domain of ['a.example', 'b.example']) tree.egressPath(domain, 's');
    expect(codes(tree)).toEqual(['tree-unknown-field']);
  });
});

describe('what a hostile tree can do', () => {
  const budget = 2_000_000;
  test.each([
    ['a loop', 'while true do end'],
    ['a loop that catches every error', 'while true do pcall(function() while true do end end) end'],
    [
      'a loop in a coroutine',
      'coroutine.wrap(function() while true do pcall(function() while true do end end) end end)()',
    ],
    ['a loop in a message handler', 'xpcall(function() while true do end end, function() while true do end end)'],
    ['a loop in an error value', 'error(setmetatable({}, { __tostring = function() while true do end end }))'],
    [
      'a loop in a closing variable',
      'do local x <close> = setmetatable({}, { __close = function() while true do end end }) end',
    ],
    [
      'a loop in loaded text that takes the name of the model',
      `load('while true do pcall(function() while true do end end) end', '=kumo')()`,
    ],
    [
      'a loop in loaded text that takes it with a NUL behind',
      `load('while true do pcall(function() while true do end end) end', '=kumo\\0x')()`,
    ],
    ['a text beyond all memory', `local s = ('x'):rep(1e9)`],
    ['a table beyond all memory', `local t = {} while true do t[#t + 1] = ('x'):rep(1e6) .. #t end`],
  ])('%s ends, with a finding', async (_, code) => {
    const tree = await load({ 'init.lua': code }, { budget });
    expect(codes(tree)).toEqual(['tree-limit']);
  });
  test('a table that shares its parts is not written out', async () => {
    const code = `local t = {} for _ = 1, 38 do t = { t, t } end require('kumo').make_egress_path(t)`;
    const { findings } = await load({ 'init.lua': code });
    expect(findings).toMatchObject([{ code: 'tree-lua-error', message: expect.stringContaining('too large') }]);
  });
  test('a loop in a handler ends that handler; the tree answers on', async () => {
    const tree = await loadSmall(
      {},
      `kumo.on('get_egress_path_config', function(domain)
        while domain == 'loop.example' do end
        return kumo.make_egress_path { connection_limit = 7 }
      end)`,
      { budget },
    );
    expect(tree.egressPath('loop.example', 's')).toEqual({});
    expect(tree.findings).toMatchObject([{ code: 'tree-limit', path: 'init.lua' }]);
    expect(tree.egressPath('d.example', 's')).toEqual({ connection_limit: 7 });
  });
  test('finalizers, bytecode and processes are not run', async () => {
    const tree = await load({
      'init.lua': `
setmetatable({}, { __gc = function() while true do end end })
for i = 1, 10000 do local t = {} end
assert(tostring(os.execute 'true') == 'unknown')
assert(string.dump == nil or load(string.dump(function() end)) == nil)
assert(debug.sethook == nil and debug.getregistry == nil and io.popen ~= nil)`,
    });
    expect(codes(tree)).toEqual(['tree-not-modelled', 'tree-not-modelled']);
  });
  test('names like those of JavaScript objects are names like others', async () => {
    const tree = await loadSmall({
      'sources.toml': '[source."constructor"]\n[pool."__proto__"]\n[pool."__proto__"."constructor"]\n',
      'queues.toml': `[tenant.'__proto__']\negress_pool = "__proto__"\n[queue.'valueof'.'constructor']\nmax_age = "1d"\n`,
    });
    expect(tree.findings).toEqual([]);
    expect(tree.queueConfig('d.example', '__proto__')['egress_pool']).toBe('__proto__');
    expect(tree.queueConfig('valueof', 'constructor')['max_age']).toBe('1d');
    expect(tree.queueConfig('d.example', 'hasOwnProperty')['max_age']).toBeUndefined();
  });
});

describe('tsa_init.lua', () => {
  const files = new Map([
    [
      'tsa_init.lua',
      `local tsa = require 'tsa'
local kumo = require 'kumo'
kumo.on('tsa_init', function()
  tsa.configure_tsa_db_path '/var/spool/kumomta/tsa.db'
  tsa.start_http_listener { listen = '127.0.0.1:8008', trusted_hosts = { '127.0.0.1', '::1' } }
end)
local cached = kumo.memoize(kumo.shaping.load, { name = 'shaping', ttl = '5 minutes', capacity = 4 })
kumo.on('tsa_load_shaping_data', function() return cached { '${installDir}/shaping.toml' } end)`,
    ],
    ['shaping.toml', '["default"]\nconnection_limit = 5\n'],
  ]);
  test('loads, and tells its listeners and its shaping files', async () => {
    const tsa = await loadTsa(files, { installDir });
    expect(tsa.findings).toEqual([]);
    expect(tsa.httpListeners).toEqual([{ listen: '127.0.0.1:8008', trusted_hosts: ['127.0.0.1', '::1'] }]);
    expect(tsa.shapingFiles).toEqual([[`${installDir}/shaping.toml`]]);
  });
  test('checks the shaping files it loads', async () => {
    const broken = new Map([...files, ['shaping.toml', '["default"]\nconnection_limit = 0\n'] as const]);
    expect((await loadTsa(broken, { installDir })).findings).toMatchObject([
      { code: 'tree-limit-zero', path: 'shaping.toml', line: 2, column: 1, endColumn: 17 },
    ]);
  });
});
