import { describe, expect, it } from 'vitest';
import { loadTree } from '../../src/kumo/runtime/load-tree';
import { DEFAULT_OPTIONS } from '../../src/passes/pass';
import { convertText } from '../support/converted';
import { askTree, headerOf, mail, mailWith, notesOf, outcomesOf } from '../support/tree';

const block = (tag: string, argument: string, ...lines: readonly string[]) =>
  `<${tag} ${argument}>\n${lines.map((line) => `  ${line}\n`).join('')}</${tag}>\n`;
const source = (name: string, ...lines: readonly string[]) =>
  block('source', name, 'always-allow-relaying yes', ...lines);
const virtualMta = (name: string, n: number, ...lines: readonly string[]) =>
  block('virtual-mta', name, `smtp-source-host 192.0.2.${n} ${name.toLowerCase()}.example.net`, ...lines);
const choose = source('10/8', 'process-x-virtual-mta yes');
const OTHERS = source('172.16/12');

describe('remove-header of a domain (M5 3.3.7.8)', () => {
  const config =
    block('domain', '*', 'remove-header X-Trace') +
    block('domain', 'big.test', 'remove-header X-Priority, X-Trace') +
    block('domain', 'keep.test', 'remove-header ""') +
    virtualMta('v', 1, block('domain', '*', 'remove-header X-Own')) +
    virtualMta('w', 2) +
    choose;
  it.each([
    ['w', 'you@d.test', ['X-Priority', 'X-Own']],
    ['w', 'you@big.test', ['X-Own']],
    ['w', 'you@keep.test', ['X-Trace', 'X-Priority', 'X-Own']],
    // What the virtual-mta says for all domains goes before what is said for one.
    ['v', 'you@big.test', ['X-Trace', 'X-Priority']],
  ])('through %s to %s keeps %j', (vmta, recipient, kept) =>
    askTree(config, (tree, converted) => {
      const headers: [string, string][] = ['X-Trace', 'X-Priority', 'X-Own'].map((name) => [name, '1']);
      const message = tree.message(mailWith([...headers, ['X-Virtual-MTA', vmta]], { recipient }));
      expect(message.headers.map(([name]) => name).filter((name) => /^X-(?!Kumo)/.test(name))).toEqual(kept);
      expect(outcomesOf(converted, 'remove-header')).toEqual(['exact', 'exact', 'exact', 'exact']);
    }),
  );
});

describe('add-x-virtual-mta-header (M5 3.3.7.50)', () => {
  const config =
    virtualMta('Shop-1', 1) +
    virtualMta('w', 2) +
    OTHERS +
    source('10/8', 'add-x-virtual-mta-header yes', 'default-virtual-mta Shop-1');
  it('names the virtual-mta as the configuration writes it, unless the client has', () =>
    askTree(config, (tree, converted) => {
      expect(headerOf(tree.message(mail()), 'X-Virtual-MTA')).toEqual(['Shop-1']);
      expect(headerOf(tree.message(mailWith([['X-Virtual-MTA', 'own']])), 'X-Virtual-MTA')).toEqual(['own']);
      expect(headerOf(tree.message(mail({ peer: '172.16.0.1' })), 'X-Virtual-MTA')).toEqual([]);
      expect(outcomesOf(converted, 'add-x-virtual-mta-header')).toEqual(['approximate']);
    }));
});

describe('include-headers-from (M5 3.3.1.33.3)', () => {
  const input =
    'include-headers-from /etc/pmta/all.txt\n' +
    virtualMta('v', 1, 'include-headers-from /etc/pmta/v/all.txt') +
    virtualMta('w', 2) +
    choose;
  it('puts in the global file and the one of the virtual-mta', async () => {
    const converted = convertText(input);
    expect([...converted.conversion.policy.copies.values()].map(({ from, to }) => [from, to])).toEqual([
      ['/etc/pmta/all.txt', `${DEFAULT_OPTIONS.installDir}/lists/all.txt`],
      ['/etc/pmta/v/all.txt', `${DEFAULT_OPTIONS.installDir}/lists/2-all.txt`],
    ]);
    expect(outcomesOf(converted, 'include-headers-from')).toEqual(['approximate', 'approximate']);
    const files = new Map([
      ...converted.files,
      ['lists/all.txt', 'X-Abuse: abuse@shop.test\r\nX-Long: one\r\n two\r\n'],
      ['lists/2-all.txt', "X-Own: it's v\n"],
    ]);
    const tree = await loadTree(files, { installDir: DEFAULT_OPTIONS.installDir });
    try {
      const names = (vmta: string) =>
        tree.message(mailWith([['X-Virtual-MTA', vmta]])).headers.filter(([name]) => /^X-(?!Kumo)/.test(name));
      const all = [
        ['X-Abuse', 'abuse@shop.test'],
        ['X-Long', 'one two'],
      ];
      expect(names('w')).toEqual(all);
      expect(names('v')).toEqual([...all, ['X-Own', "it's v"]]);
      expect(tree.findings).toEqual([]);
    } finally {
      tree.close();
    }
  });
  it('needs a release that reads plain files', () =>
    askTree(
      input,
      (_, converted) => expect(outcomesOf(converted, 'include-headers-from')).toEqual(['unsupported', 'unsupported']),
      { target: '2025.05.06' },
    ));
});

const DELIVERED = { type: 'Delivery', delivery_protocol: 'ESMTP' } as const;

describe('bcc-upon-delivery (M5 3.3.10.12)', () => {
  const config =
    block('domain', '*', 'bcc-upon-delivery audit@a.test') +
    block('domain', 'no.test', 'bcc-upon-delivery ""') +
    source('10/8');
  it('copies what was delivered, once', () =>
    askTree(config, (tree, converted) => {
      const copies = tree.logged(mail(), DELIVERED);
      expect(copies).toMatchObject([
        { recipients: ['audit@a.test'], sender: 'bounce@shop.test', queue: '{default}@a.test' },
      ]);
      expect(copies[0]?.meta['x_pmta_copy']).toBe(true);
      expect(tree.logged(mail({ recipient: 'you@no.test' }), DELIVERED)).toEqual([]);
      expect(tree.message(mail()).copies).toEqual([]);
      expect(outcomesOf(converted, 'bcc-upon-delivery')).toEqual(['approximate', 'approximate']);
    }));

  it('does to the copy nothing that was done to the message', () =>
    askTree(
      block('domain', '*', 'bcc-upon-delivery audit@a.test') +
        virtualMta('v', 1) +
        source('10/8', 'verp-default yes', 'process-x-virtual-mta yes') +
        OTHERS,
      (tree) => {
        const copies = tree.logged(mailWith([['X-Virtual-MTA', 'v']]), DELIVERED);
        expect(copies).toMatchObject([{ sender: 'bounce-you=d.test@shop.test', queue: 'v@a.test', pool: 'v' }]);
      },
    ));
});

describe('add-x-msys-api-header (M5 3.3.10.99)', () => {
  it('tells SparkPost the options of the domain', () =>
    askTree(
      block('domain', 'sp.test', 'add-x-msys-api-header yes', `sparkpost-ip-pool it's"one`, 'sparkpost-sandbox yes') +
        source('10/8'),
      (tree, converted) => {
        const message = tree.message(mail({ recipient: 'you@sp.test' }));
        expect(JSON.parse(headerOf(message, 'X-MSYS-API')[0] ?? '')).toEqual({
          options: { ip_pool: `it's"one`, sandbox: true },
        });
        expect(headerOf(tree.message(mail()), 'X-MSYS-API')).toEqual([]);
        expect(outcomesOf(converted, 'add-x-msys-api-header')).toEqual(['approximate']);
      },
    ));
});

describe('job ids (M5 3.3.7.44-46)', () => {
  it('have a prefix', () =>
    askTree(
      source('10/8', 'process-x-job yes', 'jobid-prefix feed-') +
        `<smtp-user u>\n  password p\n</smtp-user>\n${source('{auth}', 'process-x-job yes', 'jobid-prefix {auth}')}`,
      (tree, converted) => {
        expect(tree.message(mailWith([['X-Job', 'spring']])).campaign).toBe('feed-spring');
        expect(tree.message(mail()).campaign).toBeUndefined();
        const byUser = mailWith([['X-Job', 'spring']], { peer: '198.51.100.7', auth: { user: 'u', password: 'p' } });
        expect(tree.message(byUser).campaign).toBe('uspring');
        expect(outcomesOf(converted, 'jobid-prefix')).toEqual(['exact', 'exact']);
      },
    ));

  it('that are different in each message go into the records, and make no queues', () =>
    askTree(
      `log-file /var/log/pmta/log\n<acct-file /var/log/pmta/acct.csv>\n</acct-file>\n${source('10/8', 'jobid-header X-Mailer-RecptId', 'process-x-job yes', 'process-x-envid yes')}`,
      (tree, converted) => {
        const message = tree.message(mailWith([['X-Mailer-RecptId', '4711']]));
        expect(message).toMatchObject({ queue: '{default}@d.test', meta: { x_pmta_job: '4711' } });
        const both = tree.message(
          mailWith([
            ['X-Mailer-RecptId', '4711'],
            ['X-Job', 'spring'],
          ]),
        );
        expect(both.campaign).toBe('spring');
        expect(both.meta['x_pmta_job']).toBeUndefined();
        expect(tree.logs[0]?.['meta']).toEqual(expect.arrayContaining(['campaign', 'x_pmta_envid', 'x_pmta_job']));
        expect(outcomesOf(converted, 'jobid-header')).toEqual(['approximate']);
        expect(notesOf(converted, 'jobid-header')[0]).toContain('x_pmta_job');
      },
    ));
});

describe('limits of a source', () => {
  it('max-message-hops counts the Received headers of others (M5 3.3.7.35)', () =>
    askTree(source('10/8', 'max-message-hops 2'), (tree, converted) => {
      const hops = (n: number) =>
        mailWith(Array.from({ length: n }, (): [string, string] => ['Received', 'from a by b']));
      expect(tree.message(hops(2)).rejected).toBeUndefined();
      expect(tree.message(hops(3)).rejected).toEqual({ code: 554, message: '5.4.6 too many hops' });
      expect(outcomesOf(converted, 'max-message-hops')).toEqual(['exact']);
    }));

  const many =
    source('10/8', 'max-rcpt-per-message 2', 'too-many-rcpts-fails-message yes') +
    source('172.16/12', 'max-rcpt-per-message 5');
  const to = (n: number) => mail({ recipient: Array.from({ length: n }, (_, i) => `u${i}@d.test`) });
  it('too-many-rcpts-fails-message refuses the message after its data (M5 3.3.7.37)', () =>
    askTree(many, (tree, converted) => {
      expect(tree.message(to(2)).rejected).toBeUndefined();
      expect(tree.message(to(3)).rejected).toEqual({ code: 552, message: '5.5.3 too many recipients' });
      expect(JSON.stringify(tree.listeners[0])).toContain('"max_recipients_per_message":5');
      expect(outcomesOf(converted, 'too-many-rcpts-fails-message')).toEqual(['exact']);
      expect(outcomesOf(converted, 'max-rcpt-per-message')).toEqual(['exact', 'exact']);
    }));
  it('which older releases cannot', () =>
    askTree(
      many,
      (tree, converted) => {
        expect(outcomesOf(converted, 'too-many-rcpts-fails-message')).toEqual(['unsupported']);
        expect(JSON.stringify(tree.listeners[0])).toContain('"max_recipients_per_message":2');
      },
      { target: '2025.10.06' },
    ));
});

describe('X-Schedule (M5 3.3.7.54-55)', () => {
  it.each([
    ['process-x-schedule yes', [], ['manual']],
    ['process-x-schedule yes\nretain-x-schedule yes', ['soon'], ['manual']],
    ['process-x-schedule no', ['soon'], ['implicit']],
  ])('%s keeps %j', (lines, kept, outcomes) =>
    askTree(source('10/8', lines), (tree, converted) => {
      expect(headerOf(tree.message(mailWith([['X-Schedule', 'soon']])), 'X-Schedule')).toEqual(kept);
      expect(outcomesOf(converted, 'process-x-schedule')).toEqual(outcomes);
      for (const outcome of outcomesOf(converted, 'retain-x-schedule')) expect(outcome).toBe('exact');
    }),
  );
});
