import { describe, expect, it } from 'vitest';
import { findingsOf, TOPICS } from '../../src/audit/findings';
import { WORK_AROUNDS } from '../../src/audit/opinions/work-arounds';
import { DIRECTIVES } from '../../src/directives/table';
import { allForms, auditText, linesWith, withCode } from '../support/audited';

function config(...lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

const domain = (name: string, ...lines: readonly string[]): readonly string[] => [
  `<domain ${name}>`,
  ...lines,
  '</domain>',
];
const BACKS_OFF = ['<smtp-pattern-list l>', 'reply /slow down/ mode=backoff', '</smtp-pattern-list>'];

describe('limits that contradict each other', () => {
  it('backoff that allows as much as is allowed without it (M5 3.3.10.34-36)', () => {
    const of = (...lines: readonly string[]) =>
      linesWith('backoff-not-slower', config(...BACKS_OFF, ...domain('*', 'smtp-pattern-list l', ...lines)));
    // 1/m is 60/h, which is more than 50/h.
    expect(of('max-msg-rate 50/h', 'backoff-max-msg-rate 1/m')).toEqual([7]);
    expect(of('max-msg-rate 70/h', 'backoff-max-msg-rate 1/m')).toEqual([]);
    expect(of('max-smtp-out 5', 'backoff-max-smtp-out 5')).toEqual([7]);
    expect(of('max-connect-rate unlimited', 'backoff-max-connect-rate 5/h')).toEqual([]);
  });

  it('looks at what counts, and tells each pair of lines once', () => {
    const input = config(
      ...domain('*', 'backoff-max-msg-rate 10/h'),
      ...domain('a.example', 'max-msg-rate 20/h'),
      ...domain('b.example', 'max-msg-rate 5/h'),
      ...domain('c.example', 'max-msg-rate 5/h'),
    );
    // Lines 8 and 11 each contradict line 2.
    expect(linesWith('backoff-not-slower', input)).toEqual([2, 2]);
  });

  it('a first wait that outlives the message', () => {
    const of = (...lines: readonly string[]) => linesWith('retry-after-expiry', config(...domain('*', ...lines)));
    expect(of('retry-after 2h', 'bounce-after 1h')).toEqual([2]);
    expect(of('retry-after 10m,2h', 'bounce-after 1h')).toEqual([]);
    // Without bounce-after mail lives for 4d12h.
    expect(of('retry-after 5d')).toEqual([2]);
    expect(of('retry-after 4d')).toEqual([]);
  });

  it('a message rate that the connections cannot carry', () => {
    const of = (...lines: readonly string[]) => linesWith('rate-out-of-reach', config(...domain('*', ...lines)));
    // 10 connections a minute with 100 messages each: 1000 a minute.
    expect(of('max-msg-rate 1001/m', 'max-connect-rate 10/m', 'max-msg-per-connection 100')).toEqual([2]);
    expect(of('max-msg-rate 1000/m', 'max-connect-rate 10/m', 'max-msg-per-connection 100')).toEqual([]);
    // 0 is no limit.
    expect(of('max-msg-rate 1001/m', 'max-connect-rate 10/m', 'max-msg-per-connection 0')).toEqual([]);
  });

  it('a limit of a domain above the cap of the virtual-mta or the server (M5 3.3.12, 3.3.1.1)', () => {
    const of = (cap: string, limit: string) =>
      linesWith(
        'limit-above-cap',
        config(
          '<virtual-mta v1>',
          'smtp-source-host 192.0.2.1 a.example.com',
          cap,
          '</virtual-mta>',
          ...domain('a.example', limit),
        ),
      );
    expect(of('max-smtp-out 10', 'max-smtp-out 20')).toEqual([3]);
    expect(of('max-smtp-out 20', 'max-smtp-out 20')).toEqual([]);
    expect(of('max-smtp-msg-rate 100/h', 'max-msg-rate 2/m')).toEqual([3]);
    expect(linesWith('limit-above-cap', config('total-max-smtp-out 5', ...domain('*', 'max-smtp-out 6')))).toEqual([1]);
    const overruled = config(
      ...['<virtual-mta v1>', 'smtp-source-host 192.0.2.1 a.example.com', 'max-smtp-out 10'],
      ...domain('a.example', 'max-smtp-out 3'),
      '</virtual-mta>',
      ...domain('a.example', 'max-smtp-out 20'),
    );
    expect(linesWith('limit-above-cap', overruled)).toEqual([]);
  });
});

describe('lines that never count', () => {
  it('backoff limits without a reply that asks for backoff (M5 10.3)', () => {
    const limit = 'backoff-max-msg-rate 3/h';
    expect(linesWith('backoff-untriggered', config(...domain('*', limit)))).toEqual([2]);
    expect(
      linesWith('backoff-untriggered', config(...BACKS_OFF, ...domain('*', 'smtp-pattern-list l', limit))),
    ).toEqual([]);
    expect(
      linesWith('backoff-untriggered', config(...domain('*', 'backoff-upon-all-sources-disabled yes', limit))),
    ).toEqual([]);
    // It does count for one of the two.
    const one = config(...BACKS_OFF, ...domain('*', limit), ...domain('a.example', 'smtp-pattern-list l'));
    expect(linesWith('backoff-untriggered', one)).toEqual([]);
  });

  it('a block whose lines other blocks all say again', () => {
    const first = domain('a.example', 'max-smtp-out 5');
    expect(linesWith('block-beaten', config(...first, ...domain('a.example', 'max-smtp-out 6')))).toEqual([1]);
    expect(linesWith('block-beaten', config(...first, ...domain('a.example', 'max-msg-rate 6/h')))).toEqual([]);
    // A block with the name beats one that comes from a macro (M5 3.3.10).
    const macro = [
      'domain-macro m a.example',
      ...domain('$m', 'max-smtp-out 5'),
      ...domain('a.example', 'max-smtp-out 6'),
    ];
    expect(linesWith('block-beaten', config(...macro))).toEqual([2]);
  });

  it('entries of a list behind one that takes all they fit (M5 3.3.14.3, 10.8, 3.3.15)', () => {
    const vmtas = ['<virtual-mta v1>', 'smtp-source-host 192.0.2.1 a.example.com', '</virtual-mta>'];
    const list = (...lines: readonly string[]) =>
      linesWith('pattern-unreachable', config(...vmtas, '<pattern-list p>', ...lines, '</pattern-list>'));
    expect(list('* virtual-mta=v1', 'mail-from /x/ virtual-mta=v1')).toEqual([6]);
    expect(list('mail-from /x/ virtual-mta=v1', 'rcpt-to /x/ virtual-mta=v1', '* virtual-mta=v1')).toEqual([]);
    expect(list('mail-from /x/ virtual-mta=v1', 'mail-from /x/ recipient-priority=9')).toEqual([6]);
    expect(list('header A /x/ virtual-mta=v1', 'header B /x/ virtual-mta=v1')).toEqual([]);
    const bounces = ['<bounce-category-patterns>', '// other', '/spam/ spam-related', '</bounce-category-patterns>'];
    expect(linesWith('pattern-unreachable', config(...bounces))).toEqual([3]);
    const replies = [
      '<smtp-pattern-list l>',
      'reply /x/ mode=backoff',
      'reply /x/ skip-mx',
      'reply /x/ skip-mx',
      '</smtp-pattern-list>',
    ];
    // Replies with actions that do not conflict can all act; the third line says what the second does.
    expect(linesWith('pattern-unreachable', config(...replies))).toEqual([4]);
  });

  it('DKIM keys behind one that fits the same senders (M5 3.3.1.33.1)', () => {
    const signs = domain('*', 'dkim-sign yes');
    const keys = (...lines: readonly string[]) => linesWith('key-hidden', config(...signs, ...lines));
    expect(keys('domain-key a,x.example,/k1', 'domain-key b,x.example,/k2')).toEqual([5]);
    expect(keys('domain-key a,x.example,/k1', 'domain-key b,sub.x.example,/k2')).toEqual([5]);
    expect(keys('domain-key a,sub.x.example,/k1', 'domain-key b,x.example,/k2')).toEqual([]);
    expect(keys('domain-key a,x.example,/k1', 'domain-key b,notx.example,/k2')).toEqual([]);
    expect(keys('domain-key a,*,/k1', 'domain-key b,x.example,/k2')).toEqual([5]);
    const chosen = ['<source 0/0>', 'process-x-dkim-options yes', '</source>'];
    expect(keys('domain-key a,x.example,/k1', 'domain-key b,x.example,/k2', ...chosen)).toEqual([]);
  });
});

describe('defined and never used', () => {
  it.each([
    [['<smtp-pattern-list l>', 'reply /x/ mode=backoff', '</smtp-pattern-list>'], domain('*', 'smtp-pattern-list l')],
    [
      ['<pattern-list p>', '* virtual-mta={default}', '</pattern-list>'],
      ['<source 0/0>', 'pattern-list p', '</source>'],
    ],
    [['domain-macro m a.example'], domain('$m', 'max-smtp-out 5')],
    [['domain-macro m a.example'], ['domain-macro n $m', ...domain('$n', 'max-smtp-out 5')]],
  ])('%j', (definition, use) => {
    expect(linesWith('definition-unused', config(...definition))).toEqual([1]);
    expect(linesWith('definition-unused', config(...definition, ...use))).toEqual([]);
  });

  const SENDERS = [
    ...['<virtual-mta v1>', 'smtp-source-host 192.0.2.1 a.example.com', '</virtual-mta>'],
    ...['<virtual-mta v2>', 'smtp-source-host 192.0.2.2 b.example.com', '</virtual-mta>'],
    ...['<virtual-mta-pool p>', 'virtual-mta v1', '</virtual-mta-pool>'],
  ];
  const source = (...lines: readonly string[]): readonly string[] => ['<source 0/0>', ...lines, '</source>'];

  it('virtual-mtas and pools; members of a used pool are used', () => {
    expect(linesWith('sender-unused', config(...SENDERS))).toEqual([1, 4, 7]);
    expect(linesWith('sender-unused', config(...SENDERS, ...source('default-virtual-mta p')))).toEqual([4]);
    expect(linesWith('sender-unused', config(...SENDERS, ...source('default-virtual-mta by-smtp-source-ip')))).toEqual([
      7,
    ]);
  });

  it('says once that messages may choose', () => {
    const input = config(...SENDERS, ...source('process-x-virtual-mta yes', 'default-virtual-mta v2'));
    expect(linesWith('sender-unused', input)).toEqual([]);
    const [one, ...more] = withCode('senders-by-message', auditText(input));
    expect(one?.message).toContain('names 2 of the virtual-mtas and pools (p is the first)');
    expect(more).toEqual([]);
    expect(linesWith('senders-by-message', config(...SENDERS, ...source('process-x-virtual-mta no')))).toEqual([]);
  });

  it('DKIM keys where nothing is signed (M5 3.3.10.19)', () => {
    const key = 'domain-key a,x.example,/k1';
    expect(linesWith('key-unused', config(key))).toEqual([1]);
    expect(linesWith('key-unused', config(key, ...domain('*', 'dkim-sign no')))).toEqual([1]);
    expect(linesWith('key-unused', config(key, ...domain('*', 'dkim-sign if-x-dkim-options-present')))).toEqual([]);
  });
});

describe('what is not needed', () => {
  it('lines that say what <domain *> says', () => {
    const general = domain('*', 'max-smtp-out 5', 'retry-after 10m');
    const same = domain('a.example', 'max-smtp-out 5', 'max-msg-rate 5/h');
    const [one] = withCode('block-repeats-general', auditText(config(...general, ...same)));
    expect(one?.message).toBe('1 of 2 lines of this block say what <domain *> says');
    expect(linesWith('block-repeats-general', config(...general, ...same))).toEqual([5]);
    // Written in another way, and still the same.
    expect(linesWith('block-repeats-general', config(...general, ...domain('b.example', 'retry-after 600s')))).toEqual([
      5,
    ]);
    // The wildcard between the two would count instead.
    const between = domain('*.example', 'max-smtp-out 9');
    expect(linesWith('block-repeats-general', config(...general, ...between, ...same))).toEqual([]);
  });

  it('lists of domains that share MX hosts, by the snapshot', () => {
    // gmail.com and googlemail.com share hosts; outlook.com and hotmail.com only a suffix.
    const [google] = withCode('list-of-one-site', auditText('domain-macro g gmail.com,googlemail.com,other.example\n'));
    expect(google?.message).toContain('2 of 3 domains of the macro g have the MX hosts of google');
    const [microsoft] = withCode('list-of-one-site', auditText('domain-macro m hotmail.com,outlook.com\n'));
    expect(microsoft?.help).toContain('MXSuffix = ".olc.protection.outlook.com"');
    expect(linesWith('list-of-one-site', 'domain-macro x gmail.com,yahoo.com\n')).toEqual([]);
    const queued = [...domain('gmail.com', 'queue-to g.queue'), ...domain('googlemail.com', 'queue-to g.queue')];
    expect(linesWith('list-of-one-site', config(...queued))).toEqual([2]);
  });

  it('mx-rollup-list', () => {
    expect(linesWith('rollup-native', '<mx-rollup-list>\nmx *.a.example b.rollup\n</mx-rollup-list>\n')).toEqual([1]);
  });

  it('work-arounds', () => {
    const [one] = withCode('work-around-needless', auditText('run-as-root no\n'));
    expect(one?.help).toContain('becomes the user kumod');
    const names = new Set(DIRECTIVES.filter(({ disposition }) => disposition === 'implicit').map(({ name }) => name));
    expect(WORK_AROUNDS).toEqual([...new Set(WORK_AROUNDS)].sort());
    expect(WORK_AROUNDS.filter((name) => !names.has(name))).toEqual([]);
  });
});

describe('secrets in the files', () => {
  const input = config(
    '# password hunter2-old',
    '# a comment about something else',
    '<smtp-user me>',
    'password hunter2',
    '</smtp-user>',
    ...domain('a.example', 'auth-username me', 'auth-password hunter3'),
    'smtp-server-tls-certificate /etc/pmta/cert.pem hunter4',
    'http-api-key hunter5',
  );

  it('are found, and shown nowhere', () => {
    expect(linesWith('secret-in-file', input)).toEqual([4, 8, 10, 11]);
    expect(linesWith('secret-in-comment', input)).toEqual([1]);
    const audit = auditText(input);
    expect(Object.values(allForms(audit)).join('\n')).not.toContain('hunter');
    expect(JSON.stringify(audit.findings)).not.toContain('hunter');
  });

  it('a certificate without a pass phrase is none', () => {
    expect(linesWith('secret-in-file', 'smtp-server-tls-certificate /etc/pmta/cert.pem\n')).toEqual([]);
  });
});

describe('findings', () => {
  it('are grouped, by topic', () => {
    const { findings } = auditText(config('run-as-root no', 'run-as-root no', 'domain-macro unused a.example'));
    expect(findings.map(({ code, places }) => [code, places])).toEqual([
      ['definition-unused', ['config:3']],
      ['work-around-needless', ['config:1', 'config:2']],
    ]);
    for (const { topic } of findings) expect(TOPICS).toContain(topic);
  });

  it('are none where there is nothing to say', () => {
    expect(findingsOf([])).toEqual([]);
  });
});
