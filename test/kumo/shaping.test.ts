import { describe, expect, test } from 'vitest';
import { siteName } from '../../src/kumo/runtime/mx';
import { codes, loadSmall } from './small-tree';

const mx = (domain: string) => {
  const hosts: Readonly<Record<string, readonly string[]>> = {
    'hotmail.example': ['mx1.live.example.', 'mx2.live.example'],
    'outlook.example': ['MX2.live.example', 'mx1.live.example'],
    'mixed.example': ['mx1.live.example', 'mx.other.example'],
    'null.example': ['.'],
  };
  const found = Object.hasOwn(hosts, domain) ? hosts[domain] : undefined;
  return found === undefined ? undefined : { hosts: [...found] };
};

describe('sites', () => {
  test('names are made label by label', () => {
    const hosts = ['gmail-smtp-in.l.google.com', 'alt1.gmail-smtp-in.l.google.com', 'alt2.gmail-smtp-in.l.google.com'];
    expect(siteName(hosts)).toBe('(alt1|alt2)?.gmail-smtp-in.l.google.com');
    expect(siteName(['mx.example'])).toBe('mx.example');
  });
  test('the same hosts are one site; without data a domain is its own', async () => {
    const tree = await loadSmall({ 'shaping.toml': '' }, '', { mx });
    expect(tree.siteOf('hotmail.example')).toBe(tree.siteOf('outlook.example'));
    expect(tree.siteOf('unknown.example')).toBe('unknown.example');
    expect(tree.siteOf('[10.0.0.5]')).toBe('10.0.0.5');
  });
});

describe('the order of resolution', () => {
  // Every layer sets what it is numbered after, so each field tells how far its layer reaches.
  const shaping = `
["default"]
max_ready = 1
connection_limit = 1
smtp_port = 1
max_deliveries_per_connection = 1
max_recipients_per_batch = 1
consecutive_connection_failures_before_delay = 1
[provider."p"]
match = [{DomainSuffix=".example"}]
connection_limit = 2
smtp_port = 2
max_deliveries_per_connection = 2
max_recipients_per_batch = 2
consecutive_connection_failures_before_delay = 2
[provider."p".sources."s"]
smtp_port = 3
max_deliveries_per_connection = 3
max_recipients_per_batch = 3
consecutive_connection_failures_before_delay = 3
["d.example"]
max_deliveries_per_connection = 4
max_recipients_per_batch = 4
consecutive_connection_failures_before_delay = 4
["d.example".sources."s"]
consecutive_connection_failures_before_delay = 6
max_recipients_per_batch = 6
`;
  test('default, provider, its sources, the block, its sources', async () => {
    const tree = await loadSmall({ 'shaping.toml': shaping });
    expect(tree.findings).toEqual([]);
    expect(tree.egressPath('d.example', 's')).toMatchObject({
      max_ready: 1,
      connection_limit: 2,
      smtp_port: 3,
      max_deliveries_per_connection: 4,
      max_recipients_per_batch: 6,
      consecutive_connection_failures_before_delay: 6,
      provider_name: 'p',
    });
    expect(tree.egressPath('d.example', 'other')).toMatchObject({
      smtp_port: 2,
      consecutive_connection_failures_before_delay: 4,
    });
    expect(tree.egressPath('d.test', 's')).toMatchObject({ connection_limit: 1, smtp_port: 1 });
    expect(tree.egressPath('d.test', 's')['provider_name']).toBeUndefined();
  });
  test('the literal domain (mx_rollup = false) beats the site, also with its sources', async () => {
    const tree = await loadSmall(
      {
        'shaping.toml': `
["hotmail.example"]
connection_limit = 5
[ "hotmail.example".sources."s"]
connection_limit = 6
max_ready = 6
["outlook.example"]
mx_rollup = false
connection_limit = 7
["outlook.example".sources."s"]
max_ready = 8
`,
      },
      '',
      { mx },
    );
    expect(tree.findings).toEqual([]);
    // outlook.example shares the site, so the block of hotmail.example holds for it too: 5, then 7, then 6 of the site's source.
    expect(tree.egressPath('outlook.example', 's')).toMatchObject({ connection_limit: 6, max_ready: 8 });
    expect(tree.egressPath('outlook.example', 'x')).toMatchObject({ connection_limit: 7 });
    expect(tree.egressPath('hotmail.example', 's')).toMatchObject({ connection_limit: 6, max_ready: 6 });
  });
  test('default.sources is never read, and said to be', async () => {
    const tree = await loadSmall({
      'shaping.toml': '["default"]\nmax_ready = 1\n["default".sources."s"]\nmax_ready = 2\n',
    });
    expect(tree.egressPath('d.example', 's')['max_ready']).toBe(1);
    expect(tree.findings).toMatchObject([{ code: 'tree-default-sources', path: 'shaping.toml', line: 3 }]);
  });
  test('shared limits are joined entry by entry, everything else is replaced', async () => {
    const tree = await loadSmall({
      'shaping.toml': `
["default"]
additional_connection_limits = { total = 100 }
prohibited_hosts = ["127.0.0.0/8"]
["d.example"]
additional_connection_limits = { own = 5 }
prohibited_hosts = []
`,
    });
    expect(tree.egressPath('d.example', 's')).toMatchObject({
      additional_connection_limits: { total: 100, own: 5 },
      prohibited_hosts: [],
    });
  });
});

describe('providers', () => {
  const provider = (match: string) => ({ 'shaping.toml': `[provider."p"]\nmatch = [${match}]\nmax_ready = 9\n` });
  const matches = async (match: string, domain: string) =>
    (await loadSmall(provider(match), '', { mx })).egressPath(domain, 's')['provider_name'] === 'p';
  test.each([
    ['{DomainSuffix=".x.example"}', 'a.x.example', true],
    ['{DomainSuffix=".x.example"}', 'x.example', false],
    ['{DomainSuffix="x.example"}', 'notx.example', true],
    ['{DomainSuffix=""}', 'anything.test', true],
    // Literals and names with a port are no DNS names, and providers are not asked.
    ['{DomainSuffix=""}', '[10.0.0.5]', false],
    ['{MXSuffix=".live.example"}', 'hotmail.example', true],
    ['{MXSuffix=".live.example"}', 'mixed.example', false],
    ['{MXSuffix=".live.example"}', 'unknown.example', false],
    ['{MXSuffix=".live.example"},{HostName="mx.other.example"}', 'mixed.example', true],
    ['{HostName="mx1.live.example"}', 'hotmail.example', false],
  ])('%s and %s: %s', async (match, domain, expected) => {
    expect(await matches(match, domain)).toBe(expected);
  });
  test('limits of a provider are shared per source, under names of their own', async () => {
    const tree = await loadSmall({
      'shaping.toml': `
[provider."p"]
match = [{DomainSuffix=".example"}]
provider_connection_limit = 5
provider_max_message_rate = "10/s"
[provider."p".sources."s"]
provider_source_selection_rate = "50/day"
`,
    });
    expect(tree.findings).toEqual([]);
    expect(tree.egressPath('d.example', 's')).toMatchObject({
      additional_connection_limits: { 'shaping-provider-p-s-limit': 5 },
      additional_message_rate_throttles: { 'shaping-provider-p-s-rate': '10/s' },
      additional_source_selection_rates: { 'shaping-provider-p-s-selection-rate': '50/day' },
    });
  });
  test('the last matching provider of the file gives the name, also with names like numbers', async () => {
    const tree = await loadSmall({
      'shaping.toml':
        '[provider."zz"]\nmatch = [{DomainSuffix=""}]\nmax_ready = 1\n[provider."163"]\nmatch = [{DomainSuffix=".example"}]\nmax_ready = 2\n',
    });
    expect(tree.egressPath('d.example', 's')).toMatchObject({ provider_name: '163', max_ready: 2 });
  });
  test('without a match list it never applies', async () => {
    expect(codes(await loadSmall({ 'shaping.toml': '[provider."p"]\nmax_ready = 1\n' }))).toEqual([
      'tree-provider-unmatched',
    ]);
  });
});

describe('checks of shaping files', () => {
  test.each([
    ['["d.example"]\nconnection_limt = 5\n', 'tree-unknown-field', 2],
    ['["d.example"]\nconnection_limit = 5.0\n', 'tree-bad-type', 2],
    ['["d.example"]\nprovider_connection_limit = 5\n', 'tree-unknown-field', 2],
    ['[provider."p"]\nmatch = [{DomainSuffix=""}]\nmx_rollup = false\n', 'tree-unknown-field', 3],
    ['["d.example"]\nmax_message_rate = "0/h"\n', 'tree-limit-zero', 2],
    ['["webhook.log_hook"]\nconnection_limit = 5\n', 'tree-block-dropped', 1],
    ['connection_limit = 5\n', 'tree-bad-type', 1],
    ['["d.example"\n', 'tree-file-syntax', 1],
  ])('%j', async (text, code, line) => {
    const tree = await loadSmall({ 'shaping.toml': text });
    expect(tree.findings).toMatchObject([{ code, path: 'shaping.toml', line }]);
  });
  test('[gmail.com] without quotes is a table inside a table', async () => {
    const tree = await loadSmall({ 'shaping.toml': '[gmail.com]\nconnection_limit = 5\n' });
    expect(codes(tree)).toEqual(['tree-unknown-field', 'tree-single-label']);
  });
  test('two names of one site, and a null MX', async () => {
    const text =
      '["hotmail.example"]\nmax_ready = 1\n["outlook.example"]\nmax_ready = 2\n["null.example"]\nmax_ready = 3\n';
    const tree = await loadSmall({ 'shaping.toml': text }, '', { mx });
    expect(tree.findings.map(({ code, line }) => [code, line])).toEqual([
      ['tree-site-shared', 3],
      ['tree-null-mx', 5],
    ]);
    expect(tree.egressPath('hotmail.example', 's')['max_ready']).toBe(2);
  });
  test('sources that the sources helper does not know', async () => {
    const tree = await loadSmall({
      'sources.toml': '[source."a"]\n',
      'shaping.toml': '["d.example".sources."a"]\nmax_ready = 1\n["d.example".sources."b"]\nmax_ready = 1\n',
    });
    expect(codes(tree)).toEqual(['tree-source-undefined']);
    expect(tree.findings[0]?.message).toContain('source b');
  });
  test('fields newer than the target', async () => {
    const text = '["default"]\nsource_selection_rate = "5/s"\n';
    expect(codes(await loadSmall({ 'shaping.toml': text }, '', { target: '2024.11.08' }))).toEqual(['tree-too-new']);
    expect(codes(await loadSmall({ 'shaping.toml': text }, '', { target: '2025.03.19' }))).toEqual([]);
  });
});

describe('automation', () => {
  const rules = `
[["default".automation]]
regex = "(?i)slow down"
action = [ {SetConfig={name="max_message_rate", value="60/h"}}, {SetConfig={name="connection_limit", value=1}} ]
duration = "6h"
[["d.example".automation]]
regex = ['''\\[TS0[12]\\]''', 'Too many']
action = "Suspend"
duration = "2h"
`;
  test('default applies everywhere and first; a block to its site', async () => {
    const tree = await loadSmall({ 'shaping.toml': rules });
    expect(tree.findings).toEqual([]);
    expect(tree.automationFor('d.example').map((rule) => [rule.block, rule.rollup])).toEqual([
      ['default', true],
      ['d.example', true],
    ]);
    expect(tree.automationFor('x.example')).toHaveLength(1);
  });
  test('a reply fires the rules that fit it, case by case', async () => {
    const tree = await loadSmall({ 'shaping.toml': rules });
    expect(tree.matchReply('d.example', 's', '421 4.7.0 [TS01] SLOW DOWN')).toMatchObject([
      {
        actions: [
          { kind: 'SetConfig', name: 'max_message_rate', value: '60/h' },
          { kind: 'SetConfig', name: 'connection_limit', value: 1 },
        ],
        duration: 21600,
      },
      { actions: [{ kind: 'Suspend' }], duration: 7200 },
    ]);
    expect(tree.matchReply('d.example', 's', '421 too many')).toEqual([]);
    expect(tree.matchReply('d.example', 's', '421 4.4.4 KumoMTA internal: slow down')).toEqual([]);
  });
  test.each([
    [`regex = "/slow/"\naction = "Suspend"\nduration = "1h"`, 'tree-regex-slashes'],
    [`regex = "(slow"\naction = "Suspend"\nduration = "1h"`, 'tree-regex-invalid'],
    [`regex = "slow"\naction = "Suspend"`, 'tree-missing-field'],
    [`regex = "slow"\naction = "Stop"\nduration = "1h"`, 'tree-bad-value'],
    [`regex = "slow"\naction = "Suspend"\nduration = "1h"\nnote = "x"`, 'tree-swallowed-key'],
    [`regex = "slow"\naction = {SetConfig={name="connection_limit", value="1x"}}\nduration = "1h"`, 'tree-set-config'],
    [
      `regex = "slow"\naction = {SetConfig={name="provider_connection_limit", value=1}}\nduration = "1h"`,
      'tree-set-config',
    ],
    // The record of an admin bounce repeats the expression, so this one fits its own effect.
    [`regex = "blocked for abuse"\naction = "BounceTenant"\nduration = "1m"`, 'tree-endless-rule'],
  ])('%j', async (rule, code) => {
    expect(codes(await loadSmall({ 'shaping.toml': `[["default".automation]]\n${rule}\n` }))).toEqual([code]);
  });
  test('a broken literal keeps a bounce rule from fitting itself', async () => {
    const rule = `[["default".automation]]\nregex = '''(?i)bloc[k]ed for abuse'''\naction = "BounceTenant"\nduration = "1m"\n`;
    const tree = await loadSmall({ 'shaping.toml': rule });
    expect(tree.findings).toEqual([]);
    expect(tree.matchReply('d.example', 's', '550 Blocked for abuse')).toHaveLength(1);
  });
  test('an expression that backtracks without end ends all the same', async () => {
    const rule = `[["default".automation]]\nregex = '(a+)+$'\naction = "Suspend"\nduration = "1h"\n`;
    const tree = await loadSmall({ 'shaping.toml': rule });
    const before = performance.now();
    expect(tree.matchReply('d.example', 's', `421 ${'a'.repeat(60)}!`)).toEqual([]);
    expect(performance.now() - before).toBeLessThan(5000);
  });
});
