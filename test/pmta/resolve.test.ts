import { describe, expect, it } from 'vitest';
import { placeOf, textOf } from '../../src/diagnostics/span';
import { configOf } from '../support/config';

type Resolved = ReturnType<typeof configOf>;

const codes = ({ diagnostics }: Resolved) => diagnostics.list.map(({ code }) => code);

/** `code line: text the span covers`, for every diagnostic. */
const pointed = ({ diagnostics }: Resolved) =>
  diagnostics.list.map(({ code, span }) =>
    span === undefined ? code : `${code} ${placeOf(span)}: ${textOf(span).split('\n')[0]}`,
  );

/** `name outcome` of everything that was settled, in order. */
const settled = ({ ledger }: Resolved) => ledger.entries().map(({ setting, outcome }) => `${setting.name} ${outcome}`);

describe('settings', () => {
  it('makes one of every directive line and every opening tag, in reading order', () => {
    const { config } = configOf(`
postmaster ops@mail.example
<virtual-mta v1>
    smtp-source-host 192.0.2.20 m20.example.net   # first
    <domain X.test>
        max-smtp-out 1
    </domain>
    host-name v1.example.net
</virtual-mta>`);
    expect(config.settings.map(({ id, name, scope }) => [id, name, scope.kind])).toEqual([
      [0, 'postmaster', 'global'],
      [1, '<virtual-mta>', 'global'],
      [2, 'smtp-source-host', 'virtual-mta'],
      [3, '<domain>', 'virtual-mta'],
      [4, 'max-smtp-out', 'domain'],
      [5, 'host-name', 'virtual-mta'],
    ]);
    expect(config.settings[2]?.raw).toBe('192.0.2.20 m20.example.net');
    expect(config.top.blocks[0]?.settings.map(({ name }) => name)).toEqual(['smtp-source-host', 'host-name']);
    expect(config.settings[4]?.value).toEqual({ kind: 'int', value: 1 });
  });

  it('reads names in any case', () => {
    const resolved = configOf('Log-Rotate 5\n<DOMAIN x.test>\nMax-Smtp-Out 1\n</domain>');
    expect(codes(resolved)).toEqual([]);
    expect(resolved.config.settings.map(({ name }) => name)).toEqual(['log-rotate', '<domain>', 'max-smtp-out']);
  });

  it('reads includes in place, inside the scope around them', () => {
    const { config } = configOf({
      config: 'host-name a.example.net\n<virtual-mta news>\ninclude keys.txt\nmax-smtp-out 2\n</virtual-mta>',
      'keys.txt': 'domain-key s,example.net,/s.pem\n',
    });
    expect(config.settings.map(({ name, scope }) => [name, scope.argument])).toEqual([
      ['host-name', ''],
      ['<virtual-mta>', ''],
      ['include', 'news'],
      ['domain-key', 'news'],
      ['max-smtp-out', 'news'],
    ]);
  });

  it('gives a nested pattern-list to the line that opens it', () => {
    const { config } = configOf(`
<pattern-list choose>
    mail-from /@news\\.test/ <pattern-list>
        rcpt-to /@slow\\.test/ virtual-mta=v1
    </pattern-list>
    rcpt-to /x/ virtual-mta=v1
</pattern-list>
<virtual-mta v1>
</virtual-mta>`);
    const list = config.named.get('pattern-list')?.get('choose')?.[0];
    expect(list?.settings.map(({ name }) => name)).toEqual(['mail-from', 'rcpt-to']);
    expect(list?.settings[0]?.nested?.settings.map(({ raw }) => raw)).toEqual(['/@slow\\.test/ virtual-mta=v1']);
    expect(list?.settings[0]?.nested?.tag).toMatchObject({ name: '<pattern-list>' });
    expect(config.settings).toHaveLength(6);
  });

  it('finds lines that begin with a pattern', () => {
    const resolved = configOf('<bounce-category-patterns>\n/no such user/ bad-mailbox\n</bounce-category-patterns>');
    expect(codes(resolved)).toEqual([]);
    expect(resolved.config.settings[1]).toMatchObject({ name: '', value: { kind: 'category-pattern' } });
  });

  it('names further blocks by tag and lower-cased argument; paths and users keep their case', () => {
    const { config } = configOf(`
<smtp-pattern-list Limits>
    reply /x/ mode=backoff
</smtp-pattern-list>
<acct-file /var/log/A.csv>
    records d
</acct-file>
<acct-file /var/log/a.csv>
    records b
</acct-file>`);
    expect([...(config.named.get('smtp-pattern-list')?.keys() ?? [])]).toEqual(['limits']);
    expect([...(config.named.get('acct-file')?.keys() ?? [])]).toEqual(['/var/log/A.csv', '/var/log/a.csv']);
  });
});

describe('faults', () => {
  it('reports an unknown directive at its name, with what may be meant', () => {
    const resolved = configOf('<domain x.test>\n  max-smpt-out 3\n</domain>');
    expect(pointed(resolved)).toEqual(['directive-unknown config:2: max-smpt-out']);
    expect(resolved.diagnostics.list[0]?.help).toContain('max-smtp-out');
    expect(settled(resolved)).toEqual(['max-smpt-out unknown']);
  });

  it('reports an unknown tag once and settles all it holds', () => {
    const resolved = configOf(`
<virtual-mat v1>
    nonsense 1
    <domain x.test>
        max-smtp-out 3
    </domain>
</virtual-mat>
run-as-root no`);
    expect(pointed(resolved)).toEqual(['directive-unknown config:2: virtual-mat']);
    expect(resolved.diagnostics.list[0]?.help).toContain('<virtual-mta>');
    expect(settled(resolved)).toEqual([
      '<virtual-mat> unknown',
      'nonsense unknown',
      '<domain> unknown',
      'max-smtp-out unknown',
    ]);
    expect(resolved.config.top.blocks).toEqual([]);
  });

  it('reports each directive in a wrong scope, and says where it belongs', () => {
    const resolved = configOf('max-msg-rate 5/h\n<source 0/0>\nmax-msg-rate 5/h\nlog-data yes\n</source>');
    expect(pointed(resolved)).toEqual([
      'directive-misplaced config:1: max-msg-rate',
      'directive-misplaced config:3: max-msg-rate',
    ]);
    expect(resolved.diagnostics.list[1]?.message).toContain('<domain>');
    expect(settled(resolved)).toEqual(['max-msg-rate invalid', 'max-msg-rate invalid']);
    expect(resolved.config.settings[0]?.value).toBeUndefined();
  });

  it('settles what stands in a misplaced tag as unknown', () => {
    const resolved = configOf('<source 0/0>\n<virtual-mta v>\nhost-name a.test\n</virtual-mta>\n</source>');
    expect(codes(resolved)).toEqual(['directive-misplaced']);
    expect(settled(resolved)).toEqual(['<virtual-mta> invalid', 'host-name unknown']);
    expect(resolved.config.virtualMtas.has('v')).toBe(false);
  });

  it('points at the wrong part of a value', () => {
    const resolved = configOf('<domain x.test>\nretry-after 10m,1x,2h # comment\n</domain>');
    expect(codes(resolved)).toEqual(['value-invalid']);
    const [{ span } = {}] = resolved.diagnostics.list;
    expect(span === undefined ? '' : textOf(span)).toContain('1x');
    expect(settled(resolved)).toEqual(['retry-after invalid']);
  });

  it('wants a name where a tag needs one', () => {
    const resolved = configOf('<virtual-mta>\nhost-name a.test\n</virtual-mta>');
    expect(codes(resolved)).toEqual(['tag-argument-missing']);
    expect(settled(resolved)).toEqual(['<virtual-mta> invalid', 'host-name invalid']);
  });

  it('never shows a secret', () => {
    const resolved = configOf(`
password hunter2one
auth-password=hunter2two
<domain x.test>
    smtp-client-certificate
    password "hunter2three
</domain>
<smtp-usr a>
    password hunter2four
</smtp-usr>
<domain x.test>
    privacy-policy hunter2five
</domain>
<acct-file |/bin/feed --password=hunter2six>
</acct-file>
<acct-file |/bin/feed --password=hunter2six>
</acct-file>`);
    const said = resolved.diagnostics.list.flatMap(({ message, help, related }) => [
      message,
      help,
      ...related.map((r) => r.message),
    ]);
    const notes = resolved.ledger.entries().flatMap((entry) => entry.notes);
    expect(said.length).toBeGreaterThan(3);
    expect([...said, ...notes].join('\n')).not.toContain('hunter2');
    const secrets = resolved.config.settings.filter(({ name }) => name === 'password');
    expect(secrets.map(({ row }) => row?.value)).toEqual(['secret', 'secret', 'secret']);
  });
});

describe('macros', () => {
  it('expands two macros in one argument, and a macro that is all of it', () => {
    const { config } = configOf(`
domain-macro brand alpha, beta
domain-macro tld com, net
domain-macro isp isp-one.test,isp-two.test
<domain $brand.$tld>
    queue-to "brands.queue"
</domain>
<domain $isp>
    max-rcpt-per-message 10
</domain>`);
    const names = config.domains.blocks.map(({ patterns }) =>
      patterns.map((pattern) => (pattern.form === 'name' ? pattern.name : pattern.form)),
    );
    expect(names).toEqual([
      ['alpha.com', 'alpha.net', 'beta.com', 'beta.net'],
      ['isp-one.test', 'isp-two.test'],
    ]);
    expect(config.domains.blocks[0]?.macros).toEqual(['brand', 'tld']);
    expect(config.macros.get('isp')).toMatchObject({ name: 'isp', values: ['isp-one.test', 'isp-two.test'] });
  });

  it('expands a macro that begins with dots, used before its definition', () => {
    const { config } = configOf('<domain acme$sfx>\ntype discard\n</domain>\ndomain-macro sfx .com,.org');
    expect(config.domains.blocks[0]?.patterns).toEqual([
      { form: 'name', name: 'acme.com' },
      { form: 'name', name: 'acme.org' },
    ]);
  });

  it('takes the list from the next line', () => {
    const resolved = configOf('domain-macro small\nfour.test,five.test\nlog-rotate 5');
    expect(pointed(resolved)).toEqual(['macro-list-next-line config:2: four.test,five.test']);
    expect(resolved.config.macros.get('small')?.values).toEqual(['four.test', 'five.test']);
    expect(resolved.config.settings.map(({ name }) => name)).toEqual(['domain-macro', 'log-rotate']);
  });

  it('does not take a directive for a list', () => {
    const resolved = configOf('domain-macro small\nlog-rotate 5');
    expect(codes(resolved)).toEqual(['value-invalid']);
    expect(resolved.config.settings).toHaveLength(2);
  });

  it('reports a loop once, with its chain', () => {
    const resolved = configOf('domain-macro a $b\ndomain-macro b $a\n<domain $a>\nmax-smtp-out 1\n</domain>');
    expect(codes(resolved)).toEqual(['macro-loop']);
    expect(resolved.diagnostics.list[0]?.message).toContain('$a -> $b -> $a');
    expect(settled(resolved)).toEqual([
      'domain-macro invalid',
      'domain-macro invalid',
      '<domain> invalid',
      'max-smtp-out invalid',
    ]);
  });

  it('reports an undefined macro, with what may be meant', () => {
    const resolved = configOf('domain-macro yahoo yahoo.com\n<domain $yaho>\nmax-smtp-out 1\n</domain>');
    expect(pointed(resolved)).toEqual(['macro-undefined config:2: $yaho']);
    expect(resolved.diagnostics.list[0]?.help).toContain('$yahoo');
    expect(resolved.config.domains.blocks).toEqual([]);
    expect(settled(resolved)).toEqual(['<domain> invalid', 'max-smtp-out invalid']);
  });

  it('takes the last definition, and says so; the main file overrides config-defaults in silence', () => {
    const resolved = configOf({
      config: 'domain-macro m a.test\ndomain-macro M b.test',
      'config-defaults': 'domain-macro m c.test',
    });
    expect(codes(resolved)).toEqual(['macro-repeated']);
    expect(resolved.config.macros.get('m')).toMatchObject({ name: 'M', values: ['b.test'] });
  });

  it('refuses a product beyond all measure', () => {
    const values = Array.from({ length: 50 }, (_, i) => `v${i}`).join(',');
    const resolved = configOf(`domain-macro m ${values}\n<domain $m.$m.$m>\nmax-smtp-out 1\n</domain>`);
    expect(codes(resolved)).toEqual(['macro-too-large']);
  });
});

describe('domain patterns', () => {
  it('refuses a malformed one with all it holds', () => {
    const resolved = configOf('<domain *.*.test>\nmax-smtp-out 1\nnonsense 2\n</domain>');
    expect(codes(resolved)).toEqual(['directive-unknown', 'domain-pattern-invalid']);
    expect(settled(resolved)).toEqual(['<domain> invalid', 'max-smtp-out invalid', 'nonsense unknown']);
    expect(resolved.config.top.blocks).toEqual([]);
  });
});

describe('repeats', () => {
  it('reports a scalar that is set again to something else', () => {
    const resolved = configOf('<domain x.test>\nmax-smtp-out 2\nmax-smtp-out 2\nmax-smtp-out 20\n</domain>');
    expect(pointed(resolved)).toEqual(['directive-repeated config:4: max-smtp-out 20']);
    const [{ related } = { related: [] }] = resolved.diagnostics.list;
    expect(related.map(({ span }) => placeOf(span))).toEqual(['config:2']);
  });

  it('lets directives that add up repeat', () => {
    expect(codes(configOf('name-server 192.0.2.53\nname-server 192.0.2.54'))).toEqual([]);
  });

  it('merges blocks of one name, and says so once for each further one', () => {
    const resolved = configOf(`
<virtual-mta V1>
    host-name a.test
</virtual-mta>
<virtual-mta v1>
    max-smtp-out 3
    <domain x.test>
        max-smtp-out 1
    </domain>
    <domain X.test>
        retry-after 1m
    </domain>
</virtual-mta>
<virtual-mta v2>
    <domain x.test>
        max-smtp-out 1
    </domain>
</virtual-mta>`);
    expect(pointed(resolved)).toEqual([
      'block-repeated config:5: <virtual-mta v1>',
      'block-repeated config:10: <domain X.test>',
    ]);
    expect(resolved.config.virtualMtas.get('v1')).toMatchObject({ name: 'V1' });
    expect(resolved.config.virtualMtas.get('v1')?.blocks).toHaveLength(2);
  });
});

describe('virtual-mtas and pools', () => {
  const pools = (domains: string) => `
<virtual-mta v1>
</virtual-mta>
<virtual-mta-pool p1>
    virtual-mta V1
    <domain *>
        max-smtp-out 5
    </domain>
</virtual-mta-pool>
<virtual-mta-pool p2>
    virtual-mta v1
    ${domains}
</virtual-mta-pool>`;

  it('joins members and pools in any case', () => {
    const resolved = configOf(pools(''));
    expect(codes(resolved)).toEqual([]);
    const vmta = resolved.config.virtualMtas.get('v1');
    expect(vmta?.pools.map(({ name }) => name)).toEqual(['p1', 'p2']);
    expect(vmta?.domainPool?.name).toBe('p1');
    expect(resolved.config.pools.get('p1')?.members.map(({ name }) => name)).toEqual(['V1']);
  });

  it('refuses a virtual-mta in two pools that have <domain> blocks', () => {
    const resolved = configOf(pools('<domain *>\nmax-smtp-out 6\n</domain>'));
    expect(pointed(resolved)).toEqual(['pool-domains-conflict config:11: virtual-mta v1']);
  });

  it('always has {default}', () => {
    expect(configOf('').config.virtualMtas.get('{default}')).toMatchObject({ name: '{default}', blocks: [] });
    const declared = configOf('<virtual-mta {default}>\nhost-name d.test\n</virtual-mta>');
    expect(declared.config.virtualMtas.get('{default}')?.blocks).toHaveLength(1);
  });

  it('has one name space for both', () => {
    const resolved = configOf(
      '<virtual-mta x>\n</virtual-mta>\n<virtual-mta-pool X>\nvirtual-mta x\n</virtual-mta-pool>',
    );
    expect(pointed(resolved)).toEqual(['name-clash config:3: X']);
  });

  it('warns of members that are not defined, and keeps them', () => {
    const resolved = configOf(
      '<virtual-mta mta-x1>\n</virtual-mta>\n<virtual-mta-pool p>\nvirtual-mta mta-1\n</virtual-mta-pool>',
    );
    expect(pointed(resolved)).toEqual(['member-undefined config:4: virtual-mta mta-1']);
    expect(resolved.diagnostics.list[0]?.help).toContain('did you mean mta-x1?');
    expect(resolved.config.pools.get('p')?.members).toHaveLength(1);
  });
});

describe('references', () => {
  it.each([
    [
      '<domain *>\nsmtp-pattern-list limit\n</domain>\n<smtp-pattern-list limits>\nreply /x/ mode=backoff\n</smtp-pattern-list>',
      'limits',
    ],
    ['<source 0/0>\ndefault-virtual-mta vmtaa\n</source>\n<virtual-mta vmtab>\n</virtual-mta>', 'vmtab'],
    ['<source 0/0>\npattern-list chose\n</source>\n<pattern-list choose>\n</pattern-list>', 'choose'],
    ['<smtp-user u>\npassword x\nsource {auht}\n</smtp-user>\n<source {auth}>\nlog-data yes\n</source>', '{auth}'],
    ['<domain *>\nbackoff-reroute-to-virtual-mta spar\n</domain>\n<virtual-mta spare>\n</virtual-mta>', 'spare'],
    ['<pattern-list l>\nrcpt-to /x/ virtual-mta=spar\n</pattern-list>\n<virtual-mta spare>\n</virtual-mta>', 'spare'],
    ['<pattern-list l>\nrcpt-to /x/ call-to:inne\n</pattern-list>\n<pattern-list inner>\n</pattern-list>', 'inner'],
    ['<source 0/0>\nsuppression-lists gon\n</source>\n<address-list gone>\n</address-list>', 'gone'],
    ['<source 0/0>\nrewrite-list rewrit\n</source>\n<rewrite-list rewrite>\n</rewrite-list>', 'rewrite'],
    ['<virtual-mta v>\nuse-proxy prox\n</virtual-mta>\n<proxy proxy>\n</proxy>', 'proxy'],
    ['<virtual-mta v>\ncold-virtual-mta fres\n</virtual-mta>\n<virtual-mta fresh>\n</virtual-mta>', 'fresh'],
    ['smtp-listener 0/0:2525 source=feeder\n<source feeders>\nlog-data yes\n</source>', 'feeders'],
  ])('warns of a name that nothing defines: %j', (text, meant) => {
    const resolved = configOf(text);
    expect(codes(resolved)).toEqual(['reference-undefined']);
    expect(resolved.diagnostics.list[0]?.help).toContain(`did you mean ${meant}?`);
  });

  it('is content with names in any case, pools, and words that are no names', () => {
    const resolved = configOf(`
<virtual-mta v1>
</virtual-mta>
<virtual-mta-pool Pool-A>
    virtual-mta v1
</virtual-mta-pool>
<source 0/0>
    default-virtual-mta pool-a
</source>
<source 10/8>
    default-virtual-mta by-smtp-source-ip
</source>
<domain *>
    backoff-reroute-to-virtual-mta V1
</domain>
<domain x.test>
    smtp-pattern-list ""
</domain>`);
    expect(codes(resolved)).toEqual([]);
  });
});

describe('hostile input', () => {
  it('takes names of Object.prototype for names', () => {
    const resolved = configOf(
      'constructor x\n<constructor y>\n__proto__ z\n</constructor>\n<domain __proto__>\nmax-smtp-out 1\n</domain>',
    );
    expect(codes(resolved)).toEqual(['directive-unknown', 'directive-unknown']);
    expect(resolved.config.domains.blocks).toHaveLength(1);
  });
});
