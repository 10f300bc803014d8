import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LuaEngine } from 'wasmoon';
import { emitFiles } from '../../src/emit/emit';
import { emptyPolicy, type KumoPolicy } from '../../src/kumo/model';
import { fullPolicy } from './full-policy';
import { contentOf, loadTree, OPTIONS } from './lua-stub';
import { block } from './policies';

let lua: LuaEngine;
beforeAll(async () => {
  lua = await loadTree(fullPolicy());
});
afterAll(() => lua.global.close());

/** Hands a message in and returns what `result` (an expression on MSG) then is; a refusal gives its text. */
function receive(message: string, result: string): unknown {
  return lua.doStringSync(`MSG = message ${message}
    MSG.recipient_domain = MSG.recipient_domain or 'example.org'
    local ok, why = pcall(EVENTS.smtp_server_message_received, MSG)
    if not ok then return why end
    return ${result}`);
}

describe('choice of the virtual-mta', () => {
  test.each([
    ['the header counts where the network may use it, in any case', "'10.0.0.9:4711'", 'V2', 'v2'],
    ['a renamed one is found under its PowerMTA name', "'10.0.0.9:4711'", 'Odd:Name', /^v[34]$/],
    ['an unknown one is refused', "'10.0.0.9:4711'", 'nobody', '550 5.3.5 unknown virtual MTA'],
    ['the header does not count elsewhere, and {default} is what is left', "'192.0.2.9:4711'", 'v2', '{default}'],
  ])('%s', (_, peer, header, tenant) => {
    const got = receive(
      `{ meta = { received_from = ${peer} }, headers = { { 'X-Virtual-MTA', '${header}' } } }`,
      'MSG.meta.tenant',
    );
    if (typeof tenant === 'string') expect(got).toBe(tenant);
    else expect(got).toMatch(tenant);
  });

  test('without header the default of the network counts, the longest prefix alone', () => {
    expect(receive("{ meta = { received_from = '10.0.0.9:1' } }", 'MSG.meta.tenant')).toBe('pool-a');
    expect(receive("{ meta = { received_from = '10.2.0.9:1' } }", 'MSG.meta.tenant')).toBe('{default}');
  });

  test('by-smtp-source-ip takes the virtual-mta of the local address', () => {
    const meta = "{ received_from = '10.1.0.9:1', received_via = '192.0.2.13:25' }";
    expect(receive(`{ meta = ${meta} }`, 'MSG.meta.tenant')).toBe('v3');
    expect(
      receive("{ meta = { received_from = '10.1.0.9:1', received_via = '198.51.100.1:25' } }", 'MSG.meta.tenant'),
    ).toBe('{default}');
  });

  test('the named source goes over the network, and the header stays where it is retained', () => {
    const message =
      "{ meta = { received_from = '10.1.0.9:1', x_pmta_source = 'feeders' }, headers = { { 'X-Virtual-MTA', 'v1' } } }";
    expect(receive(message, 'MSG.meta.tenant .. #MSG.headers')).toBe('v12');
    expect(receive(message.replace('feeders', 'others'), 'MSG.meta.tenant')).toBe('v1');
    expect(
      receive(message.replace('feeders', 'others'), "MSG:get_first_named_header_value 'X-Virtual-MTA' or 'gone'"),
    ).toBe('gone');
  });

  test('an empty header means {default} only where it may', () => {
    const message = "{ meta = { x_pmta_source = 'others' }, headers = { { 'X-Virtual-MTA', '' } } }";
    expect(receive(message, 'MSG.meta.tenant')).toBe('{default}');
    expect(receive(message.replace('others', 'feeders'), 'MSG.meta.tenant')).toBe('550 5.3.5 unknown virtual MTA');
  });

  test('an unknown one goes to the fallback only where it is not refused', () => {
    const message =
      "{ meta = { received_from = '10.0.0.9:1', x_pmta_source = '{auth}' }, headers = { { 'X-Virtual-MTA', 'nobody' } } }";
    expect(receive(message, 'MSG.meta.tenant')).toBe('v1');
  });
});

describe('headers and jobs', () => {
  test('a job becomes a campaign without the characters of queue names, and its header goes', () => {
    const message = "{ meta = { received_from = '10.0.0.9:1' }, headers = { { 'X-Job', 'a:b@c!d e' } } }";
    expect(receive(message, "MSG.meta.campaign .. ' ' .. #MSG.headers")).toBe('a_b_c_d_e 0');
  });

  test('another header may hold the job', () => {
    const message =
      "{ meta = { received_from = '10.1.0.9:1', reception_protocol = 'HTTP' }, headers = { { 'X-Campaign', 'x' } } }";
    expect(receive(message, 'MSG.meta.campaign')).toBe('x');
  });

  test('Date is replaced and Message-ID added', () => {
    const message = "{ meta = { received_from = '10.2.0.9:1' }, headers = { { 'Date', 'old' } } }";
    expect(receive(message, 'MSG.fixes .. #MSG.headers')).toBe('MISSING_DATE_HEADERMISSING_MESSAGE_ID_HEADER0');
  });

  test('Received headers go, but for the one of this hop', () => {
    const own = "{ 'Received', 'from a by b with ESMTP id id0815' }";
    const message = `{ meta = { received_from = '10.2.0.9:1' }, headers = { ${own}, { 'Received', 'older' } } }`;
    expect(receive(message, '#MSG.headers .. MSG.headers[1][2]')).toBe('1from a by b with ESMTP id id0815');
    expect(receive(message.replace(`${own}, `, ''), '#MSG.headers')).toBe(0);
  });

  test('a hidden client is in no header', () => {
    const message = "{ meta = { received_from = '10.1.0.9:1', hostname = 'mx.test' } }";
    expect(receive(message, 'MSG.headers[1][2]')).toMatch(
      /^by mx\.test with ESMTP id id0815; \w{3}, \d\d \w{3} \d{4} [\d:]{8} \+0000$/,
    );
  });

  test('the envelope id is kept, and named headers go', () => {
    const message = "{ meta = { x_pmta_source = 'others' }, headers = { { 'X-Envid', 'e1' }, { 'x-mailer', 'm' } } }";
    expect(receive(message, 'MSG.meta.x_pmta_envid .. #MSG.headers')).toBe('e10');
  });
});

describe('signing', () => {
  function signatures(from: string, rest = ''): unknown {
    return receive(`{ headers = { { 'From', 'a@${from}' } }, ${rest} }`, "table.concat(MSG.signed, ' ', 2)");
  }

  test('the first key whose domain equals or is a parent signs with its own domain, else `*` with the sender', () => {
    expect(signatures('example.net')).toBe('s1@example.net any@esp.test');
    expect(signatures('News.Example.NET')).toBe('s1@example.net any@esp.test');
    expect(signatures('notexample.net')).toBe('any@notexample.net any@esp.test');
  });

  test('Sender goes before From', () => {
    const message = "{ headers = { { 'From', 'a@example.net' }, { 'Sender', 'b@other.test' } } }";
    expect(receive(message, 'MSG.signed[2]')).toBe('any@other.test');
  });

  test('keys of the virtual-mta are tried first', () => {
    const message =
      "{ meta = { received_from = '10.0.0.9:1' }, headers = { { 'From', 'a@example.net' }, { 'X-Virtual-MTA', 'v1' } } }";
    expect(receive(message, 'MSG.signed[2]')).toBe('own@example.net');
  });

  test('recipient domains switch it, and a virtual-mta overrides', () => {
    expect(signatures('example.net', "recipient_domain = 'nosign.example'")).toBe('any@esp.test');
    const v2 =
      "{ recipient_domain = 'nosign.example', meta = { received_from = '10.0.0.9:1' }, headers = { { 'From', 'a@example.net' }, { 'X-Virtual-MTA', 'v2' } } }";
    expect(receive(v2, 'MSG.signed[2]')).toBe('s1@example.net');
  });

  test('if-options signs when the header is there and may be used, and the header goes', () => {
    const message =
      "{ recipient_domain = 'asked.example', headers = { { 'From', 'a@example.net' }, { 'X-DKIM-Options', 's=any; d=*' } }, meta = { x_pmta_source = 'SRC' } }";
    expect(receive(message.replace('SRC', '{auth}'), 'MSG.signed[2] .. #MSG.headers')).toBe('any@example.net1');
    expect(receive(message.replace('SRC', 'nobody'), 'MSG.signed[2]')).toBe('any@esp.test');
  });

  test('without sender nothing is signed, and nothing fails', () => {
    expect(receive('{}', "table.concat(MSG.signed, ' ', 2)")).toBe('any@esp.test');
  });
});

describe('connection, AUTH and retry', () => {
  test('networks without service are turned away, longest prefix first', () => {
    const call = (peer: string) =>
      lua.doStringSync(
        `return select(2, pcall(EVENTS.smtp_server_connection_accepted, message { meta = { received_from = '${peer}' } }))`,
      );
    expect(call('192.0.2.9:25')).toBe('554 5.7.1 no SMTP service for you');
    expect(call('10.0.0.9:25')).toBeUndefined();
  });

  test('require-auth asks for AUTH before MAIL FROM', () => {
    const call = (meta: string) =>
      lua.doStringSync(
        `return select(2, pcall(EVENTS.smtp_server_mail_from, 's', message { meta = { x_pmta_source = 'feeders'${meta} } }))`,
      );
    expect(call('')).toBe('530 5.7.0 Authentication required');
    expect(call(", authn_id = 'shop'")).toBeUndefined();
  });

  test('users are told by name and password, and bring their source', () => {
    lua.doStringSync(
      "USERS = { shop = { password = 'secret', source = 'feeders' }, empty = { password = '' }, other = { password = 'x' } }",
    );
    const auth = (authz: string, authc: string, password: string) =>
      lua.doStringSync(
        `META = message {} return tostring(EVENTS.smtp_server_auth_plain('${authz}', '${authc}', '${password}', META)) .. ' ' .. tostring(META.meta.x_pmta_user_source)`,
      );
    expect(auth('shop', 'shop', 'secret')).toBe('true feeders');
    expect(auth('other', 'other', 'x')).toBe('true {auth}');
    expect(auth('shop', 'shop', 'wrong')).toBe('false nil');
    expect(auth('empty', 'empty', '')).toBe('false nil');
    expect(auth('nobody', 'nobody', 'x')).toBe('false nil');
    expect(auth('boss', 'shop', 'secret')).toBe('false feeders');
  });

  /** Seconds until the next attempt of a message that failed for the (attempts + 1)th time. */
  function wait(attempts: number, domain: string, tenant: string, tried = 'true'): number {
    const text =
      lua.doStringSync(`local m = message { attempts = ${attempts}, recipient_domain = '${domain}', meta = { tenant = '${tenant}' } }
      EVENTS.requeue_message(m, '451 later', {}, ${tried}) return m.schedule and m.schedule.first_attempt or 'none'`);
    return text === 'none' ? -1 : Math.round((Date.parse(String(text)) - Date.now()) / 10_000) * 10;
  }

  test('waits follow the list, whose last item repeats', () => {
    expect([0, 1, 2, 3, 9].map((n) => wait(n, 'example.org', 'v2'))).toEqual([600, 1200, 7200, 7200, 7200]);
  });

  test('the list of the domain, and above all of the virtual-mta, counts', () => {
    expect(wait(0, 'a.slow.example', 'v2')).toBe(3600);
    expect(wait(0, 'a.slow.example', 'v1')).toBe(60);
  });

  test('a domain with an ordinary interval does not fall back to the list of all', () => {
    expect(wait(0, 'plain.example', 'v2')).toBe(-1);
  });

  test('what was not tried keeps its place', () => {
    expect(wait(0, 'example.org', 'v2', 'false')).toBe(-1);
  });

  test('limits are shared by the sources of a virtual-mta, beside what is there', () => {
    const got =
      lua.doStringSync(`PATH = { connection_limit = 20, max_message_rate = '5/min', additional_connection_limits = { total = 9 } }
      local p = EVENTS.get_egress_path_config('d', 'v1#192.0.2.12', 'site')
      return p.additional_connection_limits['pmta-q:v1:site'] .. ' ' .. p.additional_connection_limits.total .. ' ' .. p.additional_message_rate_throttles['pmta-q:v1:site']`);
    expect(got).toBe('20 9 5/min');
    expect(
      lua.doStringSync(
        "PATH = {} return EVENTS.get_egress_path_config('d', 'v2', 's').additional_connection_limits == nil",
      ),
    ).toBe(true);
  });
});

describe('only what is needed', () => {
  /** pmta.lua of a policy that `change` makes out of an empty one; empty when it has none. */
  function pmtaOf(change: (policy: KumoPolicy) => void): string {
    const policy = emptyPolicy();
    change(policy);
    return emitFiles(policy, OPTIONS).find((file) => file.path === 'pmta.lua')?.content ?? '';
  }

  test('rules that say what holds anyway make no file and no code', () => {
    const rule = { smtp_service: true, process_x_job: false, relay: true };
    expect(pmtaOf((policy) => policy.lua.sourcesByCidr.set('10.0.0.0/8', block(rule)))).toBe('');
    const pmta = pmtaOf((policy) =>
      policy.lua.sourcesByCidr.set('10.0.0.0/8', block({ ...rule, process_x_envid: true })),
    );
    expect(pmta).toContain("['10.0.0.0/8'] = { process_x_envid = true },");
    expect(pmta).not.toMatch(/X-Job|smtp_service/);
  });

  test('a named source may switch off what the network allows, so it is kept, and so is the name of a user', () => {
    const policy = emptyPolicy();
    policy.lua.sourcesByCidr.set('10.0.0.0/8', block({ process_x_job: true }));
    policy.lua.sourcesByName.set('quiet', block({ process_x_job: false }));
    policy.users.set('u', { name: 'u', password: 'p', source: 'quiet', origins: [] });
    const files = emitFiles(policy, OPTIONS);
    expect(contentOf(files, 'pmta.lua')).toContain('quiet = { process_x_job = false },');
    expect(contentOf(files, 'init.lua')).toContain("set_meta('x_pmta_user_source', user.source or '{auth}')");
  });

  test('an empty rule stays inside a network that has one, and goes where there is nothing around it', () => {
    const pmta = pmtaOf(({ lua: { sourcesByCidr } }) => {
      sourcesByCidr.set('0.0.0.0/0', block({}));
      sourcesByCidr.set('10.0.0.0/8', block({ process_x_envid: true }));
      sourcesByCidr.set('10.1.0.0/16', block({}));
    });
    expect(pmta).toContain("['10.1.0.0/16'] = {},");
    expect(pmta).not.toContain('0.0.0.0/0');
  });

  test('recipient domains that say what the default says are not listed, except beside wildcards', () => {
    const retry = (...rows: readonly (readonly [string, string, number])[]) =>
      pmtaOf((policy) => {
        for (const [domain, tenant, wait] of rows)
          policy.lua.retryLists.push({ domain, tenant, seconds: [wait], origins: [] });
      });
    expect(retry(['default', '', 1], ['a.test', '', 1], ['b.test', '', 2])).toContain(
      "{ default = { 1 }, ['b.test'] = { 2 } }",
    );
    expect(retry(['default', '', 1], ['a.test', '', 1], ['*.test', '', 2])).toContain("['a.test'] = { 1 }");
    expect(retry(['default', '', 1], ['default', 'v', 1])).not.toContain('v = ');
    expect(retry(['default', '', 1], ['b.test', '', 2], ['default', 'v', 1])).toContain(
      'v = kumo.domain_map.new { default = { 1 } }',
    );
  });
});
