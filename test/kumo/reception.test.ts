import { describe, expect, test } from 'vitest';
import type { MessageSpec } from '../../src/kumo/runtime/messages';
import { codes, listener, load, loadSmall } from './small-tree';

const mail = (spec: Partial<MessageSpec> = {}): MessageSpec => ({
  headers: [['From', 'me@b.example']],
  sender: 'me@b.example',
  recipient: 'you@d.example',
  peer: '10.1.2.3',
  ...spec,
});

describe('relaying', () => {
  test('the domain is asked for in lower case since 2025.01.23, before as it was written', async () => {
    const relays = async (target: string, recipient: string) => {
      const files = { 'listener_domains.toml': '["in.example"]\nrelay_to = true\n' };
      const tree = await loadSmall(files, listener('relay_hosts = {}'), { target });
      return tree.message(mail({ recipient })).rejected === undefined;
    };
    expect(await relays('2024.11.08', 'x@in.example')).toBe(true);
    expect(await relays('2024.11.08', 'x@In.Example')).toBe(false);
    expect(await relays('2025.01.23', 'x@In.Example')).toBe(true);
  });

  test('by relay_hosts; the default admits only the machine itself', async () => {
    const closed = await loadSmall({}, listener(''));
    expect(closed.findings).toEqual([]);
    expect(closed.message(mail()).rejected).toEqual({
      code: 550,
      message: '5.7.1 relaying not permitted for 10.1.2.3:50000',
    });
    expect(closed.message(mail({ peer: '127.0.0.1' })).rejected).toBeUndefined();
    const open = await loadSmall({}, listener(`relay_hosts = { '10.0.0.0/8' }`));
    expect(open.message(mail()).rejected).toBeUndefined();
    expect(open.message(mail({ peer: '11.0.0.1' })).rejected?.code).toBe(550);
    expect(open.message(mail({ peer: '127.0.0.1' })).rejected?.code).toBe(550);
  });

  const domains = `
["in.example"]
relay_to = true
["send.example"]
relay_from = ["10.0.0.0/8"]
["auth.example"]
relay_from_authz = ["shop"]
["*"]
relay_from_authz = ["boss"]
`;
  test.each<[string, Partial<MessageSpec>, boolean]>([
    ['to a domain with relay_to', { recipient: 'x@in.example' }, true],
    ['from a domain with relay_from', { sender: 'x@send.example' }, true],
    ['the same from elsewhere', { sender: 'x@send.example', peer: '11.0.0.1' }, false],
    ['as a user the sender domain names', { sender: 'x@auth.example', authnId: 'shop' }, true],
    // The entry of the sender's domain is used whole: what "*" allows does not add to it.
    ['as a user that only "*" names, from a listed domain', { sender: 'x@auth.example', authnId: 'boss' }, false],
    ['as that user from a domain that is not listed', { sender: 'x@other.test', authnId: 'boss' }, true],
    ['as nobody', { sender: 'x@auth.example' }, false],
    ['to a sender domain only', { recipient: 'x@send.example' }, false],
  ])('%s: %s', async (_, spec, allowed) => {
    const tree = await loadSmall({ 'listener_domains.toml': domains }, listener('relay_hosts = {}'));
    expect(tree.findings).toEqual([]);
    expect(tree.message(mail(spec)).rejected === undefined).toBe(allowed);
  });

  test('a domain that logs reports accepts them, and nothing else', async () => {
    const tree = await loadSmall(
      { 'listener_domains.toml': '["fbl.example"]\nlog_arf = "LogThenDrop"\n' },
      listener('relay_hosts = {}'),
    );
    const report: MessageSpec['headers'] = [['Content-Type', 'multipart/report; report-type=feedback-report']];
    expect(tree.message(mail({ recipient: 'x@fbl.example' })).rejected).toEqual({
      code: 550,
      message: '5.7.1 relaying not permitted',
    });
    const accepted = tree.message(mail({ recipient: 'x@fbl.example', headers: report }));
    expect(accepted).toMatchObject({ relayed: false });
    expect(accepted.rejected).toBeUndefined();
  });

  test('entries of a listener come first; the wildcard address is never the local one', async () => {
    const text = '[listener."192.0.2.1:25"."d.example"]\nrelay_to = true\n["d.example"]\nrelay_to = false\n';
    const tree = await loadSmall({ 'listener_domains.toml': text }, listener('relay_hosts = {}'));
    expect(tree.message(mail()).rejected).toBeUndefined();
    expect(tree.message(mail({ via: '192.0.2.9:25' })).rejected?.code).toBe(550);
    const never = await loadSmall({
      'listener_domains.toml': '[listener."0.0.0.0:25"."d.example"]\nrelay_to = true\n',
    });
    expect(codes(never)).toEqual(['tree-listener-key']);
  });

  test('peer and via tables change the listener, the longest prefix wins', async () => {
    const fields = `relay_hosts = {}, meta = { x_from = 'listener' },
      peer = { ['10.0.0.0/8'] = { relay_hosts = { '10.0.0.0/8' }, meta = { x_from = 'net' } },
               ['10.1.0.0/16'] = { meta = { x_from = 'subnet' }, trace_headers = { received_header = false, supplemental_header = false } } }`;
    const tree = await loadSmall({}, listener(fields));
    expect(tree.findings).toEqual([]);
    const wide = tree.message(mail({ peer: '10.9.9.9' }));
    expect(wide.rejected).toBeUndefined();
    expect(wide.meta['x_from']).toBe('net');
    expect(wide.headers.map(([name]) => name)).toEqual(['X-KumoRef', 'Received', 'From']);
    const narrow = await loadSmall({ 'listener_domains.toml': '["d.example"]\nrelay_to = true\n' }, listener(fields));
    const message = narrow.message(mail());
    expect(message.meta['x_from']).toBe('subnet');
    expect(message.headers.map(([name]) => name)).toEqual(['From']);
  });
});

describe('the order of handlers', () => {
  const events = [
    ['smtp_server_connection_accepted', 'conn', 'conn'],
    ['smtp_server_ehlo', 'name, conn', 'conn'],
    ['smtp_server_mail_from', 'sender, conn', 'conn'],
    ['get_listener_domain', 'domain, listener, conn', 'conn'],
    ['smtp_server_rcpt_to', 'recipient, conn', 'conn'],
    ['smtp_server_data', 'msg, conn', 'msg'],
    ['smtp_server_message_received', 'msg, conn', 'msg'],
  ] as const;
  test('connection, ehlo, mail from, listener domain of sender and recipient, rcpt to, data, message', async () => {
    const body = events
      .map(
        ([event, args, target]) =>
          `kumo.on('${event}', function(${args}) ${target}:set_meta('x_seen', (${target}:get_meta 'x_seen' or '') .. '${event} ') end)`,
      )
      .join('\n');
    const tree = await loadSmall({}, body);
    expect(tree.findings).toEqual([]);
    expect(
      String(tree.message(mail({ peer: '127.0.0.1' })).meta['x_seen'])
        .trim()
        .split(' '),
    ).toEqual([
      'smtp_server_connection_accepted',
      'smtp_server_ehlo',
      'smtp_server_mail_from',
      'get_listener_domain',
      'get_listener_domain',
      'smtp_server_rcpt_to',
      'smtp_server_data',
      'smtp_server_message_received',
    ]);
  });
  test('a rejection ends the session at once', async () => {
    const tree = await loadSmall(
      {},
      `kumo.on('smtp_server_mail_from', function() kumo.reject(530, '5.7.0 authenticate first') end)
       kumo.on('smtp_server_message_received', function() error 'never reached' end)`,
    );
    expect(tree.message(mail({ peer: '127.0.0.1' })).rejected).toEqual({
      code: 530,
      message: '5.7.0 authenticate first',
    });
    expect(tree.findings).toEqual([]);
  });
  test('an error in a handler answers 421, and is a finding at its line', async () => {
    const tree = await loadSmall(
      {},
      `kumo.on('smtp_server_message_received', function(msg)\n  local x = nil .. 'a'\nend)`,
    );
    expect(tree.message(mail({ peer: '127.0.0.1' })).rejected?.code).toBe(421);
    expect(tree.findings).toMatchObject([{ code: 'tree-lua-error', path: 'init.lua', line: 3 }]);
  });
  test('HTTP mail runs http_message_generated only, and has no authz_id', async () => {
    const tree = await loadSmall(
      { 'queues.toml': `tenant_header = "X-T"\n[tenant.'t']\nrequire_authz = ["shop"]\n` },
      `kumo.on('http_message_generated', function(msg) queues:apply(msg) end)
       kumo.on('smtp_server_message_received', function(msg) error 'not for HTTP' end)`,
    );
    const spec = mail({ http: true, headers: [['X-T', 't']] });
    expect(tree.message(spec).rejected).toEqual({ code: 500, message: "tenant 't' requires SMTP AUTH" });
    expect(tree.findings).toEqual([]);
  });
});

describe('the queue helper at reception', () => {
  const apply = `kumo.on('smtp_server_message_received', function(msg)
    if msg:get_first_named_header_value 'X-Lua' then msg:set_meta('tenant', 'lua') end
    queues:apply(msg)
  end)`;
  const local = (headers: MessageSpec['headers'], more: Partial<MessageSpec> = {}) =>
    mail({ peer: '127.0.0.1', headers, ...more });
  const tenants = `[tenant.'t1']\negress_pool = "unspecified"\n[tenant.'t2']\nrequire_authz = ["shop"]\n`;

  test('tenant_header chooses the tenant and is removed; an unknown one is refused with 500', async () => {
    const tree = await loadSmall(
      { 'queues.toml': `tenant_header = "X-Virtual-MTA"\nremove_tenant_header = true\n${tenants}` },
      apply,
    );
    const chosen = tree.message(local([['x-virtual-mta', 't1']]));
    expect(chosen).toMatchObject({ tenant: 't1', queue: 't1@d.example' });
    expect(chosen.headers.map(([name]) => name)).not.toContain('x-virtual-mta');
    expect(tree.message(local([['X-Virtual-MTA', 'T1']])).rejected).toEqual({
      code: 500,
      message: "tenant 'T1' specified by 'X-Virtual-MTA' header is not defined in your queue config",
    });
  });
  test('a tenant set by Lua is kept without header and default', async () => {
    const tree = await loadSmall({ 'queues.toml': tenants }, apply);
    expect(tree.message(local([['X-Lua', '1']])).tenant).toBe('lua');
  });
  test('default_tenant overwrites a tenant that Lua set', async () => {
    const tree = await loadSmall({ 'queues.toml': `default_tenant = "t1"\n${tenants}` }, apply);
    expect(tree.message(local([['X-Lua', '1']])).tenant).toBe('t1');
  });
  test('require_authz', async () => {
    const tree = await loadSmall({ 'queues.toml': `tenant_header = "X-T"\n${tenants}` }, apply);
    expect(tree.message(local([['X-T', 't2']])).rejected?.message).toBe("tenant 't2' requires SMTP AUTH");
    expect(tree.message(local([['X-T', 't2']], { authnId: 'other' })).rejected?.message).toBe(
      "authz_id 'other' is not authorized to send as tenant 't2'",
    );
    expect(tree.message(local([['X-T', 't2']], { authnId: 'shop' })).tenant).toBe('t2');
  });
  test('campaign and scheduling headers', async () => {
    const tree = await loadSmall(
      { 'queues.toml': 'campaign_header = "X-Job"\nscheduling_header = "X-Schedule"\n' },
      apply,
    );
    const message = tree.message(
      local([
        ['X-Job', 'spring'],
        ['X-Schedule', '{"first_attempt":"2026-01-31T12:00:00Z"}'],
      ]),
    );
    expect(message).toMatchObject({
      campaign: 'spring',
      queue: 'spring:@d.example',
      scheduling: { first_attempt: '2026-01-31T12:00:00Z' },
    });
    // The scheduling header always goes; the campaign's stays unless told.
    expect(message.headers.map(([name]) => name)).toEqual(['X-KumoRef', 'Received', 'X-Job']);
  });
  test('the domain of the queue is the recipient in lower case; meta queue replaces the name', async () => {
    const tree = await loadSmall(
      { 'queues.toml': '' },
      `kumo.on('smtp_server_message_received', function(msg)
      if msg:sender().domain == '' then msg:set_meta('queue', 'v@big.queue!relay.example') end
      if msg:sender().email == 'drop@b.example' then msg:set_meta('queue', 'null') end
    end)`,
    );
    expect(tree.message(local([], { recipient: 'x@D.Example' })).queue).toBe('d.example');
    expect(tree.message(local([], { sender: '' }))).toMatchObject({
      tenant: 'v',
      queue: 'v@big.queue!relay.example',
      routingDomain: 'relay.example',
    });
    expect(tree.message(local([], { sender: 'drop@b.example' }))).toMatchObject({ queue: 'null', sources: [] });
  });
});

describe('messages in Lua', () => {
  const run = async (code: string, headers: MessageSpec['headers']) => {
    const tree = await loadSmall({}, `kumo.on('smtp_server_message_received', function(msg)\n${code}\nend)`);
    const message = tree.message(mail({ peer: '127.0.0.1', headers }));
    expect(tree.findings).toEqual([]);
    expect(message.rejected).toBeUndefined();
    return message;
  };
  test('headers: first, all, remove, prepend, append, import', async () => {
    const code = `
      msg:set_meta('x_first', msg:get_first_named_header_value 'x-a')
      msg:set_meta('x_all', table.concat(msg:get_all_named_header_values 'X-A', '+'))
      msg:import_x_headers { 'X-B-c' }
      msg:remove_all_named_headers 'x-a'
      msg:remove_x_headers { 'X-B-C' }
      msg:prepend_header('First', '1')
      msg:append_header('Last', '2')`;
    const message = await run(code, [
      ['X-A', 'one'],
      ['X-a', 'two'],
      ['X-B-C', 'three'],
    ]);
    expect(message.meta).toMatchObject({ x_first: 'one', x_all: 'one+two', x_b_c: 'three' });
    expect(message.headers.map(([name]) => name)).toEqual(['X-KumoRef', 'First', 'Received', 'Last']);
  });
  test('addresses have fields, not methods', async () => {
    const code = `
      local from, to = msg:from_header(), msg:recipient()
      msg:set_meta('x', table.concat({ from.user, from.domain, from.name, to.email, msg:recipient_list()[1].domain }, ' '))
      msg:set_sender 'new@s.example'
      msg:set_recipient 'you@n.example'`;
    const message = await run(code, [['From', '"Me Myself" <me@b.example>']]);
    expect(message.meta['x']).toBe('me b.example Me Myself you@d.example d.example');
    expect(message).toMatchObject({ sender: 'new@s.example', recipients: ['you@n.example'], queue: 'n.example' });
  });
  test('regular expressions, CIDR maps, domain maps, texts and TOML', async () => {
    const code = `
      local re = kumo.regex.compile [[(?i)^(?P<word>[a-z]+)-(\\d+)$]]
      local c = re:captures 'Job-12'
      local nets = kumo.cidr.make_map { ['10.0.0.0/8'] = 'net', ['10.1.0.0/16'] = 'sub' }
      local map = kumo.domain_map.new { ['*.x.example'] = 'wild' }
      local toml = kumo.serde.toml_parse 'a = [1, 2]'
      local parts = kumo.string.split('a,b', ',')
      msg:set_meta('x', table.concat({ c[1], c.word, c[2], nets['10.1.2.3:25'], nets['10.9.0.1'], map['a.b.x.example'], toml.a[2], parts[2], tostring(nets['11.0.0.1']) }, ' '))`;
    const message = await run(code, []);
    expect(message.meta['x']).toBe('Job Job 12 sub net wild 2 b nil');
  });
  test('an unknown method is named with the right one', async () => {
    const tree = await loadSmall(
      {},
      `kumo.on('smtp_server_message_received', function(msg) msg:set_mta('a', 'b') end)`,
    );
    expect(tree.message(mail({ peer: '127.0.0.1' })).rejected?.code).toBe(421);
    expect(tree.findings[0]).toMatchObject({ code: 'tree-name-unknown' });
    expect(tree.findings[0]?.message).toContain('msg:set_meta');
  });
});

describe('SMTP AUTH', () => {
  const users = {
    'init.lua': `local kumo = require 'kumo'
kumo.on('smtp_server_auth_plain', function(authz, authc, password, conn_meta)
  local u = kumo.serde.toml_load('/opt/kumomta/etc/policy/smtp_users.toml')[authc]
  if authc == 'broken' then return end
  if not u or password == '' or u.password ~= password then return false end
  conn_meta:set_meta('x_source', u.source or '{auth}')
  return authz == authc
end)
kumo.on('get_listener_domain', function() return kumo.make_listener_domain { relay_to = true } end)`,
    'smtp_users.toml': '["shop"]\npassword = "geheim-42"\nsource = "feeders"\n',
  };
  test('the right password only; no answer at all is a fault', async () => {
    const tree = await load(users);
    expect(tree.auth('shop', 'geheim-42', '10.0.0.1')).toBe(true);
    expect(tree.auth('shop', 'wrong', '10.0.0.1')).toBe(false);
    expect(tree.auth('nobody', '', '10.0.0.1')).toBe(false);
    expect(tree.findings).toEqual([]);
    expect(tree.auth('broken', 'x', '10.0.0.1')).toBe(false);
    expect(codes(tree)).toEqual(['tree-auth-answer']);
    expect(JSON.stringify(tree.findings)).not.toContain('geheim-42');
  });
  test('without a handler nobody gets in', async () => {
    expect((await loadSmall({})).auth('shop', 'x', '10.0.0.1')).toBe(false);
  });
  test('meta that the handler sets reaches the message, together with the names', async () => {
    const tree = await load(users);
    const message = tree.message(mail({ auth: { user: 'shop', password: 'geheim-42' } }));
    expect(message.meta).toMatchObject({ x_source: 'feeders', authn_id: 'shop', authz_id: 'shop' });
    expect(tree.message(mail({ auth: { user: 'shop', password: 'no' } })).rejected?.code).toBe(535);
  });
});

describe('requeue', () => {
  const body = `
kumo.on('requeue_message', function(msg, response, _context, counts)
  if counts == false then return end
  local list = { 600, 600, 3600 }
  local wait = list[math.min(msg:num_attempts() + 1, #list)]
  if response:find('busy', 1, true) then wait = 60 end
  msg:set_scheduling { first_attempt = os.date('!%Y-%m-%dT%H:%M:%SZ', os.time() + wait) }
end)
kumo.on('requeue_message', function(msg) if msg:num_attempts() > 4 then msg:set_meta('tenant', 'slow') end end)`;
  const spec = { ...mail({ peer: '127.0.0.1' }), response: '451 4.3.0 later' };
  test('lists of waiting times, the reply, several handlers', async () => {
    const tree = await loadSmall({}, body, { now: 0 });
    expect(tree.requeue(spec).firstAttempt).toBe('1970-01-01T00:10:00Z');
    expect(tree.requeue({ ...spec, attempts: 2 }).firstAttempt).toBe('1970-01-01T01:00:00Z');
    expect(tree.requeue({ ...spec, attempts: 9, response: '451 busy' })).toMatchObject({
      firstAttempt: '1970-01-01T00:01:00Z',
      tenant: 'slow',
    });
    expect(tree.findings).toEqual([]);
  });
  test('the arguments after the reply exist since 2026.03.04', async () => {
    const uncounted = { ...spec, incrementAttempts: false };
    expect((await loadSmall({}, body, { now: 0 })).requeue(uncounted).firstAttempt).toBeUndefined();
    expect((await loadSmall({}, body, { now: 0, target: '2025.12.02' })).requeue(uncounted).firstAttempt).toBeDefined();
  });
  test('set_due has no effect there', async () => {
    const tree = await loadSmall(
      {},
      `kumo.on('requeue_message', function(msg) msg:set_due '2030-01-01T00:00:00Z' end)`,
    );
    expect(tree.requeue(spec).firstAttempt).toBeUndefined();
    expect(codes(tree)).toEqual(['tree-set-due-ignored']);
  });
});

describe('messages that handlers make', () => {
  const run = (code: string) => loadSmall({}, `kumo.on('smtp_server_message_received', function(msg)\n${code}\nend)`);
  const local = (spec: Partial<MessageSpec> = {}) => mail({ peer: '127.0.0.1', body: 'text', ...spec });

  test('an injected message goes into its own queue, besides the one at hand', async () => {
    const tree = await run(`
      local copy = kumo.make_message(msg:sender().email, 'boss@n.example', msg:get_data())
      copy:set_meta('tenant', 'v')
      kumo.inject_message(copy)
      msg:set_meta('queue', 'null')`);
    const message = tree.message(local());
    expect(tree.findings).toEqual([]);
    expect(message).toMatchObject({ queue: 'null', relayed: false });
    expect(message.rejected).toBeUndefined();
    expect(message.copies).toMatchObject([
      { queue: 'v@n.example', sender: 'me@b.example', recipients: ['boss@n.example'] },
    ]);
    // The next message begins with none.
    expect((await run('')).message(local()).copies).toEqual([]);
  });

  test.each<[string, boolean]>([
    ['you@n.example', true],
    ['<you@n.example>', true],
    ['', true],
    ['"a b"@n.example', true],
    ['a b@n.example', false],
    ['a..b@n.example', false],
    ['you', false],
    ['you@', false],
    ['a@b@n.example', false],
  ])('set_sender %j parses as an envelope address: %s', async (address, valid) => {
    const tree = await run(`msg:set_sender ${JSON.stringify(address)}`);
    expect(tree.message(local()).rejected?.code).toBe(valid ? undefined : 421);
  });

  test('the user of a quoted local part has no quotes', async () => {
    const tree = await run(`msg:set_meta('x', msg:recipient().user)`);
    expect(tree.message(local({ recipient: '"a \\"b"@d.example' })).meta['x']).toBe('a "b');
  });
});
