import { describe, expect, it } from 'vitest';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import type { MessageSpec } from '../../src/kumo/runtime/messages';
import { askTree, headerOf, mail, notesOf, outcomesOf } from '../support/tree';

const source = (name: string, ...lines: string[]) => `<source ${name}>\n  ${lines.join('\n  ')}\n</source>\n`;
const user = (name: string, ...lines: string[]) => `<smtp-user ${name}>\n  ${lines.join('\n  ')}\n</smtp-user>\n`;
const RELAY = 'always-allow-relaying yes';
const OUTSIDE = '203.0.113.9';

/** `taken`, or the code of the refusal. */
const answer = (tree: LoadedTree, spec: Partial<MessageSpec>) => tree.message(mail(spec)).rejected?.code ?? 'taken';
const results = (tree: LoadedTree, spec: Partial<MessageSpec>) =>
  headerOf(tree.message(mail(spec)), 'Authentication-Results');

describe('check-spf-inbound (M5 3.3.7.19, 3.3.7.65-67)', () => {
  const config = source('10/8', RELAY, 'check-spf-inbound yes');

  it('refuses at MAIL FROM by default: for good, or for now when DNS did not answer', () =>
    askTree(config, (tree, converted) => {
      const codes = ['pass', 'softfail', 'neutral', 'none', 'fail', 'permerror', 'temperror'].map((spf) =>
        answer(tree, { checks: { spf } }),
      );
      expect(codes).toEqual(['taken', 'taken', 'taken', 'taken', 550, 550, 451]);
      expect(outcomesOf(converted, 'check-spf-inbound')).toEqual(['exact']);
    }));

  it('each refusal can be switched off, and the result is still told', () =>
    askTree(
      source(
        '10/8',
        RELAY,
        'check-spf-inbound yes',
        'reject-spf-check-fail no',
        'reject-spf-check-permerror no',
        'reject-spf-check-temperror no',
      ),
      (tree) => {
        for (const spf of ['fail', 'permerror', 'temperror']) {
          expect(answer(tree, { checks: { spf } })).toBe('taken');
          expect(results(tree, { checks: { spf } })).toEqual([expect.stringContaining(`; spf=${spf}`)]);
        }
      },
    ));

  it('the null sender is checked by the name of the EHLO command (RFC 7208, 2.4)', () =>
    askTree(config, (tree) => expect(answer(tree, { sender: '', checks: { spf: 'fail' } })).toBe(550)));

  it('only where the network asks for it', () =>
    askTree(config + source('10.1/16', 'check-spf-inbound no') + source('0/0', 'smtp-service yes'), (tree) => {
      expect(answer(tree, { peer: '10.9.0.1', checks: { spf: 'fail' } })).toBe(550);
      expect(answer(tree, { peer: '10.1.0.1', checks: { spf: 'fail' } })).toBe('taken');
      expect(results(tree, { peer: '10.1.0.1', checks: { spf: 'pass' } })).toEqual([]);
    }));

  it('by its old name, too', () =>
    askTree(source('10/8', RELAY, 'check-mfrom-inbound yes'), (tree) =>
      expect(answer(tree, { checks: { spf: 'fail' } })).toBe(550),
    ));

  it('refusals without the check ask for nothing, and need no code', () =>
    askTree(source('10/8', RELAY, 'reject-spf-check-fail no', 'reject-iprev-check-fail yes'), (_, converted) =>
      expect(converted.files.has('pmta.lua')).toBe(false),
    ));

  it('works on the oldest release', () =>
    askTree(config, (tree) => expect(answer(tree, { checks: { spf: 'fail' } })).toBe(550), { target: '2024.11.08' }));
});

describe('check-iprev-inbound (M5 3.3.7.22-26)', () => {
  it('refuses only what it is told to refuse', () =>
    askTree(source('10/8', RELAY, 'check-iprev-inbound yes', 'reject-iprev-check-fail yes'), (tree, converted) => {
      const codes = ['pass', 'fail', 'permerror', 'temperror'].map((iprev) => answer(tree, { checks: { iprev } }));
      expect(codes).toEqual(['taken', 550, 'taken', 'taken']);
      expect(results(tree, { checks: { iprev: 'permerror' } })).toEqual([expect.stringContaining('iprev=permerror')]);
      // The name of the EHLO command is not looked at.
      expect(outcomesOf(converted, 'check-iprev-inbound')).toEqual(['approximate']);
    }));

  it('needs a release with the helper', () =>
    askTree(
      source('10/8', RELAY, 'check-iprev-inbound yes', 'reject-iprev-check-temperror yes'),
      (tree, converted) => {
        expect(outcomesOf(converted, 'check-iprev-inbound')).toEqual(['unsupported']);
        expect(notesOf(converted, 'reject-iprev-check-temperror')[0]).toContain('2025.12.02');
        expect(answer(tree, { checks: { iprev: 'temperror' } })).toBe('taken');
      },
      { target: '2025.10.06' },
    ));
});

describe('check-dkim-inbound (M5 3.3.7.16)', () => {
  it('tells what became of each signature, and refuses nothing', () =>
    askTree(`host-name mx.example.net\n${source('10/8', RELAY, 'check-dkim-inbound yes')}`, (tree) => {
      expect(results(tree, { checks: { dkim: ['pass', 'fail'] } })).toEqual(['mx.example.net; dkim=pass; dkim=fail']);
      expect(results(tree, {})).toEqual(['mx.example.net; dkim=none']);
      expect(answer(tree, { checks: { dkim: ['fail'] } })).toBe('taken');
    }));

  it('stands beside the other checks in one header', () =>
    askTree(source('10/8', RELAY, 'check-dkim-inbound yes', 'check-spf-inbound yes'), (tree) =>
      expect(results(tree, { checks: { dkim: ['pass'], spf: 'softfail' } })).toEqual([
        expect.stringMatching(/; spf=softfail; dkim=pass$/),
      ]),
    ));
});

describe('allow-auth (M5 3.3.7.6)', () => {
  const config =
    user('shop', 'password one') +
    source('{auth}', RELAY) +
    source('0/0', 'allow-auth no') +
    source('10/8', 'allow-auth yes');

  it('is not offered and not taken where it is off', () =>
    askTree(config, (tree, converted) => {
      expect(tree.extensions(OUTSIDE)).not.toContain('AUTH PLAIN');
      expect(tree.extensions(OUTSIDE)).toContain('8BITMIME');
      expect(tree.extensions('10.1.2.3')).toContain('AUTH PLAIN');
      expect(tree.auth('shop', 'one', OUTSIDE)).toBe(false);
      expect(tree.auth('shop', 'one', '10.1.2.3')).toBe(true);
      expect(outcomesOf(converted, 'allow-auth')).toEqual(['exact', 'exact']);
    }));

  it('releases that do not let a policy choose what is offered refuse it all the same', () =>
    askTree(
      config,
      (tree, converted) => {
        expect(tree.auth('shop', 'one', OUTSIDE)).toBe(false);
        expect(outcomesOf(converted, 'allow-auth')).toEqual(['approximate', 'approximate']);
      },
      { target: '2024.11.08' },
    ));
});

describe('smtp-max-auth-failure-rate (M5 3.3.7.7)', () => {
  const config =
    user('shop', 'password one') + source('{auth}', RELAY) + source('0/0', 'smtp-max-auth-failure-rate 3/h');

  it('after so many failures of a client even the right password is refused', () =>
    askTree(config, (tree, converted) => {
      const tries = ['bad', 'bad', 'one', 'bad', 'one'].map((password) => tree.auth('shop', password, OUTSIDE));
      expect(tries).toEqual([false, false, true, false, false]);
      expect(tree.auth('shop', 'one', '198.51.100.7')).toBe(true);
      expect(outcomesOf(converted, 'smtp-max-auth-failure-rate')).toEqual(['approximate']);
    }));

  it('counts in tenths of the period, of whole seconds', () =>
    askTree(config, (_, converted) => {
      // An hour in ten parts is six minutes each.
      expect(converted.files.get('pmta.lua')).toMatch(/count = 3, buckets = 10, bucket_size = 360/);
    }));

  it('0 and unlimited need no code', async () => {
    for (const value of ['0', 'unlimited'])
      await askTree(config.replace('3/h', value), (_, converted) =>
        expect(converted.files.get('init.lua')).not.toContain('auth_failures'),
      );
  });

  it('needs counters', () =>
    askTree(
      config,
      (_, converted) => expect(outcomesOf(converted, 'smtp-max-auth-failure-rate')).toEqual(['unsupported']),
      { target: '2026.04.09' },
    ));
});

describe('limits of the source of a user', () => {
  const KIB = 1024;
  const sized = (kib: number) => 'x'.repeat(kib * KIB);

  it.each(['0', 'unlimited'])('no limit of the size, and none elsewhere: %s', (value) =>
    askTree(user('shop', 'password one') + source('{auth}', RELAY, `max-message-size ${value}`), (tree, converted) => {
      expect(outcomesOf(converted, 'max-message-size')).toEqual(['exact']);
      // 1 GiB stands for no limit.
      expect(tree.listeners[0]?.['max_message_size']).toBe(1_073_741_824);
      expect(converted.files.get('init.lua')).not.toContain('get_data');
    }),
  );

  it('where users may send more or less than others, each keeps his limit', () =>
    askTree(
      user('big', 'password one', 'source big') +
        user('small', 'password two', 'source small') +
        source('10/8', RELAY, 'max-message-size 4K') +
        source('big', RELAY, 'max-message-size 16K') +
        source('small', RELAY, 'max-message-size 1K'),
      (tree, converted) => {
        const by = (name: string, password: string, kib: number) =>
          answer(tree, { peer: '10.1.2.3', auth: { user: name, password }, body: sized(kib) });
        expect(answer(tree, { peer: '10.1.2.3', body: sized(3) })).toBe('taken');
        expect(answer(tree, { peer: '10.1.2.3', body: sized(5) })).toBe(552);
        expect([by('big', 'one', 15), by('big', 'one', 17)]).toEqual(['taken', 552]);
        expect([by('small', 'two', 0), by('small', 'two', 2)]).toEqual(['taken', 552]);
        expect(outcomesOf(converted, 'max-message-size')).toEqual(['exact', 'exact', 'exact']);
      },
    ));

  it('other limits are those of the listener: told where they differ', () =>
    askTree(
      user('shop', 'password one') + source('{auth}', RELAY, 'max-rcpt-per-message 5', 'smtp-command-timeout 10m'),
      (_, converted) => {
        expect(outcomesOf(converted, 'max-rcpt-per-message')).toEqual(['unsupported']);
        expect(outcomesOf(converted, 'smtp-command-timeout')).toEqual(['approximate']);
      },
    ));

  it('require-auth of a source that only users have asks for nothing at MAIL FROM: whoever has it has logged in', () =>
    askTree(user('shop', 'password one') + source('{auth}', RELAY, 'require-auth yes'), (tree, converted) => {
      expect(converted.files.get('init.lua')).not.toContain('smtp_server_mail_from');
      expect(answer(tree, { peer: OUTSIDE })).toBe(550);
      expect(answer(tree, { peer: OUTSIDE, auth: { user: 'shop', password: 'one' } })).toBe('taken');
    }));
});

describe('relay-address (M5 3.3.1.32.3)', () => {
  const config = `relay-address Ticket@help.test\nrelay-address /^fbl\\+.*@help\\.test$/\n${source('10/8', RELAY)}`;

  it('takes mail for the address from anybody, and for no other of its domain', () =>
    askTree(config, (tree, converted) => {
      const from = (peer: string) =>
        ['ticket@help.test', 'FBL+7@help.test', 'boss@help.test', 'xfbl+7@help.test'].map((recipient) =>
          answer(tree, { peer, recipient }),
        );
      expect(from(OUTSIDE)).toEqual(['taken', 'taken', 550, 550]);
      expect(from('10.1.2.3')).toEqual(['taken', 'taken', 'taken', 'taken']);
      expect(outcomesOf(converted, 'relay-address')).toEqual(['exact', 'exact']);
    }));

  it('users who may relay reach the other addresses', () =>
    askTree(`relay-address ticket@help.test\n${user('shop', 'password one')}${source('{auth}', RELAY)}`, (tree) => {
      const auth = { user: 'shop', password: 'one' };
      expect(answer(tree, { peer: OUTSIDE, recipient: 'boss@help.test', auth })).toBe('taken');
      expect(answer(tree, { peer: OUTSIDE, recipient: 'boss@help.test' })).toBe(550);
    }));

  it('a network that has to log in first is like any other until it has', () =>
    askTree(`relay-address ticket@help.test\n${source('10/8', RELAY, 'require-auth yes')}`, (tree) =>
      // 530: require-auth refuses the sender before.
      expect(answer(tree, { recipient: 'boss@help.test' })).toBe(530),
    ));

  it('needs no code where relay-domain takes the domain anyway', () =>
    askTree('relay-domain *.help.test\nrelay-address a@x.help.test\n', (tree, converted) => {
      expect(answer(tree, { peer: OUTSIDE, recipient: 'a@x.help.test' })).toBe('taken');
      expect(converted.files.has('pmta.lua')).toBe(false);
      expect(outcomesOf(converted, 'relay-address')).toEqual(['exact']);
    }));

  it.each(['/^fbl\\+/', '/@(a|b)\\.test$/', '/@.*\\.test$/', '/@a\\.test$|^b/'])(
    'a pattern without one domain is for a person: %s',
    (pattern) =>
      askTree(`relay-address ${pattern}\n`, (tree, converted) => {
        expect(outcomesOf(converted, 'relay-address')).toEqual(['manual']);
        expect(answer(tree, { peer: OUTSIDE, recipient: 'fbl+1@a.test' })).toBe(550);
      }),
  );

  it('a pattern without an end is narrowed to the domain, and says so', () =>
    askTree('relay-address /abuse@a.test/\n', (tree, converted) => {
      expect(answer(tree, { peer: OUTSIDE, recipient: 'abuse@a.test' })).toBe('taken');
      expect(outcomesOf(converted, 'relay-address')).toEqual(['approximate']);
    }));
});

describe('relay-debug (M5 3.3.1.32.4)', () => {
  it('whoever may not relay is asked to come back', () =>
    askTree(`relay-debug yes\nrelay-address t@help.test\n${source('10/8', RELAY)}`, (tree) => {
      expect(tree.message(mail({ peer: OUTSIDE })).rejected).toMatchObject({
        code: 450,
        message: expect.stringMatching(/^4\.7\.1 relaying not permitted/),
      });
      expect(answer(tree, { peer: OUTSIDE, recipient: 'boss@help.test' })).toBe(450);
      expect(answer(tree, {})).toBe('taken');
    }));

  it('other refusals stay what they are', () =>
    askTree(
      `relay-debug yes\n${source('0/0', 'smtp-service no')}${source('10/8', RELAY, 'smtp-service yes')}`,
      (tree) => expect(answer(tree, { peer: OUTSIDE })).toBe(554),
    ));

  it('needs a release in which a policy may change replies', () =>
    askTree(
      'relay-debug yes\n',
      (_, converted) => expect(outcomesOf(converted, 'relay-debug')).toEqual(['unsupported']),
      {
        target: '2025.10.06',
      },
    ));
});

describe('max-name-queries', () => {
  it('limits the look-ups of mail exchangers', () =>
    askTree('max-name-queries 60\n', (_, converted) => {
      expect(converted.files.get('init.lua')).toContain('kumo.dns.set_mx_concurrency_limit(60)');
      expect(outcomesOf(converted, 'max-name-queries')).toEqual(['approximate']);
    }));

  it('needs a release with the limit', () =>
    askTree(
      'max-name-queries 60\n',
      (_, converted) => expect(outcomesOf(converted, 'max-name-queries')).toEqual(['unsupported']),
      { target: '2025.03.19' },
    ));
});
