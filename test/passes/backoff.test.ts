import { describe, expect, it } from 'vitest';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import { askTree, codesOf, effectsOf, notesOf, outcomesOf } from '../support/tree';

const domain = (name: string, ...lines: string[]) => `<domain ${name}>\n  ${lines.join('\n  ')}\n</domain>\n`;
const list = (name: string, ...replies: string[]) =>
  `<smtp-pattern-list ${name}>\n${replies.map((reply) => `  reply ${reply}\n`).join('')}</smtp-pattern-list>\n`;
const vmta = (name: string, inside = '', last = '1') =>
  `<virtual-mta ${name}>\n  smtp-source-host 192.0.2.${last} ${name}.example.net\n${inside}</virtual-mta>\n`;

/** What KumoMTA's automation does after a reply to mail for a domain, sorted. */
const effects = (tree: LoadedTree, reply: string, name = 'd.test') =>
  [...effectsOf(tree.matchReply(name, '{default}', reply))].sort();

const YEAR = 365 * 86_400;
const SLOW = '421 4.7.0 too many connections';

describe('patterns (M5 3.3.15)', () => {
  const config =
    list(
      'limits',
      '/too many (messages|connections)/ mode=backoff',
      String.raw`/^421 .*rate \x23\d+/ disable-source-ip,reenable-after=2h`,
      String.raw`/mailbox.*full\/locked/ disable-source-ip,reenable-after=3h`,
      '/(?-i)ABUSE/ disable-source-ip,reenable-after=4h',
      '/resources low/ defer-queue',
    ) +
    domain(
      '*',
      'smtp-pattern-list limits',
      'backoff-max-msg-rate 60/h',
      'backoff-to-normal-after 1h',
      'retry-after 15m',
    );

  it.each([
    ['452 4.3.1 Too Many Messages today', ['max_message_rate=60/h,max_burst=1 3600']],
    ['452 4.3.1 too many recipients', []],
    ['421 4.7.0 rate #12 exceeded', ['Suspend 7200']],
    ['450 4.7.0 rate #12 exceeded', []],
    ['421 4.7.0 rate # exceeded', []],
    ['552 5.2.2 mailbox is full/locked', ['Suspend 10800']],
    ['554 5.7.1 ABUSE', ['Suspend 14400']],
    // Only this pattern tells large letters from small ones.
    ['554 5.7.1 abuse', []],
    // The first item of retry-after.
    ['452 4.3.1 Resources low', ['Suspend 900']],
    ['250 2.0.0 ok', []],
  ])('%s', (reply, wanted) => askTree(config, (tree) => expect(effects(tree, reply)).toEqual(wanted)));

  it('KumoMTA’s own texts fire nothing, since a suspension would prolong itself', () =>
    askTree(config, (tree) => {
      expect(effects(tree, '451 4.4.4 KumoMTA internal: scheduled queue is suspended: too many messages')).toEqual([]);
    }));

  it('several actions of one line all act', () =>
    askTree(
      list('l', '/slow down/ mode=backoff,disable-source-ip,reenable-after=2h') +
        domain('*', 'smtp-pattern-list l', 'backoff-max-msg-rate 60/h', 'backoff-to-normal-after 1h'),
      (tree) =>
        expect(effects(tree, '421 slow down')).toEqual(['Suspend 7200', 'max_message_rate=60/h,max_burst=1 3600']),
    ));

  it('a pattern that KumoMTA’s engine does not know is left to a person, the others stay', () =>
    askTree(
      list('l', '/(a)(?1)b/ disable-source-ip', '/plain/ disable-source-ip,reenable-after=1h') +
        domain('*', 'smtp-pattern-list l'),
      (tree, converted) => {
        expect(outcomesOf(converted, 'reply')).toEqual(['manual', 'approximate']);
        expect(codesOf(converted)).toContain('regex-untranslatable');
        expect(effects(tree, '421 plain')).toEqual(['Suspend 3600']);
      },
    ));

  it('a list that no domain uses does nothing', () =>
    askTree(list('unused', '/x/ disable-source-ip'), (tree, converted) => {
      expect(tree.automationFor('d.test')).toEqual([]);
      expect(outcomesOf(converted, 'reply')).toEqual(['implicit']);
    }));
});

describe('what backoff changes (M5 3.3.10.34-45, 10.3)', () => {
  const backoff = (...lines: string[]) =>
    list('l', '/too many/ mode=backoff') + domain('*', 'smtp-pattern-list l', 'backoff-to-normal-after 6h', ...lines);
  const after = 6 * 3600;

  it.each<[string, string[], string[]]>([
    ['the rate', ['max-msg-rate 1000/h', 'backoff-max-msg-rate 60/h'], [`max_message_rate=60/h,max_burst=1 ${after}`]],
    ['a rate equal to the normal one: nothing', ['max-msg-rate 60/h', 'backoff-max-msg-rate 60/h'], []],
    ['the connections', ['backoff-max-smtp-out 1'], [`connection_limit=1 ${after}`]],
    ['connections equal to the normal ones: nothing', ['max-smtp-out 3', 'backoff-max-smtp-out 3'], []],
    // Backoff's own default is 20 connections (M5 3.3.10.75).
    ['more than 20 connections fall to 20', ['max-smtp-out 50'], [`connection_limit=20 ${after}`]],
    [
      'fewer than 20 do not rise by default',
      ['max-smtp-out 5', 'backoff-max-msg-rate 1/m'],
      [`max_message_rate=1/min ${after}`],
    ],
    ['the connection rate', ['backoff-max-connect-rate 2/m'], [`max_connection_rate=2/min ${after}`]],
    [
      'no limit instead of one',
      ['max-msg-rate 60/h', 'backoff-max-msg-rate unlimited'],
      [`max_message_rate=1000000/s ${after}`],
    ],
  ])('%s', (_, lines, wanted) => askTree(backoff(...lines), (tree) => expect(effects(tree, SLOW)).toEqual(wanted)));

  it('nothing slower is no rule, and the reply line says so', () =>
    askTree(backoff(), (tree, converted) => {
      expect(tree.automationFor('d.test')).toEqual([]);
      expect(outcomesOf(converted, 'reply')).toEqual(['approximate']);
      expect(notesOf(converted, 'reply')[0]).not.toBe('');
    }));
});

describe('how long a rule acts (M5 3.3.10.44-45, M5+ 3.3.10.45)', () => {
  const config = (reply: string, ...lines: string[]) =>
    list('l', reply) + domain('*', 'smtp-pattern-list l', 'backoff-max-smtp-out 1', ...lines);
  const duration = (tree: LoadedTree) => tree.matchReply('d.test', '{default}', SLOW).map((rule) => rule.duration);

  it.each<[string, string, string[], number]>([
    ['backoff-to-normal-after', '/too many/ mode=backoff', ['backoff-to-normal-after 2h'], 7200],
    [
      'the action’s own time beats it',
      '/too many/ mode=backoff,backoff-to-normal-after=30m',
      ['backoff-to-normal-after 2h'],
      1800,
    ],
    ['never', '/too many/ mode=backoff', ['backoff-to-normal-after never'], YEAR],
    ['unset is never', '/too many/ mode=backoff', [], YEAR],
    // Ends by a delivery, which the first backoff retry may bring: one hour by default.
    ['until a delivery', '/too many/ mode=backoff', ['backoff-to-normal-after-delivery yes'], 3600],
    [
      'until a delivery, with a retry of its own',
      '/too many/ mode=backoff',
      ['backoff-to-normal-after-delivery yes', 'backoff-retry-after 20m,2h'],
      1200,
    ],
    ['reenable-after', '/too many/ disable-source-ip,reenable-after=2h', ['reenable-source-ip-after 5h'], 7200],
    ['reenable-source-ip-after', '/too many/ disable-source-ip', ['reenable-source-ip-after 5h'], 18_000],
    ['a source stays off for ever', '/too many/ disable-source-ip', [], YEAR],
    ['defer-queue with the default retry', '/too many/ defer-queue', [], 600],
  ])('%s', (_, reply, lines, seconds) =>
    askTree(config(reply, ...lines), (tree) => expect(duration(tree)).toEqual([seconds])),
  );
});

describe('bouncing a queue', () => {
  const config = (pattern: string) => list('l', `${pattern} bounce-queue`) + domain('*', 'smtp-pattern-list l');

  it.each([
    '/blocked/',
    '/abuse|blocked for (spam|abuse)/',
    '/^550 .*spam/',
    String.raw`/policy\s+reject/`,
    '/rule/',
    '/(?-i)SPAM/',
  ])('%s does not fit the record of its own bounces, or is left to a person', (pattern) =>
    askTree(config(pattern), (tree, converted) => {
      const rules = tree.automationFor('d.test');
      for (const regex of rules.flatMap((rule) => rule.regex)) {
        for (const record of [
          `551 5.7.1 Administrator bounced with reason: automation rule: ${regex} (rule_hash=0)`,
          `551 5.7.1 Administrator bounced with reason: automation rule: ${regex} domain=d.test tenant=v`,
        ])
          expect(tree.matchReply('d.test', '{default}', record)).toEqual([]);
      }
      expect(rules.length > 0 || outcomesOf(converted, 'reply')[0] === 'manual').toBe(true);
      expect(tree.findings.map(({ code }) => code)).not.toContain('tree-endless-rule');
    }),
  );

  it.each([
    ['/blocked for abuse/', '550 5.7.1 Blocked for Abuse'],
    [String.raw`/policy\s+reject/`, '554 5.7.1 POLICY  reject'],
    ['/(?-i)SPAM/', '554 5.7.1 SPAM'],
  ])('%s still fits %s', (pattern, reply) =>
    askTree(config(pattern), (tree) => expect(effects(tree, reply)).toEqual(['BounceTenant 60'])),
  );

  it.each(['//', '/./', '/.*/'])('%s would bounce for ever: left to a person', (pattern) =>
    askTree(config(pattern), (tree, converted) => {
      expect(tree.automationFor('d.test')).toEqual([]);
      expect(outcomesOf(converted, 'reply')).toEqual(['manual']);
    }),
  );

  it('needs a release that can do it', () =>
    askTree(
      config('/blocked/'),
      (tree, converted) => {
        expect(tree.automationFor('d.test')).toEqual([]);
        expect(outcomesOf(converted, 'reply')).toEqual(['unsupported']);
      },
      { target: '2024.11.08' },
    ));
});

describe('where a list holds', () => {
  const TWO =
    list('general', '/too many/ mode=backoff') + list('special', '/slow down/ disable-source-ip,reenable-after=1h');

  it('a domain with a list of its own does not lose it', () =>
    askTree(
      TWO +
        domain('*', 'smtp-pattern-list general', 'backoff-max-smtp-out 1', 'backoff-to-normal-after 1h') +
        domain('a.test', 'smtp-pattern-list special'),
      (tree) => {
        expect(effects(tree, '421 slow down', 'a.test')).toEqual(['Suspend 3600']);
        expect(effects(tree, '421 slow down', 'd.test')).toEqual([]);
        expect(effects(tree, SLOW, 'd.test')).toEqual(['connection_limit=1 3600']);
      },
    ));

  it('rules for every domain fire beside a domain’s own, which is said (design, section 8)', () =>
    askTree(
      TWO +
        domain('*', 'smtp-pattern-list general', 'backoff-max-smtp-out 1', 'backoff-to-normal-after 1h') +
        domain('a.test', 'smtp-pattern-list special'),
      (tree, converted) => {
        const fires = effects(tree, SLOW, 'a.test').length > 0;
        const told = [
          ...notesOf(converted, 'smtp-pattern-list'),
          ...converted.diagnostics.list.map(({ message }) => message),
        ];
        expect(!fires || told.some((text) => /also act/.test(text))).toBe(true);
      },
    ));

  it('a domain’s own limits give its own rule from the general list', () =>
    askTree(
      list('general', '/too many/ mode=backoff') +
        domain('*', 'smtp-pattern-list general', 'backoff-max-msg-rate 60/h', 'backoff-to-normal-after 1h') +
        domain('a.test', 'backoff-max-msg-rate 6/h'),
      (tree) => {
        expect(effects(tree, SLOW, 'd.test')).toEqual(['max_message_rate=60/h,max_burst=1 3600']);
        const own = tree.matchReply('a.test', '{default}', SLOW).filter(({ block }) => block === 'a.test');
        expect(own.flatMap(({ actions }) => actions)).toEqual([
          { kind: 'SetConfig', name: 'max_message_rate', value: '6/h,max_burst=1' },
        ]);
        // Of two rules for one field the one that ends later may be made to win; a second more is no longer backoff.
        expect(Math.abs((own[0]?.duration ?? 0) - 3600)).toBeLessThanOrEqual(1);
      },
    ));

  it.each([
    ['[*.]x.test', ['x.test', 'a.x.test'], ['notx.test', 'd.test']],
    ['*.x.test', ['a.x.test'], ['x.test', 'notx.test']],
    ['x.test', ['x.test'], ['a.x.test', 'notx.test']],
  ])('%s', (pattern, inside, outside) =>
    askTree(
      list('l', '/too many/ disable-source-ip,reenable-after=1h') + domain(pattern, 'smtp-pattern-list l'),
      (tree) => {
        for (const name of inside) expect(effects(tree, SLOW, name)).toEqual(['Suspend 3600']);
        for (const name of outside) expect(effects(tree, SLOW, name)).toEqual([]);
      },
    ),
  );

  it('a list of a virtual-mta acts for every source, and says so', () =>
    askTree(
      list('l', '/too many/ disable-source-ip,reenable-after=1h') + vmta('v', domain('*', 'smtp-pattern-list l')),
      (tree, converted) => {
        expect(effects(tree, SLOW)).toEqual(['Suspend 3600']);
        expect(notesOf(converted, 'smtp-pattern-list')[0]).toMatch(/every source/);
      },
    ));

  it('virtual-mtas that ask for the same get one rule', () =>
    askTree(
      list('l', '/too many/ disable-source-ip,reenable-after=1h') +
        vmta('v', domain('*', 'smtp-pattern-list l')) +
        vmta('w', domain('*', 'smtp-pattern-list l'), '2'),
      (tree) => expect(effects(tree, SLOW)).toEqual(['Suspend 3600']),
    ));

  it('mail routed by the MX of another domain is judged there', () =>
    askTree(
      list('l', '/too many/ disable-source-ip,reenable-after=1h') +
        domain('a.test', 'smtp-hosts lookup-mx:r.test', 'smtp-pattern-list l'),
      (tree) => expect(effects(tree, SLOW, 'r.test')).toEqual(['Suspend 3600']),
    ));

  it('mail routed to hosts is judged by its own domain', () =>
    askTree(
      list('l', '/too many/ disable-source-ip,reenable-after=1h') +
        domain('a.test', 'smtp-hosts [192.0.2.99]', 'smtp-pattern-list l'),
      (tree) => expect(effects(tree, SLOW, 'a.test')).toEqual(['Suspend 3600']),
    ));

  it('mail that queue-to moves is judged as the other queue says, or a person is told', () =>
    askTree(
      list('l', '/too many/ disable-source-ip,reenable-after=1h') +
        domain('a.test', 'queue-to big.queue') +
        domain('big.queue', 'smtp-hosts [192.0.2.99]', 'smtp-pattern-list l'),
      (tree, converted) => {
        // Rules are looked up by the domain of the recipient and by the site, and no recipient is at big.queue.
        const fires = effects(tree, SLOW, 'a.test').length > 0;
        expect(fires || outcomesOf(converted, 'smtp-pattern-list')[0] === 'manual').toBe(true);
      },
    ));
});

describe('what no rule can do', () => {
  it.each([
    ['bounce-rcpt', 'approximate'],
    ['skip-mx', 'approximate'],
    ['mode=normal', 'unsupported'],
  ])('%s ends %s, with a note and no rule', (action, outcome) =>
    askTree(list('l', `/too many/ ${action}`) + domain('*', 'smtp-pattern-list l'), (tree, converted) => {
      expect(outcomesOf(converted, 'reply')).toEqual([outcome]);
      expect(notesOf(converted, 'reply')[0]).not.toBe('');
      expect(tree.automationFor('d.test')).toEqual([]);
    }),
  );
});
