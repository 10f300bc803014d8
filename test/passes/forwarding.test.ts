import { describe, expect, it } from 'vitest';
import { convertText } from '../support/converted';
import { askTree, headerOf, mail, mailWith, notesOf, outcomesOf } from '../support/tree';

const source = (name: string, ...lines: string[]) => `<source ${name}>\n  ${lines.join('\n  ')}\n</source>\n`;
const virtualMta = (name: string, address: string) =>
  `<virtual-mta ${name}>\n  smtp-source-host ${address} ${name}.example.net\n</virtual-mta>\n`;
const FEED = 'always-allow-relaying yes';
const FEEDER = source('10/8', FEED);
const NAMED = `host-name mx.shop.test\nhost-name alt.shop.test\n${FEEDER}`;
const STRANGER = { peer: '198.51.100.7' };

/** Where the copies of a message go, and what becomes of the message itself. */
function sent(message: {
  readonly copies: readonly { readonly recipients: readonly string[] }[];
  readonly queue: string;
}) {
  return { queue: message.queue, to: message.copies.flatMap(({ recipients }) => recipients) };
}

describe('postmaster: mail to the administrator (M5 3.3.1.3)', () => {
  const config = `${NAMED}postmaster ops@example.net\npostmaster boss@example.net\n`;

  it.each([
    ['postmaster@mx.shop.test'],
    ['PostMaster@mx.shop.test'],
    ['abuse@mx.shop.test'],
    ['postmaster@alt.shop.test'],
  ])('from anybody to %s goes to every address given', (recipient) =>
    askTree(config, (tree, converted) => {
      const message = tree.message(mail({ recipient, ...STRANGER }));
      expect(message.rejected).toBeUndefined();
      // The client gets its 250, and nothing goes to the host name itself.
      expect(sent(message)).toEqual({ queue: 'null', to: ['ops@example.net', 'boss@example.net'] });
      expect(message.copies[0]).toMatchObject({ sender: 'bounce@shop.test', queue: '{default}@example.net' });
      expect(headerOf(message.copies[0] ?? message, 'Subject')).toEqual(['hello']);
      expect(outcomesOf(converted, 'postmaster')).toEqual(['approximate', 'approximate']);
    }),
  );

  it('takes nobody else from strangers, and goes on as before for feeders', () =>
    askTree(config, (tree) => {
      expect(tree.message(mail({ recipient: 'you@mx.shop.test', ...STRANGER })).rejected).toEqual({
        code: 550,
        message: '5.1.1 no such address here',
      });
      expect(tree.message(mail({ recipient: 'you@d.test', ...STRANGER })).rejected?.code).toBe(550);
      expect(tree.message(mail({ recipient: 'you@mx.shop.test' })).queue).toBe('{default}@mx.shop.test');
      expect(tree.message(mail()).copies).toEqual([]);
    }));

  it('lets users relay to other addresses of the host name', () =>
    askTree(`${config}<smtp-user u>\npassword p\n</smtp-user>\n${source('{auth}', FEED)}`, (tree) => {
      const spec = { ...STRANGER, auth: { user: 'u', password: 'p' } };
      expect(tree.message(mail({ recipient: 'you@mx.shop.test', ...spec })).rejected).toBeUndefined();
      expect(
        tree.message(mail({ recipient: 'you@mx.shop.test', sender: 'x@mx.shop.test', ...spec })).rejected,
      ).toBeUndefined();
    }));

  it('leaves a domain with a relay-domain line open for all its addresses', () =>
    askTree(`${config}relay-domain [*.]shop.test\n`, (tree) => {
      expect(tree.message(mail({ recipient: 'you@mx.shop.test', ...STRANGER })).rejected).toBeUndefined();
      expect(sent(tree.message(mail({ recipient: 'abuse@mx.shop.test', ...STRANGER }))).to).toHaveLength(2);
    }));

  it('leaves bounces alone that come in for the host name', () =>
    askTree(
      `${config}<bounce-processor>\n<address-list>\ndomain mx.shop.test\n</address-list>\n</bounce-processor>\n`,
      (tree) => {
        const report: [string, string] = ['Content-Type', 'multipart/report; report-type=delivery-status'];
        const bounce = tree.message(
          mailWith([report], { recipient: 'bounce-1@mx.shop.test', sender: '', ...STRANGER }),
        );
        expect(bounce.rejected).toBeUndefined();
        expect(bounce.relayed).toBe(false);
        expect(tree.message(mail({ recipient: 'you@mx.shop.test', ...STRANGER })).rejected?.code).toBe(550);
        expect(sent(tree.message(mail({ recipient: 'abuse@mx.shop.test', ...STRANGER }))).to).toHaveLength(2);
        expect(sent(tree.message(mail({ recipient: 'abuse@alt.shop.test', ...STRANGER }))).to).toHaveLength(2);
      },
    ));

  it('goes on beside a relay-address at the host name', () =>
    askTree(`${config}relay-address bounce@mx.shop.test\n`, (tree) => {
      const to = (recipient: string) => tree.message(mail({ recipient, ...STRANGER }));
      expect(sent(to('abuse@mx.shop.test')).to).toHaveLength(2);
      expect(to('bounce@mx.shop.test').rejected).toBeUndefined();
      expect(to('you@mx.shop.test').rejected?.code).toBe(550);
    }));

  it('ends a loop of hops, which nothing in KumoMTA does', () =>
    askTree(config, (tree) => {
      const hops = Array.from({ length: 101 }, (): [string, string] => ['Received', 'from a by b']);
      const spec = mailWith(hops, { recipient: 'abuse@mx.shop.test' });
      expect(tree.message(spec).rejected?.code).toBe(554);
    }));

  it('asks for a host-name where the file leaves the name to the system', () =>
    askTree(`${FEEDER}postmaster ops@example.net\n`, (tree, converted) => {
      expect(outcomesOf(converted, 'postmaster')).toEqual(['manual']);
      expect(notesOf(converted, 'postmaster')[0]).toContain('add a host-name line');
      expect(converted.files.has('pmta.lua')).toBe(false);
      expect(tree.message(mail({ recipient: 'postmaster@mx.shop.test', ...STRANGER })).rejected?.code).toBe(550);
    }));

  it('does not send to itself', () =>
    askTree(`${NAMED}postmaster postmaster@mx.shop.test\n`, (tree, converted) => {
      expect(outcomesOf(converted, 'postmaster')).toEqual(['manual']);
      expect(tree.message(mail({ recipient: 'postmaster@mx.shop.test', ...STRANGER })).rejected?.code).toBe(550);
    }));

  it('needs a release that can put further messages into the queues', () =>
    askTree(
      config,
      (_, converted) => {
        expect(outcomesOf(converted, 'postmaster')).toEqual(['unsupported', 'unsupported']);
        expect(notesOf(converted, 'postmaster')[0]).toContain('2025.10.06');
      },
      { target: '2025.05.06' },
    ));

  it('works before recipients came in lists', () =>
    askTree(
      config,
      (tree) => expect(sent(tree.message(mail({ recipient: 'abuse@mx.shop.test', ...STRANGER }))).to).toHaveLength(2),
      { target: '2025.10.06' },
    ));
});

describe('aliases (M5 12.9)', () => {
  const aliases = (...lines: readonly string[]) =>
    `${NAMED}relay-domain d.test\n<aliases>\n${lines.map((line) => `alias ${line}\n`).join('')}</aliases>\n`;

  it.each([
    ['info@d.test', ['a@x.test', 'b@y.test']],
    // Before the rest of its domain.
    ['INFO@d.test', ['a@x.test', 'b@y.test']],
    ['else@d.test', ['all@x.test']],
    ['help@mx.shop.test', ['desk@x.test']],
    // A bare local part holds at the host names only.
    ['help@d.test', ['all@x.test']],
    // Aliases of aliases are followed to the end.
    ['chain@mx.shop.test', ['a@x.test', 'b@y.test']],
  ])('%s goes to %j', (recipient, to) =>
    askTree(
      aliases('info@d.test a@x.test,b@y.test', '*@d.test all@x.test', 'help desk@x.test', 'chain info@d.test'),
      (tree, converted) => {
        expect(sent(tree.message(mail({ recipient, ...STRANGER })))).toEqual({ queue: 'null', to });
        expect(outcomesOf(converted, 'alias')).toEqual(['exact', 'exact', 'exact', 'exact']);
        expect(outcomesOf(converted, '<aliases>')).toEqual(['exact']);
      },
    ),
  );

  it('stand at the top level, too, and before the administrator', () =>
    askTree(`${NAMED}alias abuse desk@x.test\npostmaster ops@x.test\n`, (tree) => {
      expect(sent(tree.message(mail({ recipient: 'abuse@mx.shop.test' }))).to).toEqual(['desk@x.test']);
      expect(sent(tree.message(mail({ recipient: 'postmaster@mx.shop.test' }))).to).toEqual(['ops@x.test']);
    }));

  it('keep a copy where the address itself is among the targets, elsewhere', () =>
    askTree(aliases('info@d.test info@d.test,b@y.test', 'a@d.test b@d.test', 'b@d.test a@d.test'), (tree) => {
      expect(sent(tree.message(mail({ recipient: 'info@d.test' }))).to).toEqual(['info@d.test', 'b@y.test']);
      expect(sent(tree.message(mail({ recipient: 'a@d.test' }))).to).toEqual(['a@d.test']);
    }));

  it('are for the virtual-mta that the new recipient gets', () =>
    askTree(
      `${aliases('info@d.test a@x.test')}${virtualMta('v', '192.0.2.1')}<pattern-list p>\nrcpt-to /@x\\.test/ virtual-mta=v\n</pattern-list>\n${source('10/8', FEED, 'pattern-list p')}`,
      (tree) => {
        expect(tree.message(mail({ recipient: 'info@d.test' })).copies[0]).toMatchObject({
          queue: 'v@x.test',
          pool: 'v',
        });
      },
    ));

  it('with hostile texts stay text', () =>
    askTree(aliases(`o'neil"@d.test a@x.test`, `it's@d.test o'neil@x.test`, 'x@d.test a@]]x'), (tree, converted) => {
      expect(outcomesOf(converted, 'alias')).toEqual(['manual', 'exact', 'manual']);
      expect(sent(tree.message(mail({ recipient: "it's@d.test" }))).to).toEqual(["o'neil@x.test"]);
    }));
});

describe('bcc of a source (M5 3.3.7.3)', () => {
  it('gets a copy of each message, which stays as it is', () =>
    askTree(`${NAMED}${source('10/8', FEED, 'bcc audit@x.test')}`, (tree, converted) => {
      const message = tree.message(mail());
      expect(sent(message)).toEqual({ queue: '{default}@d.test', to: ['audit@x.test'] });
      expect(message.copies[0]).toMatchObject({ sender: 'bounce@shop.test', queue: '{default}@x.test' });
      expect(tree.message(mail({ peer: '127.0.0.1' })).copies).toEqual([]);
      expect(outcomesOf(converted, 'bcc')).toEqual(['approximate']);
    }));

  it('is not made of a message that is refused', () =>
    askTree(
      `${virtualMta('v', '192.0.2.1')}${source('10/8', FEED, 'bcc audit@x.test', 'process-x-virtual-mta yes')}${source('10.9/16', 'process-x-virtual-mta no')}`,
      (tree) => {
        const message = tree.message(mailWith([['X-Virtual-MTA', 'nobody']]));
        expect(message.rejected).toBeDefined();
        expect(message.copies).toEqual([]);
      },
    ));

  it('needs a release that can', () =>
    askTree(
      source('10/8', FEED, 'bcc audit@x.test'),
      (_, converted) => expect(outcomesOf(converted, 'bcc')).toEqual(['unsupported']),
      { target: '2025.05.06' },
    ));
});

describe('domain-suffix (M5 3.3.1.24, 3.3.7.69)', () => {
  const config = `domain-suffix corp.test\n${source('10/8', FEED)}${source('10.2/16', 'auto-qualify-domain no')}`;

  it('ends recipient domains without a dot', () =>
    askTree(config, (tree, converted) => {
      expect(tree.message(mail({ recipient: 'you@mars' }))).toMatchObject({
        recipients: ['you@mars.corp.test'],
        queue: '{default}@mars.corp.test',
      });
      expect(tree.message(mail({ recipient: 'you@mars', peer: '10.2.0.1' })).recipients).toEqual(['you@mars']);
      expect(tree.message(mail()).recipients).toEqual(['you@d.test']);
      expect(outcomesOf(converted, 'domain-suffix')).toEqual(['approximate']);
      expect(outcomesOf(converted, 'auto-qualify-domain')).toEqual(['approximate']);
    }));

  it('that is no domain is invalid', () => {
    const outcome = (value: string) => outcomesOf(convertText(`domain-suffix ${value}\n`), 'domain-suffix');
    expect(outcome('"no domain"')).toEqual(['invalid']);
    expect(outcome('"x] = pwned() --"')).toEqual(['invalid']);
  });

  it('needs no code where there is none', () =>
    askTree(source('10/8', FEED, 'auto-qualify-domain no'), (_, converted) => {
      expect(converted.files.has('pmta.lua')).toBe(false);
      expect(outcomesOf(converted, 'auto-qualify-domain')).toEqual(['implicit']);
    }));
});
