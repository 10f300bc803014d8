import fc from 'fast-check';
import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { LuaFactory } from 'wasmoon';
import { emitFiles } from '../../src/emit/emit';
import type { EmittedFile } from '../../src/emit/file';
import { verifyFiles } from '../../src/emit/verify';
import { emptyPolicy, type KumoPolicy } from '../../src/kumo/model';
import { fullPolicy } from './full-policy';
import { callsOf, contentOf, loadTree, OPTIONS } from './lua-stub';
import { addVirtualMta, at, block, field, listener, pathBlock, queueBlock, stockPolicy } from './policies';

function emit(policy: KumoPolicy): readonly EmittedFile[] {
  return emitFiles(policy, OPTIONS);
}

function pathsOf(policy: KumoPolicy): readonly string[] {
  return emit(policy).map((file) => file.path);
}

describe('which files are written', () => {
  test('a policy without anything still has the four files that init.lua names', () => {
    expect(pathsOf(emptyPolicy())).toEqual(['init.lua', 'sources.toml', 'queues.toml', 'shaping.toml']);
  });

  test.each<[string, (policy: KumoPolicy) => void, string]>([
    [
      'an automation rule',
      (p) =>
        p.shaping.default.automation.push({
          regex: ['x'],
          actions: ['Suspend'],
          duration: 60,
          origins: [],
          comments: [],
        }),
      'tsa_init.lua',
    ],
    ['a listener domain', (p) => p.listenerDomains.set('x', block({})), 'listener_domains.toml'],
    ['a signing domain', (p) => p.dkim.domains.set('x', block({})), 'dkim_data.toml'],
    ['a user', (p) => p.users.set('u', { name: 'u', password: 'p', origins: [] }), 'smtp_users.toml'],
    [
      'bounce rules',
      (p) => p.bounceRules.push({ rules: new Map([['A', ['b']]]), origins: [] }),
      'bounce_rules/10.toml',
    ],
    [
      'a retry list',
      (p) => p.lua.retryLists.push({ domain: 'default', tenant: '', seconds: [1], origins: [] }),
      'pmta.lua',
    ],
    ['a rule', (p) => p.lua.sourcesByCidr.set('10.0.0.0/8', block({ smtp_service: false })), 'pmta.lua'],
    ['shared limits', (p) => p.lua.sharedLimits.set('v#1', 'v'), 'pmta.lua'],
  ])('%s adds its file', (_, change, path) => {
    const policy = emptyPolicy();
    change(policy);
    expect(pathsOf(policy)).toContain(path);
    expect(pathsOf(policy).length).toBe(5);
  });

  test('signing defaults without a key, and rules that only the report reads, need no file', () => {
    const policy = emptyPolicy();
    policy.dkim.base.fields.set('selector', field('s1'));
    policy.lua.sourcesByCidr.set('10.0.0.0/8', block({ relay: true }));
    expect(pathsOf(policy)).toEqual(['init.lua', 'sources.toml', 'queues.toml', 'shaping.toml']);
  });

  test('only files with secrets are closed to others, and passwords are in no other file', () => {
    const files = emit(fullPolicy());
    const closed = files.filter((file) => file.mode === 0o600).map((file) => file.path);
    expect(closed).toEqual(['smtp_users.toml', 'secrets/relay-1']);
    expect(contentOf(files, 'secrets/relay-1')).toBe('hush');
    const open = files
      .filter((file) => file.mode === 0o644)
      .map((file) => file.content)
      .join('');
    expect(open).not.toMatch(/s3"cr|hush/);
  });
});

describe('init.lua', () => {
  test('registers in the order that the helpers ask for', async () => {
    const lua = await loadTree(fullPolicy());
    expect(callsOf(lua)).toEqual([
      'sources:setup',
      'dkim_sign:setup',
      'shaping:setup',
      'queue:setup',
      'listener_domains:setup',
      'on get_listener_domain',
      'on get_egress_path_config',
      'on pre_init',
      'on init',
      'on smtp_server_connection_accepted',
      'on smtp_server_auth_plain',
      'on smtp_server_mail_from',
      'on smtp_server_message_received',
      'on http_message_generated',
      'on requeue_message',
    ]);
    lua.doStringSync('CALLS = {} EVENTS.init()');
    expect(callsOf(lua)).toEqual([
      'define_spool',
      'define_spool',
      'configure_local_logs',
      'configure_bounce_classifier',
      'setup_publish',
      'start_http_listener',
      'start_esmtp_listener',
      'start_esmtp_listener',
      'start_esmtp_listener',
    ]);
    lua.global.close();
  });

  test('the stock sample has no more than it needs', async () => {
    const init = contentOf(emit(stockPolicy()), 'init.lua');
    expect(init).not.toMatch(/pmta'|dkim|listener_domains|publish|requeue|auth_plain|for _|package/);
    expect(init.split('\n').length).toBeLessThan(60);
    const policy = stockPolicy();
    policy.tenants.set('pool-a', { fields: new Map(), origins: [], comments: [] });
    const lua = await loadTree(policy);
    lua.doStringSync(
      "MSG = message { headers = { { 'X-Virtual-MTA', 'Pool-A' } } } EVENTS.smtp_server_message_received(MSG)",
    );
    // The queue helper compares exactly, PowerMTA without regard to case.
    expect(lua.doStringSync("return MSG:get_first_named_header_value 'x-virtual-mta'")).toBe('pool-a');
    expect(lua.doStringSync('return MSG.applied')).toBe(true);
    lua.global.close();
  });

  test('a tree elsewhere tells KumoMTA where to look for modules and what to watch', () => {
    const files = emitFiles(fullPolicy(), { ...OPTIONS, installDir: '/srv/kumo/' });
    const init = contentOf(files, 'init.lua');
    expect(init).toContain("package.path = '/srv/kumo/?.lua;' .. package.path");
    expect(init).toContain("'/srv/kumo/**/*.{lua,json,toml,yaml}'");
    expect(init).not.toContain('//sources.toml');
    expect(contentOf(emit(fullPolicy()), 'init.lua')).not.toMatch(/package\.path|monitor_globs/);
  });

  test('before 2025.05.06 service is refused at EHLO', async () => {
    const lua = await loadTree(fullPolicy(), '2024.11.08');
    const refused =
      "return select(2, pcall(EVENTS.smtp_server_ehlo, 'x', message { meta = { received_from = '192.0.2.9:1025' } }))";
    expect(lua.doStringSync(refused)).toBe('554 5.7.1 no SMTP service for you');
    expect(lua.doStringSync('return EVENTS.smtp_server_connection_accepted == nil')).toBe(true);
    lua.global.close();
  });
});

describe('listeners', () => {
  const values = { relay_hosts: ['10.0.0.0/8'], hostname: 'mx.example.net' };

  /** `address fields` of each start_esmtp_listener call. */
  async function started(policy: KumoPolicy): Promise<readonly string[]> {
    const lua = await loadTree(policy);
    lua.doStringSync('CALLS = {} EVENTS.init()');
    const text = lua.doStringSync(`local n = {} for i, c in ipairs(CALLS) do local a = c.args[1]
      n[i] = a.listen .. ' ' .. a.hostname .. ' ' .. (a.meta and a.meta.x_pmta_source or '-') end return table.concat(n, '|')`);
    lua.global.close();
    return String(text).split('|');
  }

  test('equal ones are started by one loop, whatever else stands between them', async () => {
    const policy = emptyPolicy();
    policy.listeners.push(
      listener('0.0.0.0:25', values, 5),
      listener('0.0.0.0:587', { ...values, hostname: 'other' }, 6),
      listener('0.0.0.0:2525', values, 7),
    );
    const init = contentOf(emit(policy), 'init.lua');
    expect(init).toContain("for _, listen in ipairs { '0.0.0.0:25', '0.0.0.0:2525' } do");
    expect(init.match(/start_esmtp_listener/g)).toHaveLength(2);
    expect(await started(policy)).toEqual([
      '0.0.0.0:25 mx.example.net -',
      '0.0.0.0:2525 mx.example.net -',
      '0.0.0.0:587 other -',
    ]);
  });

  test('those that differ in their meta only share the loop, too', async () => {
    const policy = emptyPolicy();
    const sources: readonly (string | undefined)[] = ['a', 'b', undefined];
    sources.forEach((source, i) => {
      const meta = source === undefined ? {} : { meta: { x_pmta_source: source } };
      policy.listeners.push(listener(`0.0.0.0:${2525 + i}`, { ...values, ...meta }, 10 + i));
    });
    expect(contentOf(emit(policy), 'init.lua').match(/start_esmtp_listener/g)).toHaveLength(1);
    expect(await started(policy)).toEqual([
      '0.0.0.0:2525 mx.example.net a',
      '0.0.0.0:2526 mx.example.net b',
      '0.0.0.0:2527 mx.example.net -',
    ]);
  });

  test('the call has the places of its listeners', () => {
    const policy = emptyPolicy();
    for (let line = 1; line <= 5; line++) policy.listeners.push(listener(`0.0.0.0:${2500 + line}`, values, line));
    const [init] = emit(policy);
    const lines = init?.content.split('\n') ?? [];
    const [origin] = init?.origins ?? [];
    expect(origin?.places).toEqual(['config:1', 'config:2', 'config:3', 'config:4', 'config:5']);
    expect(lines[(origin?.line ?? 0) - 1]).toMatch(/^ {2}for _, listen in ipairs/);
    expect(lines[(origin?.line ?? 0) - 2]).toBe('  -- config:1, config:2, config:3 + 2 more');
  });
});

test('logs that differ in their directory only share a loop', async () => {
  const policy = emptyPolicy();
  for (const [i, log_dir] of ['/var/log/a', '/var/log/b', '/var/log/c'].entries()) {
    const compression_level = i === 1 ? 3 : 1;
    policy.logs.push({ fields: block({ log_dir, compression_level }).fields, origins: [at(i + 1)], comments: [] });
  }
  const lua = await loadTree(policy);
  lua.doStringSync('CALLS = {} EVENTS.init()');
  const dirs =
    "local n = {} for i, c in ipairs(CALLS) do n[i] = c.args[1].log_dir .. c.args[1].compression_level end return table.concat(n, ' ')";
  expect(lua.doStringSync(dirs)).toBe('/var/log/a1 /var/log/c1 /var/log/b3');
  expect(contentOf(emit(policy), 'init.lua')).toContain('  -- config:1, config:3\n  for _, log_dir in');
  lua.global.close();
});

describe('TOML files', () => {
  test('three equal blocks become lines under one comment, two stay blocks', () => {
    const policy = emptyPolicy();
    for (const [i, name] of ['a.test', 'b.test', 'c.test', 'd.test'].entries()) {
      policy.queues.set(name, queueBlock({ retry_interval: '30m' }, 10 + i));
      policy.shaping.domains.set(name, pathBlock({ connection_limit: i < 2 ? 2 : 3 }, 20 + i));
    }
    policy.queues.set('default', queueBlock({ max_age: '1d' }, 9));
    const files = emit(policy);
    const queues = contentOf(files, 'queues.toml');
    expect(queues).toContain(
      '# config:10, config:11, config:12 + 1 more\n[queue]\n\'a.test\' = { retry_interval = "30m" }\n',
    );
    expect(parse(queues)).toMatchObject({ queue: { default: { max_age: '1d' }, 'd.test': { retry_interval: '30m' } } });
    const shaping = contentOf(files, 'shaping.toml');
    expect(shaping).toContain('# config:20\n["a.test"]\nconnection_limit = 2\n');
    expect(verifyFiles(files, policy)).toEqual([]);
  });

  test('in shaping.toml lines stand before the first header, where TOML wants them', () => {
    const policy = emptyPolicy();
    policy.shaping.default.fields.set('connection_limit', field(20));
    for (const name of ['a.test', 'b.test', 'c.test'])
      policy.shaping.domains.set(name, { ...pathBlock({}), mxRollup: false });
    const shaping = contentOf(emit(policy), 'shaping.toml');
    expect(shaping).toContain(
      '"c.test" = { mx_rollup = false }\n\n["default"]\nconnection_limit = 20 # PowerMTA default\n',
    );
    expect(Object.keys(parse(shaping))).toEqual(['a.test', 'b.test', 'c.test', 'default']);
  });

  test('every emitted line that has an origin names the place of its value', () => {
    const policy = stockPolicy();
    for (let i = 1; i <= 3; i++) addVirtualMta(policy, `v${i}`, `192.0.2.${i}`, 100 + i);
    const sources = emit(policy).find((file) => file.path === 'sources.toml');
    const lines = sources?.content.split('\n') ?? [];
    const v2 = sources?.origins.find(({ line }) => lines[line - 1]?.startsWith('"v2" = { source_address'));
    expect(v2?.places).toEqual(['config:102']);
    const shaping = emit(policy).find((file) => file.path === 'shaping.toml');
    const limit = shaping?.origins.find(
      ({ line }) => shaping.content.split('\n')[line - 1] === 'connection_limit = 20',
    );
    expect(limit?.places).toEqual(['config:31']);
  });

  test('weights of one are not written, and a pool without members is empty', () => {
    const policy = emptyPolicy();
    policy.pools.set('p', {
      entries: new Map([
        ['a', 1],
        ['b', 3],
      ]),
      origins: [at(7)],
      comments: [],
    });
    policy.pools.set('none', { entries: new Map(), origins: [], comments: ['no member'] });
    const sources = contentOf(emit(policy), 'sources.toml');
    expect(sources).toContain('# config:7\n[pool."p"]\n"a" = {}\n"b" = { weight = 3 }\n\n# no member\n[pool."none"]');
    expect(parse(sources)).toEqual({ pool: { p: { a: {}, b: { weight: 3 } }, none: {} } });
  });

  test('a hundred virtual-mtas take a line each', () => {
    const policy = emptyPolicy();
    for (let i = 0; i < 100; i++) addVirtualMta(policy, `vmta-${i}`, `192.0.2.${i}`, i + 1);
    const files = emit(policy);
    expect(contentOf(files, 'sources.toml').split('\n').length).toBeLessThan(210);
    expect(contentOf(files, 'queues.toml').split('\n').length).toBeLessThan(106);
    expect(verifyFiles(files, policy)).toEqual([]);
  });
});

describe('the whole tree', () => {
  test('is the same to the byte each time, and says nothing of time or host', () => {
    expect(emit(fullPolicy())).toEqual(emit(fullPolicy()));
    for (const { content } of emit(fullPolicy())) expect(content).not.toMatch(/20\d\d-\d\d-\d\d/);
  });

  test('reads back as the policy', () => {
    expect(verifyFiles(emit(fullPolicy()), fullPolicy())).toEqual([]);
  });

  test('loads in Lua 5.4', async () => {
    const lua = await new LuaFactory().createEngine();
    for (const target of ['2024.11.08', '2026.06.23']) {
      for (const { path, content } of emitFiles(fullPolicy(), { ...OPTIONS, target })) {
        if (!path.endsWith('.lua')) continue;
        lua.global.set('TEXT', content);
        expect(lua.doStringSync('return select(2, load(TEXT)) or "fine"'), path).toBe('fine');
      }
    }
    lua.global.close();
  });

  test('the header is a comment in every file, whatever it says', () => {
    const files = emitFiles(fullPolicy(), { ...OPTIONS, header: 'one\nkumo.evil()\r]]\u0000x = 1' });
    expect(verifyFiles(files, fullPolicy())).toEqual([]);
    expect(contentOf(files, 'init.lua')).toMatch(/^-- one\n-- kumo\.evil\(\)\n-- \]\]\\x00x = 1\n/);
    expect(contentOf(files, 'queues.toml')).toMatch(/^# one\n# kumo\.evil\(\)\n/);
  });

  test('no name and no value of the input gets out of its quotes', () => {
    const hostile = fc.string({
      unit: fc.constantFrom("'", '"', '\\', '\n', '\r', ']', '[', '=', '-', '#', '{', '}', '.', '\0', 'a', '\ud800'),
    });
    fc.assert(
      fc.property(hostile, hostile, (name, value) => {
        fc.pre(!['default', 'provider', 'tenant', 'queue'].includes(name));
        const policy = hostilePolicy(name, value);
        expect(verifyFiles(emit(policy), policy)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

function hostilePolicy(name: string, value: string): KumoPolicy {
  const policy = emptyPolicy();
  addVirtualMta(policy, name, value);
  policy.sources.set(`${name}2`, { ...block({ ehlo_domain: value }), comments: [value] });
  policy.queues.set(name, queueBlock({ routing_domain: value }));
  policy.shaping.domains.set(name, { ...pathBlock({ ehlo_domain: value }), covers: [value] });
  policy.shaping.default.automation.push({
    regex: [value],
    actions: ['Suspend'],
    duration: 60,
    origins: [],
    comments: [value],
  });
  policy.listenerDomains.set(name, block({ [`k${name}`]: value }));
  policy.listeners.push(listener(value, { hostname: value, [`k${name}`]: [value] }));
  policy.users.set(name, { name, password: value, origins: [] });
  policy.bounceRules.push({ rules: new Map([['Other', [value]]]), origins: [] });
  policy.lua.sourcesByName.set(name, block({ jobid_header: value, process_x_virtual_mta: true }));
  policy.lua.tenants.set(name, value);
  policy.lua.retryLists.push({ domain: name, tenant: value, seconds: [1], origins: [] });
  return policy;
}

describe('reading back', () => {
  test.each<[string, (content: string) => string, string]>([
    [
      'shaping.toml',
      (text) => text.replace('connection_limit = 9', 'connection_limit = 10'),
      'yahoo.com > sources > v1 > connection_limit is not what the policy says',
    ],
    ['queues.toml', (text) => text.replace('max_age = "2d"', ''), 'queue > slow.example > max_age is missing'],
    ['sources.toml', (text) => `${text}\n[source."x"]\n`, 'source > x is not in the policy'],
    ['init.lua', (text) => text.replace("kumo.on('init'", "kumo.on('init"), 'is not Lua'],
    ['queues.toml', (text) => `${text}\n[queue\n`, 'is not TOML'],
    [
      'smtp_users.toml',
      (text) => text.replace('password = "x"', 'password = "y"'),
      'plain > password is not what the policy says',
    ],
  ])('finds a change in %s', (path, change, message) => {
    const files = emit(fullPolicy()).map((file) =>
      file.path === path ? { ...file, content: change(file.content) } : file,
    );
    expect(verifyFiles(files, fullPolicy()).map((fault) => `${fault.path}: ${fault.message}`)).toEqual([
      `${path}: ${message}`,
    ]);
  });

  test('a fault has a place and never shows a value', () => {
    const files = emit(fullPolicy()).map((file) =>
      file.path === 'smtp_users.toml'
        ? { ...file, content: file.content.replace('password = "s3', 'password = "s3"') }
        : file,
    );
    const [fault] = verifyFiles(files, fullPolicy());
    expect(fault?.line).toBe(5);
    expect(JSON.stringify(fault)).not.toContain('s3');
  });
});
