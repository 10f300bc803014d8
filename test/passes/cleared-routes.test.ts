import { describe, expect, it } from 'vitest';
import { askTree, mailWith, notesOf, outcomesOf } from '../support/tree';

const FEED = '<source 10/8>\n  always-allow-relaying yes\n  process-x-virtual-mta yes\n</source>\n';
const VMTA = '<virtual-mta v1>\n  smtp-source-host 192.0.2.1 a.example.net\n';
const domain = (name: string, ...lines: string[]) => `<domain ${name}>\n  ${lines.join('\n  ')}\n</domain>\n`;
/** An empty table of Lua is a list. */
const OWN = { smtp: [] };
const RELAY = { smtp: { mx_list: ['relay.example.net'] } };

describe('smtp-hosts "" (M5 3.3.10.89)', () => {
  it('sends a name below a wildcard, or inside of a default, to its own mail exchangers', async () => {
    for (const around of ['[*.]corp.test', '*.corp.test', '*']) {
      await askTree(
        FEED +
          domain(around, 'smtp-hosts relay.example.net', 'bounce-after 1d') +
          domain('mail.corp.test', 'smtp-hosts ""'),
        (tree, converted) => {
          expect(tree.queueConfig('other.corp.test', '{default}')['protocol']).toEqual(RELAY);
          const own = tree.queueConfig('mail.corp.test', '{default}');
          expect(own['protocol']).toEqual(OWN);
          expect(own['max_age']).toBe(tree.queueConfig('other.corp.test', '{default}')['max_age']);
          // All mail of a default shares one ready queue.
          expect(outcomesOf(converted, 'smtp-hosts')).toEqual([around === '*' ? 'approximate' : 'exact', 'exact']);
        },
      );
    }
  });

  it('for everything below a wildcard, with names in it', () =>
    askTree(
      FEED +
        domain('*', 'smtp-hosts relay.example.net') +
        domain('[*.]corp.test', 'smtp-hosts ""') +
        domain('mail.corp.test', 'retry-after 1m'),
      (tree) => {
        expect(tree.queueConfig('d.test', '{default}')['protocol']).toEqual(RELAY);
        for (const name of ['corp.test', 'a.corp.test', 'mail.corp.test'])
          expect(tree.queueConfig(name, '{default}')['protocol']).toEqual(OWN);
      },
    ));

  it('inside of a route to the mail exchangers of another domain', () =>
    askTree(
      FEED + domain('*', 'smtp-hosts lookup-mx:big.test') + domain('d.test', 'smtp-hosts ""'),
      (tree, converted) => {
        const to = (recipient: string) => tree.message(mailWith([], { recipient: `you@${recipient}` })).routingDomain;
        expect(to('any.test')).toBe('big.test');
        expect(to('d.test')).toBe('d.test');
        expect(outcomesOf(converted, 'smtp-hosts')).toEqual(['exact', 'exact']);
      },
    ));

  it('of a virtual-mta, for one name and for all', async () => {
    const route = FEED + domain('d.test', 'smtp-hosts relay.example.net');
    for (const name of ['d.test', '*']) {
      const vmta = `${VMTA}${domain(name, 'smtp-hosts ""')}</virtual-mta>\n`;
      await askTree(route + domain('*', 'smtp-hosts relay.example.net') + vmta, (tree, converted) => {
        expect(tree.queueConfig('d.test', '{default}')['protocol']).toEqual(RELAY);
        expect(tree.queueConfig('d.test', 'v1')['protocol']).toEqual(OWN);
        expect(outcomesOf(converted, 'smtp-hosts')).toEqual(['exact', 'approximate', 'exact']);
      });
    }
  });

  it('does not undo that mail is dropped', () =>
    askTree(
      FEED +
        domain('*', 'smtp-hosts relay.example.net') +
        domain('[*.]corp.test', 'smtp-hosts ""', 'type discard') +
        domain('mail.corp.test', 'retry-after 1m'),
      (tree) => {
        const dropped = mailWith([], { recipient: 'you@a.corp.test' });
        expect(tree.deliver(dropped).reply).toBe('2.0.0 discarded');
      },
    ));

  it('says where KumoMTA cannot, and where there is nothing to clear', () =>
    askTree(
      FEED + domain('*', 'smtp-hosts lookup-mx:big.test') + domain('*.corp.test', 'smtp-hosts ""'),
      (_, converted) => {
        expect(outcomesOf(converted, 'smtp-hosts')).toEqual(['exact', 'manual']);
        expect(notesOf(converted, 'smtp-hosts')[1]).toContain('clear it for each name');
      },
    ));

  it('asks for nothing where no route is set around it', () =>
    askTree(FEED + domain('d.test', 'smtp-hosts ""'), (tree, converted) => {
      expect(tree.queueConfig('d.test', '{default}')['protocol']).toBeUndefined();
      expect(outcomesOf(converted, 'smtp-hosts')).toEqual(['implicit']);
    }));
});
