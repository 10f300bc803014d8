import { describe, expect, it } from 'vitest';
import type { LoadedTree } from '../src/kumo/runtime/answers';
import {
  askTree,
  bounceClassOf,
  codesOf,
  effectsOf,
  headerOf,
  mail,
  mailWith,
  notesOf,
  outcomesOf,
  secondsOf,
  waitAfter,
} from './support/tree';

/** Feeders that may hand in mail, and one virtual-mta. */
const FEED = '<source 10/8>\n  always-allow-relaying yes\n</source>\n';
const HEADER = '<source 10/8>\n  always-allow-relaying yes\n  process-x-virtual-mta yes\n</source>\n';
const V = `${HEADER}<virtual-mta v>\n  smtp-source-host 192.0.2.30 v.mail.test\n</virtual-mta>\n`;

const vmta = (inside: string, name = 'v', address = '192.0.2.30') =>
  `${HEADER}<virtual-mta ${name}>\n  smtp-source-host ${address} ${name}.mail.test\n${inside}\n</virtual-mta>\n`;
const domain = (name: string, ...lines: string[]) => `<domain ${name}>\n  ${lines.join('\n  ')}\n</domain>\n`;

/** The hosts that mail of a scheduled queue goes to when it does not follow MX records. */
function hostsOf(tree: LoadedTree, name: string): readonly string[] {
  const { routingDomain } = tree.message(mail({ recipient: `you@${name}` }));
  if (routingDomain !== name) return [routingDomain];
  const text = JSON.stringify(tree.queueConfig(name, '{default}')['protocol'] ?? {});
  return [...text.matchAll(/"([^"]*\[127\.0\.0\.1\][^"]*)"/g)].map((match) => match[1] ?? '');
}

describe('the thirty traps of the mapping', () => {
  it('trap 1: a rate for all domains of a virtual-mta reaches every domain, and no other source', () =>
    askTree(vmta(domain('*', 'max-msg-rate 100/h')), (tree) => {
      // A bucket of a minute's worth: 100 / 60, rounded up.
      expect(tree.egressPath('any.test', 'v')['max_message_rate']).toBe('100/h,max_burst=2');
      expect(tree.egressPath('gmail.com', 'v')['max_message_rate']).toBe('100/h,max_burst=2');
      expect(tree.egressPath('any.test', '{default}')['max_message_rate']).toBeUndefined();
    }));

  it('trap 2: what a virtual-mta says for every domain beats the global block of one domain', () =>
    askTree(domain('g.test', 'max-smtp-out 5') + vmta(domain('*', 'max-smtp-out 50')), (tree) => {
      expect(tree.egressPath('g.test', 'v')['connection_limit']).toBe(50);
      expect(tree.egressPath('other.test', 'v')['connection_limit']).toBe(50);
      expect(tree.egressPath('g.test', '{default}')['connection_limit']).toBe(5);
    }));

  it('trap 3: a queue limit holds for all addresses of a virtual-mta together', () =>
    askTree(
      vmta('  smtp-source-host 192.0.2.31 w.mail.test\n') + domain('*', 'max-smtp-out 20', 'max-msg-rate 40/m'),
      (tree) => {
        const [first, second] = ['v#192.0.2.30', 'v#192.0.2.31'].map((source) => tree.egressPath('a.test', source));
        for (const path of [first, second]) {
          expect(path?.['connection_limit']).toBe(20);
          expect(path?.['additional_connection_limits']).toEqual({ 'pmta-q:v:a.test': 20 });
          expect(path?.['max_message_rate']).toBe('40/min');
          expect(path?.['additional_message_rate_throttles']).toEqual({ 'pmta-q:v:a.test': '40/min' });
        }
        // Another site counts apart.
        expect(tree.egressPath('b.test', 'v#192.0.2.30')['additional_connection_limits']).toEqual({
          'pmta-q:v:b.test': 20,
        });
      },
    ));

  it('trap 4: max-smtp-out in a virtual-mta is a ceiling over its queues, not the limit of each', () =>
    askTree(vmta('  max-smtp-out 200'), (tree) => {
      for (const name of ['a.test', 'b.test']) {
        const path = tree.egressPath(name, 'v');
        // The limit of each queue stays PowerMTA's default (M5 3.3.10).
        expect(path['connection_limit']).toBe(20);
        expect(path['additional_connection_limits']).toEqual({ 'pmta-vmta:v': 200 });
      }
    }));

  it('trap 5: a constant retry interval does not double', () =>
    askTree(domain('*', 'retry-after 15m'), (tree) => {
      const queue = tree.queueConfig('a.test', '{default}');
      expect([queue['retry_interval'], queue['max_retry_interval']].map(secondsOf)).toEqual([900, 900]);
    }));

  it('trap 6: a retry list is followed by scheduling the next attempt', () =>
    askTree(FEED + domain('*', 'retry-after 10m,10m,1h,6h'), (tree) => {
      const waits = [0, 1, 2, 3, 4].map((attempts) => Math.round((waitAfter(tree, attempts) ?? 0) / 60));
      expect(waits).toEqual([10, 10, 60, 360, 360]);
    }));

  it('trap 7: without bounce-after mail expires after PowerMTA’s four and a half days', () =>
    askTree('postmaster ops@mail.test\n', (tree) => {
      expect(secondsOf(tree.queueConfig('a.test', '{default}')['max_age'])).toBe(4.5 * 86_400);
    }));

  it('trap 8: no limit for one domain is a very high one, since nothing can be unset', () =>
    askTree(domain('*', 'max-msg-rate 100/h') + domain('big.test', 'max-msg-rate unlimited'), (tree) => {
      expect(tree.egressPath('big.test', '{default}')['max_message_rate']).toBe('1000000/s');
      expect(tree.egressPath('a.test', '{default}')['max_message_rate']).toBe('100/h,max_burst=2');
    }));

  it('trap 9: a rate of 0 is no limit; a limit of 0 connections is left to a person', () =>
    askTree(domain('*', 'max-msg-rate 0', 'max-smtp-out 0'), (tree, converted) => {
      const path = tree.egressPath('a.test', '{default}');
      expect(path['max_message_rate']).toBeUndefined();
      expect(path['connection_limit']).toBe(20);
      expect(outcomesOf(converted, 'max-smtp-out')).toEqual(['manual']);
      expect(codesOf(converted)).toContain('limit-zero');
    }));

  it('trap 10: a rate per several minutes is scaled for releases that do not read it', async () => {
    const input = domain('*', 'max-connect-rate 3/5m');
    const rate = (tree: LoadedTree) => tree.egressPath('a.test', '{default}')['max_connection_rate'];
    await askTree(input, (tree) => expect(rate(tree)).toBe('36/h'), { target: '2024.11.08' });
    await askTree(input, (tree) => expect(rate(tree)).toBe('3/5m'), { target: '2025.01.23' });
    // A period of more than a minute: one minute's quota, at least 1, at once.
    await askTree(input, (tree) => expect(rate(tree)).toBe('3/5m,max_burst=1'), { target: '2025.01.29' });
  });

  it('trap 11: a fast rate gets no burst of one, which would starve it', () =>
    askTree(domain('*', 'max-msg-rate 5000/m'), (tree) => {
      expect(tree.egressPath('a.test', '{default}')['max_message_rate']).toBe('5000/min');
    }));

  it('trap 12: sources that share a cap name it in the same words', () =>
    askTree(
      vmta('  smtp-source-host 192.0.2.31 w.mail.test\n  max-smtp-msg-rate 600/h\n') +
        domain('gmail.com', 'max-msg-rate 600/h') +
        domain('googlemail.com', 'max-msg-rate 10/m'),
      (tree) => {
        const paths = ['gmail.com', 'googlemail.com'].flatMap((name) =>
          ['v#192.0.2.30', 'v#192.0.2.31'].map((source) => tree.egressPath(name, source)),
        );
        const site = tree.siteOf('gmail.com');
        expect(tree.siteOf('googlemail.com')).toBe(site);
        const specs = paths.map((path) => JSON.stringify(path['additional_message_rate_throttles']));
        expect(new Set(specs).size).toBe(1);
        expect(paths[0]?.['additional_message_rate_throttles']).toMatchObject({ 'pmta-vmta:v': '600/h,max_burst=10' });
        expect(Object.keys(JSON.parse(specs[0] ?? '{}')).sort()).toEqual([`pmta-q:v:${site}`, 'pmta-vmta:v'].sort());
      },
    ));

  it('trap 13: an idle time-out of 0 becomes a minute', async () => {
    const idle = (tree: LoadedTree) => secondsOf(tree.egressPath('a.test', '{default}')['idle_timeout']);
    await askTree('postmaster ops@mail.test\n', (tree) => expect(idle(tree)).toBe(60));
    await askTree(domain('*', 'connection-idle-timeout 0'), (tree) => expect(idle(tree)).toBe(60));
  });

  it('trap 14: STARTTLS is used when offered, whatever the certificate', () =>
    askTree(domain('*', 'use-starttls yes'), (tree) => {
      expect(tree.egressPath('a.test', '{default}')).toMatchObject({
        enable_tls: 'OpportunisticInsecure',
        enable_mta_sts: false,
        opportunistic_tls_reconnect_on_failed_handshake: true,
      });
    }));

  it('trap 15: [*.]x is the name and what is below it, and no name that merely ends alike', () =>
    askTree(domain('[*.]x.test', 'max-smtp-out 3'), (tree) => {
      const limits = ['x.test', 'a.x.test', 'b.a.x.test', 'notx.test'].map(
        (name) => tree.egressPath(name, '{default}')['connection_limit'],
      );
      expect(limits).toEqual([3, 3, 3, 20]);
    }));

  it('trap 16: domains that share mail exchangers get the smaller limit, and a warning where they differ', async () => {
    const limit = (tree: LoadedTree, name: string) => tree.egressPath(name, '{default}')['connection_limit'];
    await askTree(`domain-macro ms hotmail.com,outlook.com\n${domain('$ms', 'max-smtp-out 3')}`, (tree, converted) => {
      expect([limit(tree, 'hotmail.com'), limit(tree, 'outlook.com'), limit(tree, 'a.test')]).toEqual([3, 3, 20]);
      expect(codesOf(converted)).not.toContain('mx-site-differs');
    });
    await askTree(domain('gmail.com', 'max-smtp-out 7') + domain('googlemail.com', 'max-smtp-out 4'), (tree, made) => {
      expect([limit(tree, 'gmail.com'), limit(tree, 'googlemail.com')]).toEqual([4, 4]);
      expect(codesOf(made)).toContain('mx-site-differs');
    });
  });

  it('trap 17: a rule that bounces a queue does not fit the records of its own bounces', () =>
    askTree(
      `<smtp-pattern-list l>\n  reply /blocked for abuse/ bounce-queue\n</smtp-pattern-list>\n${domain('*', 'smtp-pattern-list l')}`,
      (tree) => {
        const rules = tree.matchReply('a.test', '{default}', '550 5.7.1 You are BLOCKED for abuse');
        expect(effectsOf(rules)).toEqual(['BounceTenant 60']);
        for (const regex of rules.flatMap((rule) => rule.regex)) {
          const record = `551 5.7.1 Administrator bounced with reason: automation rule: ${regex} (rule_hash=0)`;
          expect(tree.matchReply('a.test', '{default}', record)).toEqual([]);
        }
        expect(tree.findings.map(({ code }) => code)).not.toContain('tree-endless-rule');
      },
    ));

  it('trap 18: a smart host on this machine is allowed, and the port stays off for old releases', async () => {
    const input = FEED + domain('d.test', 'smtp-hosts [127.0.0.1]:2526');
    await askTree(input, (tree, converted) => {
      expect(hostsOf(tree, 'd.test')).toEqual(['[127.0.0.1]:2526']);
      const { routingDomain } = tree.message(mail());
      expect(tree.egressPath(routingDomain, '{default}')['prohibited_hosts']).toEqual([]);
      expect(tree.egressPath('other.test', '{default}')['prohibited_hosts']).toBeUndefined();
      expect(['exact', 'approximate']).toContain(outcomesOf(converted, 'smtp-hosts')[0]);
    });
    // KumoMTA reads a port there from 2025.10.06 on.
    await askTree(
      input,
      (tree, converted) => {
        expect(hostsOf(tree, 'd.test').filter((host) => host.includes(':2526'))).toEqual([]);
        const port = tree.egressPath('[127.0.0.1]', '{default}')['smtp_port'];
        expect(outcomesOf(converted, 'smtp-hosts')[0] === 'manual' || port === 2526).toBe(true);
        expect(notesOf(converted, 'smtp-hosts')[0]).toContain('2025.10.06');
      },
      { target: '2025.05.06' },
    );
  });

  it('trap 19: limits of a domain that is routed by the MX of another follow it there', () =>
    askTree(FEED + domain('d.test', 'smtp-hosts lookup-mx:r.test', 'max-smtp-out 2'), (tree) => {
      expect(tree.message(mail()).routingDomain).toBe('r.test');
      expect(tree.egressPath('r.test', '{default}')['connection_limit']).toBe(2);
    }));

  it('trap 20: queue-to puts mail into one queue with the retry and the limits of that queue', () =>
    askTree(
      vmta(
        domain('big.queue', 'smtp-hosts lookup-mx:big.test', 'max-smtp-out 4', 'retry-after 30m') +
          domain('[*.]big.test', 'queue-to big.queue'),
      ),
      (tree) => {
        for (const recipient of ['a@big.test', 'b@sub.big.test']) {
          const message = tree.message(mailWith([['X-Virtual-MTA', 'v']], { recipient }));
          expect(message).toMatchObject({ queue: 'v@big.queue!big.test', routingDomain: 'big.test', sources: ['v'] });
        }
        expect(tree.message(mailWith([['X-Virtual-MTA', 'v']])).queue).toBe('v@d.test');
        expect(secondsOf(tree.queueConfig('big.queue', 'v')['retry_interval'])).toBe(1800);
        expect(tree.egressPath('big.test', 'v')['connection_limit']).toBe(4);
      },
    ));

  it('trap 21: the default virtual-mta does not overrule the one that the message names', () =>
    askTree(
      `<source 10.1/16>\n  always-allow-relaying yes\n  process-x-virtual-mta yes\n  default-virtual-mta pool-a\n</source>
<source 10.2/16>\n  always-allow-relaying yes\n</source>
<virtual-mta v>\n  smtp-source-host 192.0.2.30 v.mail.test\n</virtual-mta>
<virtual-mta w>\n  smtp-source-host 192.0.2.31 w.mail.test\n</virtual-mta>
<virtual-mta-pool pool-a>\n  virtual-mta w\n</virtual-mta-pool>\n`,
      (tree) => {
        expect(tree.message(mailWith([['X-Virtual-MTA', 'v']]))).toMatchObject({ tenant: 'v', sources: ['v'] });
        expect(tree.message(mail())).toMatchObject({ tenant: 'pool-a', sources: ['w'] });
        // This source neither honours the header nor has a default.
        expect(tree.message(mailWith([['X-Virtual-MTA', 'v']], { peer: '10.2.0.1' })).tenant).toBe('{default}');
      },
    ));

  it('trap 22: the header names a pool in any spelling of its letters', () =>
    askTree(`${V}<virtual-mta-pool pool-a>\n  virtual-mta v\n</virtual-mta-pool>\n`, (tree) => {
      for (const name of ['Pool-A', 'pool-a', 'POOL-A']) {
        const message = tree.message(mailWith([['X-Virtual-MTA', name]]));
        expect(message.rejected).toBeUndefined();
        expect(message).toMatchObject({ tenant: 'pool-a', sources: ['v'] });
        expect(headerOf(message, 'X-Virtual-MTA')).toEqual([]);
      }
    }));

  it('trap 23: a network that may not relay is cut out of the one that may', () =>
    askTree(
      '<source 10/8>\n  always-allow-relaying yes\n</source>\n<source 10.1/16>\n  always-allow-relaying no\n</source>\n',
      (tree) => {
        expect(tree.listeners[0]?.['relay_hosts']).toEqual([
          '10.0.0.0/16',
          '10.2.0.0/15',
          '10.4.0.0/14',
          '10.8.0.0/13',
          '10.16.0.0/12',
          '10.32.0.0/11',
          '10.64.0.0/10',
          '10.128.0.0/9',
        ]);
        const taken = ['10.0.0.1', '10.1.2.3', '10.255.0.1', '192.0.2.9'].map(
          (peer) => tree.message(mail({ peer })).rejected === undefined,
        );
        expect(taken).toEqual([true, false, true, false]);
      },
    ));

  it('trap 24: a user who may relay may do so from listed sender domains too', () =>
    askTree(
      `relay-domain local.test\nrelay-domain *.below.test
<smtp-user u>\n  password secret-of-u\n</smtp-user>\n<source {auth}>\n  always-allow-relaying yes\n</source>\n`,
      (tree) => {
        const auth = { user: 'u', password: 'secret-of-u' };
        for (const sender of ['a@other.test', 'a@local.test', 'a@x.below.test', '']) {
          expect(tree.message(mail({ sender, auth, peer: '203.0.113.9' })).rejected).toBeUndefined();
          expect(tree.message(mail({ sender, peer: '203.0.113.9' })).rejected?.code).toBe(550);
        }
      },
    ));

  it('trap 25: foreign Received headers go, the one of this hop stays', () =>
    askTree('<source 10/8>\n  always-allow-relaying yes\n  remove-received-headers true\n</source>\n', (tree) => {
      const message = tree.message(mailWith([['Received', 'from inner.test by feeder.test']]));
      expect(headerOf(message, 'Received')).toHaveLength(1);
      expect(headerOf(message, 'Received')[0]).not.toContain('inner.test');
    }));

  it('trap 26: a pattern fires on replies whatever their case, and not on KumoMTA’s own texts', () =>
    askTree(
      `<smtp-pattern-list l>\n  reply /^421 .*[TS01]/ mode=backoff\n</smtp-pattern-list>
${domain('*', 'smtp-pattern-list l', 'backoff-max-msg-rate 60/h', 'backoff-to-normal-after 2h')}`,
      (tree) => {
        const effects = (reply: string) => effectsOf(tree.matchReply('a.test', '{default}', reply));
        // Two hours; a minute's quota of 60 an hour is 1.
        expect(effects('421 4.7.0 [TS01] deferred')).toEqual(['max_message_rate=60/h,max_burst=1 7200']);
        expect(effects('421 4.7.0 [ts01] DEFERRED')).toHaveLength(1);
        expect(effects('450 4.7.0 [TS01] deferred')).toEqual([]);
        expect(effects('421 4.4.4 KumoMTA internal: [TS01]')).toEqual([]);
      },
    ));

  it('trap 27: a rule for every domain stands again in a block whose own limits it has to beat', () =>
    askTree(
      vmta(domain('d.test', 'smtp-hosts [192.0.2.99]', 'max-msg-rate 1000/h')) +
        `<smtp-pattern-list l>\n  reply /slow down/ mode=backoff\n</smtp-pattern-list>\n` +
        domain('*', 'smtp-pattern-list l', 'backoff-max-msg-rate 60/h', 'backoff-to-normal-after 2h'),
      (tree) => {
        expect(tree.egressPath('d.test', 'v')['max_message_rate']).toBe('1000/h,max_burst=17');
        const blocks = tree.matchReply('d.test', 'v', '421 4.7.0 slow down').map(({ block }) => block);
        expect(blocks).toContain('d.test');
      },
    ));

  it('trap 28: a key signs for senders below its domain, with its own domain in the signature', () =>
    askTree(
      {
        config: `${FEED}domain-key s,example.net,/etc/pmta/k.pem\n${domain('*', 'dkim-sign yes')}`,
        'k.pem': 'key',
      },
      (tree) => {
        const signed = (from: string) =>
          tree
            .message({ ...mail(), headers: [['From', from]] })
            .signatures.map(({ domain: d, selector }) => `${selector} ${d}`);
        expect(signed('a@example.net')).toEqual(['s example.net']);
        expect(signed('a@news.example.net')).toEqual(['s example.net']);
        expect(signed('a@notexample.net')).toEqual([]);
      },
      { dkim: 'lua' },
    ));

  it('trap 28: the helper form signs for the domain itself only, and says so', () =>
    askTree(`${FEED}domain-key s,example.net,/etc/pmta/k.pem\n${domain('*', 'dkim-sign yes')}`, (tree, converted) => {
      const signed = (from: string) => tree.message({ ...mail(), headers: [['From', from]] }).signatures.length;
      expect([signed('a@example.net'), signed('a@news.example.net')]).toEqual([1, 0]);
      expect(converted.diagnostics.list.map(({ code }) => code)).toContain('dkim-by-domain');
    }));

  it('trap 29: the password of a relay is never taken for a file name nor shown', () =>
    askTree(
      domain('r.test', 'smtp-hosts [192.0.2.9]', 'auth-username me', 'auth-password Sesame.77'),
      (tree, converted) => {
        const path = tree.egressPath('r.test', '{default}');
        expect(path['smtp_auth_plain_username']).toBe('me');
        expect(path['smtp_auth_plain_password']).toBe('/opt/kumomta/etc/policy/secrets/relay-r.test');
        // KumoMTA takes every byte of the file for the password.
        expect(converted.files.get('secrets/relay-r.test')).toBe('Sesame.77');
        expect(outcomesOf(converted, 'auth-password')).toEqual(['exact']);
        const readable = [...converted.files].filter(([name]) => !name.startsWith('secrets/'));
        expect(readable.map(([, content]) => content).join('\n')).not.toContain('Sesame.77');
        const told = notesOf(converted, 'auth-password').join('\n');
        expect(told).toContain(String(path['smtp_auth_plain_password']));
        expect(told).not.toContain('Sesame.77');
        expect(JSON.stringify(converted.diagnostics.list.map(({ message, help }) => [message, help]))).not.toContain(
          'Sesame.77',
        );
      },
    ));

  it('trap 30: bounce categories keep their order, and patterns on the status know where it stands', () =>
    askTree(
      `<bounce-category-patterns>
  /mailbox unknown/ bad-mailbox
  /^5\\.2\\.2/ quota-issues
  /no such user/ bad-mailbox
</bounce-category-patterns>\n`,
      (_, converted) => {
        // A class that comes back after another one needs a file of its own.
        expect([...converted.files.keys()].filter((path) => path.startsWith('bounce_rules/')).length).toBeGreaterThan(
          1,
        );
        const classOf = (reply: string) => bounceClassOf(converted, reply);
        expect(classOf('550 5.2.2 Mailbox unknown')).toBe('InvalidRecipient');
        expect(classOf('552 5.2.2 No such user')).toBe('QuotaIssues');
        expect(classOf('550 5.1.1 no such user')).toBe('InvalidRecipient');
        expect(classOf('550 5.1.1 see 5.2.2 there')).toBeUndefined();
      },
    ));
});
