import { describe, expect, it } from 'vitest';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import { convertText } from '../support/converted';
import { askTree, codesOf, mailWith, notesOf, outcomesOf, secondsOf } from '../support/tree';

const domain = (name: string, ...lines: string[]) => `<domain ${name}>\n  ${lines.join('\n  ')}\n</domain>\n`;
const vmta = (name: string, inside = '', last = '1') =>
  `<virtual-mta ${name}>\n  smtp-source-host 192.0.2.${last} ${name}.example.net\n${inside}</virtual-mta>\n`;

const path = (tree: LoadedTree, name: string, source = '{default}') => tree.egressPath(name, source);
const limits = (tree: LoadedTree, names: readonly string[], source?: string) =>
  names.map((name) => path(tree, name, source)['connection_limit']);
const rates = (tree: LoadedTree, names: readonly string[], source?: string) =>
  names.map((name) => path(tree, name, source)['max_message_rate']);

describe('defaults (M5 3.3.10)', () => {
  it('are PowerMTA’s, not KumoMTA’s', () =>
    askTree('postmaster ops@example.net\n', (tree) => {
      const found = path(tree, 'd.test');
      expect(found['connection_limit']).toBe(20);
      // 0 is no limit; KumoMTA's own would be 1024.
      expect(found['max_deliveries_per_connection']).toBe(1_000_000);
      expect(found['consecutive_connection_failures_before_delay']).toBe(10);
      const times = ['connect_timeout', 'banner_timeout', 'data_timeout', 'data_dot_timeout', 'idle_timeout'];
      expect(times.map((name) => secondsOf(found[name]))).toEqual([120, 300, 180, 600, 60]);
      expect(found['max_message_rate']).toBeUndefined();
      expect(found['max_connection_rate']).toBeUndefined();
    }));

  it('do not call the floor of idle_timeout PowerMTA’s default, which is 0 (M5 3.3.10.81)', () => {
    const shaping = convertText('postmaster ops@example.net\n').files.get('shaping.toml');
    expect(shaping).toMatch(/^idle_timeout = "60s" # at least this for rate limits$/m);
    expect(shaping).toMatch(/^connection_limit = 20 # PowerMTA default$/m);
  });

  it('are left to KumoMTA when asked for', () =>
    askTree(
      domain('*', 'max-smtp-out 7'),
      (tree) => {
        const written = Object.keys(path(tree, 'd.test'));
        expect(written).toContain('connection_limit');
        for (const name of ['connect_timeout', 'enable_tls', 'idle_timeout', 'max_deliveries_per_connection'])
          expect(written).not.toContain(name);
      },
      { pmtaDefaults: 'skip' },
    ));

  it('of an older release are only what it knows', () =>
    askTree(
      domain('*', 'use-starttls yes', 'max-smtp-out 7'),
      (tree) => {
        expect(path(tree, 'd.test')).toMatchObject({ enable_tls: 'OpportunisticInsecure', connection_limit: 7 });
        // Since 2025.01.23; a finding of the tree would fail the test, too.
        expect(path(tree, 'd.test')['opportunistic_tls_reconnect_on_failed_handshake']).toBeUndefined();
      },
      { target: '2024.11.08' },
    ));
});

describe('the domain that counts (M5 3.3.10)', () => {
  it('exact name, longer suffix, shorter suffix, *; merged directive by directive', () =>
    askTree(
      domain('*', 'max-smtp-out 20', 'max-msg-rate 1/s') +
        domain('[*.]x.test', 'max-smtp-out 8') +
        domain('*.a.x.test', 'max-smtp-out 6') +
        domain('b.a.x.test', 'max-smtp-out 4'),
      (tree) => {
        const names = [
          'd.test',
          'x.test',
          'y.x.test',
          'a.x.test',
          'y.a.x.test',
          'b.a.x.test',
          'c.b.a.x.test',
          'notx.test',
        ];
        expect(limits(tree, names)).toEqual([20, 8, 8, 8, 6, 4, 6, 20]);
        expect(new Set(rates(tree, names))).toEqual(new Set(['1/s']));
      },
    ));

  it('both wildcard forms of one name merge below it (M5 3.3.10, example of the guide)', () =>
    askTree(
      domain('*.p.test', 'max-smtp-out 3') +
        domain('[*.]p.test', 'max-msg-rate 2/s', 'max-smtp-out 9') +
        domain('q.p.test', 'max-msg-rate 4/s'),
      (tree) => {
        expect(limits(tree, ['p.test', 'z.p.test', 'q.p.test'])).toEqual([9, 3, 3]);
        expect(rates(tree, ['p.test', 'z.p.test', 'q.p.test'])).toEqual(['2/s', '2/s', '4/s']);
      },
    ));

  it('the order in the file does not count', () =>
    askTree(
      domain('b.a.x.test', 'max-smtp-out 4') +
        domain('*.a.x.test', 'max-smtp-out 6') +
        domain('*.x.test', 'max-smtp-out 8') +
        domain('*', 'max-smtp-out 10'),
      (tree) => expect(limits(tree, ['b.a.x.test', 'y.a.x.test', 'y.x.test', 'd.test'])).toEqual([4, 6, 8, 10]),
    ));

  it('macros stand for their values; an explicit name beats a macro', () =>
    askTree(
      `domain-macro cc com, co.uk, $west\ndomain-macro west fr,de\n${domain('mailhost.$cc', 'max-smtp-out 3')}${domain('mailhost.fr', 'max-smtp-out 9')}`,
      (tree) => {
        const names = ['com', 'co.uk', 'de', 'fr', 'it'].map((cc) => `mailhost.${cc}`);
        expect(limits(tree, names)).toEqual([3, 3, 3, 9, 20]);
      },
    ));
});

describe('the scope that counts (M5 3.3.13.2)', () => {
  it('virtual-mta beats pool beats global, each by the most special block', () =>
    askTree(
      domain('a.test', 'max-smtp-out 1') +
        domain('b.test', 'max-smtp-out 2', 'max-msg-rate 1/s') +
        vmta('v', domain('a.test', 'max-smtp-out 11')) +
        vmta('w', domain('*', 'max-smtp-out 13'), '2') +
        vmta('x', '', '3') +
        `<virtual-mta-pool p>\n  virtual-mta v\n  virtual-mta w\n${domain('*', 'max-smtp-out 7')}${domain('b.test', 'max-smtp-out 8')}</virtual-mta-pool>\n`,
      (tree) => {
        const names = ['a.test', 'b.test', 'd.test'];
        expect(limits(tree, names, 'v')).toEqual([11, 8, 7]);
        expect(limits(tree, names, 'w')).toEqual([13, 13, 13]);
        expect(limits(tree, names, 'x')).toEqual([1, 2, 20]);
        // Nothing around says anything about the rate.
        for (const source of ['v', 'w', 'x']) expect(rates(tree, names, source)).toEqual([undefined, '1/s', undefined]);
      },
    ));

  it('a wildcard of the virtual-mta beats a global name below it', () =>
    askTree(
      domain('a.x.test', 'max-smtp-out 1') +
        domain('*.x.test', 'max-smtp-out 2') +
        vmta('v', domain('[*.]x.test', 'max-smtp-out 9')),
      (tree) => {
        const names = ['x.test', 'a.x.test', 'b.x.test', 'd.test'];
        expect(limits(tree, names, 'v')).toEqual([9, 9, 9, 20]);
        expect(limits(tree, names)).toEqual([20, 1, 2, 20]);
      },
    ));

  it('a name of the virtual-mta stays a name beside its own *', () =>
    askTree(
      domain('b.test', 'max-msg-rate 5/s') +
        vmta('v', domain('*', 'max-msg-rate 9000/h') + domain('a.test', 'max-msg-rate 600/h')),
      (tree) => {
        expect(rates(tree, ['a.test', 'b.test', 'd.test'], 'v')).toEqual([
          '600/h,max_burst=10',
          '9000/h,max_burst=150',
          '9000/h,max_burst=150',
        ]);
      },
    ));

  it('holds for domains of one site as well', () =>
    askTree(
      domain('gmail.com', 'max-smtp-out 5') + vmta('v', domain('*', 'max-smtp-out 50')) + vmta('w', '', '2'),
      (tree) => {
        expect(limits(tree, ['gmail.com'], 'v')).toEqual([50]);
        expect(limits(tree, ['gmail.com'], 'w')).toEqual([5]);
      },
    ));

  it('a virtual-mta without addresses of its own shares none of its limits with another', () =>
    askTree(
      `smtp-source-host 192.0.2.9 all.example.net\n<virtual-mta v>\n${domain('*', 'max-smtp-out 2')}</virtual-mta>\n<virtual-mta w>\n${domain('*', 'max-smtp-out 3')}</virtual-mta>\n`,
      (tree) => expect([limits(tree, ['d.test'], 'v'), limits(tree, ['d.test'], 'w')]).toEqual([[2], [3]]),
    ));
});

describe('rates (M5 3.3.10.33; throttle semantics, design section 17)', () => {
  const rate = (text: string, target: string) => {
    const found: unknown[] = [];
    return askTree(domain('*', `max-msg-rate ${text}`), (tree) => void found.push(...rates(tree, ['d.test'])), {
      target,
    }).then(() => found[0]);
  };

  it.each([
    // Up to a minute: no burst. Above: one minute's quota, rounded up, at least 1.
    ['10/s', '10/s', '10/s'],
    ['5000/min', '5000/min', '5000/min'],
    ['600/h', '600/h,max_burst=10', '600/h'],
    ['100/hr', '100/h,max_burst=2', '100/h'],
    ['1000/day', '1000/d,max_burst=1', '1000/d'],
    // 100 in 15 minutes: 6.67 a minute; 400 an hour.
    ['100/15m', '100/15m,max_burst=7', '400/h'],
    // 1 in 7 minutes: 205.7 a day, rounded down.
    ['1/7m', '1/7m,max_burst=1', '205/d'],
    // 30 in 10 seconds is 180 a minute.
    ['30/10s', '30/10s', '180/min'],
  ])('%s is %s, or %s for an old release', async (text, modern, old) => {
    expect(await rate(text, '2026.06.23')).toBe(modern);
    expect(await rate(text, '2024.11.08')).toBe(old);
  });

  it('no limit over a limit is a high one, for connections too', () =>
    askTree(
      domain('*', 'max-msg-rate 100/h', 'max-connect-rate 1/m', 'max-msg-per-connection 10') +
        domain('big.test', 'max-msg-rate unlimited', 'max-connect-rate unlimited', 'max-msg-per-connection 0'),
      (tree) => {
        expect(path(tree, 'big.test')).toMatchObject({
          max_message_rate: '1000000/s',
          max_connection_rate: '1000000/s',
          max_deliveries_per_connection: 1_000_000,
        });
        expect(path(tree, 'd.test')).toMatchObject({
          max_message_rate: '100/h,max_burst=2',
          max_connection_rate: '1/min',
          max_deliveries_per_connection: 10,
        });
      },
    ));

  it('no limit where none is around it is nothing', () =>
    askTree(domain('*', 'max-msg-rate unlimited') + domain('a.test', 'max-connect-rate 0'), (tree) => {
      expect(path(tree, 'a.test')['max_message_rate']).toBeUndefined();
      expect(path(tree, 'a.test')['max_connection_rate']).toBeUndefined();
    }));

  it('the stricter of max-connect-rate and the ramp-up counts', () =>
    askTree(
      domain('a.test', 'max-connect-rate 30/m', 'smtp-out-rampup-interval 10s') +
        domain('b.test', 'max-connect-rate 3/m', 'smtp-out-rampup-interval 10s'),
      (tree) => {
        // One in ten seconds is six a minute.
        expect(path(tree, 'a.test')['max_connection_rate']).toBe('1/10s');
        expect(path(tree, 'b.test')['max_connection_rate']).toBe('3/min');
      },
    ));

  it('a slow rate keeps its connections open long enough', () =>
    askTree(domain('slow.test', 'max-msg-rate 20/h'), (tree) => {
      // A message in 180 seconds: waiting longer than the time-out would empty the ready queue.
      expect(secondsOf(path(tree, 'slow.test')['idle_timeout'])).toBeGreaterThanOrEqual(180);
      expect(secondsOf(path(tree, 'd.test')['idle_timeout'])).toBe(60);
    }));

  it('the old max-msg-per-hour is a rate', () =>
    askTree(domain('*', 'max-msg-per-hour 600'), (tree) =>
      expect(rates(tree, ['d.test'])).toEqual(['600/h,max_burst=10']),
    ));
});

describe('limits of several addresses and of several queues (M5 3.3.1.1, 3.3.12)', () => {
  const two = (inside = '') =>
    `<virtual-mta v>\n  smtp-source-host 192.0.2.1 a.example.net\n  smtp-source-host 192.0.2.2 b.example.net\n${inside}</virtual-mta>\n`;
  const sources = ['v#192.0.2.1', 'v#192.0.2.2'];

  it('the queue’s limits are counted once for both addresses, per site', () =>
    askTree(two(domain('*', 'max-smtp-out 6', 'max-msg-rate 600/h')), (tree) => {
      for (const name of ['d.test', 'gmail.com']) {
        const keys = sources.map((source) => {
          const found = path(tree, name, source);
          expect(found['connection_limit']).toBe(6);
          expect(Object.values(found['additional_connection_limits'] ?? {})).toEqual([6]);
          expect(Object.values(found['additional_message_rate_throttles'] ?? {})).toEqual(['600/h,max_burst=10']);
          return Object.keys(found['additional_connection_limits'] ?? {})[0];
        });
        expect(new Set(keys).size).toBe(1);
        expect(keys[0]).toContain(tree.siteOf(name));
      }
    }));

  it('another virtual-mta has counters of its own', () =>
    askTree(two(domain('*', 'max-smtp-out 6')) + vmta('w', domain('*', 'max-smtp-out 6'), '3'), (tree) => {
      expect(path(tree, 'd.test', 'w')['additional_connection_limits']).toBeUndefined();
      expect(path(tree, 'd.test', 'w')['connection_limit']).toBe(6);
    }));

  it('a ceiling of the virtual-mta joins the limit of each queue, and no domain lifts it', () =>
    askTree(domain('d.test', 'max-smtp-out 500') + two('  max-smtp-out 200\n  max-smtp-msg-rate 50000/h\n'), (tree) => {
      for (const name of ['d.test', 'other.test']) {
        for (const source of sources) {
          const found = path(tree, name, source);
          expect(found['additional_connection_limits']).toMatchObject({ 'pmta-vmta:v': 200 });
          expect(found['additional_message_rate_throttles']).toMatchObject({ 'pmta-vmta:v': '50000/h,max_burst=834' });
        }
      }
      expect(limits(tree, ['d.test', 'other.test'], sources[0])).toEqual([500, 20]);
    }));

  it('the ceiling of the server holds beside that of a virtual-mta', () =>
    askTree(
      `total-max-smtp-out 1200\n${domain('d.test', 'max-smtp-out 5')}${vmta('v', '  max-smtp-out 200\n')}`,
      (tree) => {
        for (const name of ['d.test', 'other.test']) {
          expect(path(tree, name, 'v')['additional_connection_limits']).toEqual({
            'pmta:total-out': 1200,
            'pmta-vmta:v': 200,
          });
          expect(path(tree, name)['additional_connection_limits']).toEqual({ 'pmta:total-out': 1200 });
        }
      },
    ));

  it('a pool’s ceiling is one of each member, which its own replaces', () =>
    askTree(
      `${vmta('v')}${vmta('w', '  max-smtp-out 30\n', '2')}<virtual-mta-pool p>\n  virtual-mta v\n  virtual-mta w\n  max-smtp-out 40\n</virtual-mta-pool>\n`,
      (tree) => {
        expect(path(tree, 'd.test', 'v')['additional_connection_limits']).toEqual({ 'pmta-vmta:v': 40 });
        expect(path(tree, 'd.test', 'w')['additional_connection_limits']).toEqual({ 'pmta-vmta:w': 30 });
      },
    ));
});

describe('TLS (M5 3.3.10.94)', () => {
  it.each([
    ['use-starttls yes', 'OpportunisticInsecure'],
    ['use-starttls no', 'Disabled'],
    ['use-starttls yes\n  require-starttls yes', 'RequiredInsecure'],
    ['require-starttls yes', 'RequiredInsecure'],
    ['require-starttls no', 'OpportunisticInsecure'],
    ['smtp-tls-ca-file /etc/pmta/ca.pem', 'Opportunistic'],
    ['require-starttls yes\n  smtp-tls-ca-file /etc/pmta/ca.pem', 'Required'],
    ['smtp-tls-ca-file ""', 'OpportunisticInsecure'],
  ])('%s: %s', (lines, level) =>
    askTree(domain('a.test', lines), (tree) => {
      expect(path(tree, 'a.test')['enable_tls']).toBe(level);
      expect(path(tree, 'd.test')['enable_tls']).toBe('OpportunisticInsecure');
    }),
  );

  it('one part set for all and the other for one domain are one level there', () =>
    askTree(
      domain('*', 'use-starttls no') +
        domain('a.test', 'use-starttls yes') +
        domain('b.test', 'use-starttls yes', 'require-starttls yes'),
      (tree) => {
        expect(['d.test', 'a.test', 'b.test'].map((name) => path(tree, name)['enable_tls'])).toEqual([
          'Disabled',
          'OpportunisticInsecure',
          'RequiredInsecure',
        ]);
      },
    ));

  it('DANE and MTA-STS only where they are asked for', () =>
    askTree(domain('a.test', 'use-mta-sts yes', 'use-dane yes'), (tree) => {
      expect(path(tree, 'a.test')).toMatchObject({ enable_mta_sts: true, enable_dane: true });
      expect(path(tree, 'd.test')['enable_mta_sts']).toBe(false);
      expect(path(tree, 'd.test')['enable_dane']).toBeUndefined();
    }));
});

describe('what only newer releases can do', () => {
  it('is not written for older ones, and said so', async () => {
    const input = domain('*', 'smtp-421-means-mx-unavailable yes', 'ignore-pipelining yes');
    await askTree(input, (tree) =>
      expect(path(tree, 'd.test')).toMatchObject({ try_next_host_on_transport_error: true, enable_pipelining: false }),
    );
    await askTree(
      input,
      (tree, converted) => {
        expect(path(tree, 'd.test')['try_next_host_on_transport_error']).toBeUndefined();
        expect(outcomesOf(converted, 'smtp-421-means-mx-unavailable')).toEqual(['unsupported']);
        expect(outcomesOf(converted, 'ignore-pipelining')).toEqual(['unsupported']);
      },
      { target: '2024.11.08' },
    );
  });
});

describe('queues moved elsewhere (M5 10.9)', () => {
  it('a chain of queue-to ends in its last queue; a loop leaves mail where it is', () =>
    askTree(
      '<source 10/8>\n  always-allow-relaying yes\n</source>\n' +
        domain('a.test', 'queue-to one.queue') +
        domain('one.queue', 'queue-to two.queue') +
        domain('two.queue', 'smtp-hosts [192.0.2.99]', 'max-smtp-out 3') +
        domain('x.test', 'queue-to y.test') +
        domain('y.test', 'queue-to x.test'),
      (tree) => {
        const queue = (name: string) => tree.message(mailWith([], { recipient: `you@${name}` })).queue;
        expect(queue('a.test')).toBe('{default}@two.queue');
        expect(limits(tree, ['two.queue'])).toEqual([3]);
        expect(queue('x.test')).toBe('{default}@x.test');
      },
    ));

  it('limits of equal sites that differ are said, and the stricter kept, also per virtual-mta', () =>
    askTree(
      vmta('v', domain('gmail.com', 'max-msg-rate 600/h') + domain('googlemail.com', 'max-msg-rate 5/m')),
      (tree, converted) => {
        expect(codesOf(converted)).toContain('mx-site-differs');
        // Five a minute are 300 an hour.
        expect(rates(tree, ['gmail.com', 'googlemail.com'], 'v')).toEqual(['5/min', '5/min']);
      },
    ));
});

describe.each(['default', 'provider'])('a domain called %s', (name) => {
  const lists = '<smtp-pattern-list p>\n  reply /slow/ mode=backoff\n</smtp-pattern-list>\n';
  const lost = ['max-smtp-out 3', 'retry-after 5m', 'dkim-sign no', 'smtp-pattern-list p', 'backoff-max-msg-rate 9/h'];
  const config = lists + domain(name, ...lost) + domain(`[*.]${name}`, 'max-smtp-out 4');

  it('is told and left to a person, since the word is a key of KumoMTA’s files', () =>
    askTree(config, (tree, converted) => {
      expect(codesOf(converted)).toEqual(['domain-name-taken']);
      const outcomes = lost.map((line) => outcomesOf(converted, line.split(' ')[0] ?? '')[0]);
      expect(outcomes).toEqual(lost.map(() => 'manual'));
      expect(outcomesOf(converted, '<domain>')[0]).toBe('manual');
      // Only the name itself is lost: [*.] also stands for its subdomains, which are written.
      expect(limits(tree, ['d.test', `a.${name}`])).toEqual([20, 4]);
    }));
});

describe('the password of a relay', () => {
  it('has a file of its own for each place that has one', () => {
    const relay = (name: string) =>
      domain(name, 'smtp-hosts [192.0.2.9]', 'auth-username me', `auth-password of-${name}`);
    const scopes = [
      ['a-b', 'c.test'],
      ['a', 'b-c.test'],
      ['a', '*'],
      ['a_b', 'c.test'],
    ] as const;
    const config =
      scopes.map(([owner, name], i) => vmta(owner, relay(name), String(i + 1))).join('') + relay('a-b-c.test');
    return askTree(config, (_, converted) => {
      const files = notesOf(converted, 'auth-password').map((note) => /\/\S+(?=, which)/.exec(note)?.[0]);
      expect(new Set(files).size).toBe(5);
      // Each holds its own password: what the paths of the sources name is what stands there.
      const contents = converted.conversion.policy.secrets.map(({ content }) => content);
      expect([...contents].sort()).toEqual(['of-*', 'of-a-b-c.test', 'of-b-c.test', 'of-c.test', 'of-c.test']);
      expect(files[2]).toBe('/opt/kumomta/etc/policy/secrets/relay-a+every_domain');
    });
  });

  it('is the one that counts for a virtual-mta and a domain', () =>
    askTree(
      vmta('v', domain('*', 'auth-username a', 'auth-password of-v')) +
        vmta('w', domain('r.test', 'auth-username b', 'auth-password of-w'), '2') +
        domain('*', 'auth-username c', 'auth-password of-all'),
      (tree, converted) => {
        const login = (name: string, source: string) => {
          const path = tree.egressPath(name, source);
          const file = String(path['smtp_auth_plain_password']).replace('/opt/kumomta/etc/policy/', '');
          return [path['smtp_auth_plain_username'], converted.files.get(file)];
        };
        expect(login('r.test', 'v')).toEqual(['a', 'of-v']);
        expect(login('r.test', 'w')).toEqual(['b', 'of-w']);
        expect(login('d.test', 'w')).toEqual(['c', 'of-all']);
        expect(converted.conversion.files.filter(({ mode }) => mode === 0o600)).toHaveLength(3);
      },
    ));

  it('is sent over unverified TLS, which coming releases refuse', () => {
    const warned = (text: string, options = {}) =>
      convertText(text, options).diagnostics.list.filter(({ code }) => code === 'relay-certificate');
    const relay = (...lines: string[]) =>
      domain('r.test', 'smtp-hosts [192.0.2.9]', 'auth-username me', 'auth-password x', ...lines);
    const [found, ...others] = warned(relay());
    expect(found).toMatchObject({ severity: 'warning', message: expect.stringContaining('for r.test goes over TLS') });
    expect(found?.help).toContain('allow_smtp_auth_plain_without_valid_certificate');
    expect(others).toEqual([]);
    expect(warned(relay('require-starttls yes'))).toHaveLength(1);
    expect(warned(vmta('v', domain('*', 'auth-username a', 'auth-password x')))).toHaveLength(1);
    // A CA file means that the certificate is verified; without TLS there is none.
    expect(warned(relay('require-starttls yes', 'smtp-tls-ca-file /etc/ca.pem'))).toEqual([]);
    expect(warned(relay('use-starttls no', 'use-unencrypted-plain-auth yes'))).toEqual([]);
    // KumoMTA's own default verifies.
    expect(warned(relay(), { pmtaDefaults: 'skip' })).toEqual([]);
    expect(warned(domain('d.test', 'require-starttls yes'))).toEqual([]);
  });

  it('that is empty asks for nothing, or for what KumoMTA cannot do', () => {
    const outcomes = (text: string) => {
      const converted = convertText(text);
      expect(converted.conversion.policy.secrets.map(({ content }) => content)).not.toContain('');
      return [outcomesOf(converted, 'auth-username').at(-1), outcomesOf(converted, 'auth-password').at(-1)];
    };
    const none = domain('r.test', 'auth-username ""', 'auth-password ""');
    expect(outcomes(none)).toEqual(['implicit', 'implicit']);
    expect(outcomes(domain('*', 'auth-username c', 'auth-password of-all') + none)).toEqual(['manual', 'manual']);
  });

  it('is written nowhere when the route to the relay is missing', () => {
    const converted = convertText(domain('r.test', 'auth-username a', 'auth-password x'));
    expect(converted.conversion.policy.secrets).toEqual([]);
    expect(outcomesOf(converted, 'auth-password')).toEqual(['manual']);
    expect(notesOf(converted, 'auth-password')[0]).not.toContain('stands in');
  });

  it('has a file with a name that every system takes', () => {
    const long = Array.from({ length: 4 }, (_, i) => `${i}`.repeat(50)).join('.');
    const converted = convertText(
      vmta('v'.repeat(60), domain(`${long}.test`, 'auth-username a', 'auth-password x')) +
        vmta('v'.repeat(61), domain(`${long}.test`, 'auth-username a', 'auth-password y'), '2'),
    );
    const paths = converted.conversion.policy.secrets.map(({ path }) => path.replace('secrets/', ''));
    expect(new Set(paths).size).toBe(2);
    expect(Math.max(...paths.map(({ length }) => length))).toBeLessThan(200);
  });
});

describe('a domain that has no queue in KumoMTA', () => {
  it.each(['{sparkpost}', '[192.0.2.0/24]'])('leaves %s to a person, with all that stands in it', (name) => {
    const lists = '<smtp-pattern-list p>\n  reply /slow/ mode=backoff\n</smtp-pattern-list>\n';
    const lost = [
      'smtp-pattern-list p',
      'backoff-max-msg-rate 9/h',
      'dkim-sign no',
      'max-smtp-out 3',
      'retry-after 5m',
    ];
    return askTree(lists + domain(name, ...lost), (_, converted) => {
      const names = ['<domain>', ...lost.map((line) => line.split(' ')[0] ?? '')];
      expect(names.map((line) => outcomesOf(converted, line)[0])).toEqual(names.map(() => 'manual'));
    });
  });
});
