import { describe, expect, it } from 'vitest';
import { askTree, mailWith, notesOf, outcomesOf } from '../support/tree';

const FEED = '<source 10/8>\n  always-allow-relaying yes\n  process-x-virtual-mta yes\n</source>\n';
const domain = (name: string, ...lines: string[]) => `<domain ${name}>\n  ${lines.join('\n  ')}\n</domain>\n`;
const vmta = (...blocks: string[]) =>
  `<virtual-mta v1>\n  smtp-source-host 192.0.2.1 a.example.net\n${blocks.join('')}</virtual-mta>\n`;
const sent = (recipient: string) => mailWith([['X-Virtual-MTA', 'v1']], { recipient: `you@${recipient}` });
const ALIAS = domain('alias.test', 'smtp-hosts lookup-mx:real.test', 'max-smtp-out 2');
const RELAY = 'smtp-hosts relay.example.net';
const HOSTS = { smtp: { mx_list: ['relay.example.net'] } };
/** An empty table of Lua is a list. */
const MX = { smtp: [] };

/** A directive of a virtual-mta counts before that of the top level, each by itself (M5 3.3.13.2). */
describe('hosts inside of a route to the mail exchangers of another domain', () => {
  it('of a virtual-mta, for all and for the name, keep the limits of the domain', async () => {
    for (const name of ['*', 'alias.test']) {
      await askTree(FEED + ALIAS + vmta(domain(name, RELAY)), (tree, converted) => {
        expect(tree.queueConfig('alias.test', 'v1')['protocol']).toEqual(HOSTS);
        const routed = tree.message(sent('alias.test')).routingDomain;
        expect(routed).toBe('alias.test');
        expect(tree.egressPath(routed, 'v1', 'mx_list:relay.example.net')['connection_limit']).toBe(2);
        // Everybody else goes on to the other domain, with the same limit there.
        expect(tree.message(mailWith([], { recipient: 'you@alias.test' })).routingDomain).toBe('real.test');
        expect(tree.egressPath('real.test', '{default}')['connection_limit']).toBe(2);
        expect(outcomesOf(converted, 'smtp-hosts')).not.toContain('manual');
      });
    }
  });

  it('of a name inside of a default', () =>
    askTree(
      FEED +
        domain('*', 'smtp-hosts lookup-mx:real.test', 'max-smtp-out 7') +
        domain('d.test', RELAY, 'max-smtp-out 5') +
        vmta(),
      (tree) => {
        const routed = tree.message(sent('d.test')).routingDomain;
        expect(routed).toBe('d.test');
        expect(tree.egressPath(routed, 'v1', 'mx_list:relay.example.net')['connection_limit']).toBe(5);
        expect(tree.message(sent('any.test')).routingDomain).toBe('real.test');
      },
    ));

  it('that a virtual-mta inherits from its pool', () => {
    const pool = `<virtual-mta-pool p>\n  virtual-mta v1\n${domain('*', RELAY)}</virtual-mta-pool>\n`;
    return askTree(FEED + ALIAS + vmta() + pool, (tree) => {
      const routed = tree.message(sent('alias.test')).routingDomain;
      expect(routed).toBe('alias.test');
      expect(tree.egressPath(routed, 'v1', 'mx_list:relay.example.net')['connection_limit']).toBe(2);
    });
  });

  it('are told where KumoMTA cannot name the domains', () =>
    askTree(
      FEED + domain('*.wild.test', 'smtp-hosts lookup-mx:real.test', 'max-smtp-out 4') + vmta(domain('*', RELAY)),
      (_tree, converted) => {
        expect(outcomesOf(converted, 'smtp-hosts')).toEqual(['exact', 'manual']);
        expect(notesOf(converted, 'smtp-hosts').join()).toContain('give each such domain its route by name');
      },
    ));
});

describe('the mail exchangers of another domain inside of a route to hosts', () => {
  it('take the mail, not the hosts', async () => {
    const other = domain('d.test', 'smtp-hosts lookup-mx:other.test', 'max-smtp-out 5');
    const inputs = [
      domain('*', RELAY) + other + vmta(),
      domain('d.test', RELAY) + vmta(other),
      vmta(domain('*', RELAY), other),
    ];
    for (const input of inputs) {
      await askTree(FEED + input, (tree) => {
        expect(tree.message(sent('d.test')).routingDomain).toBe('other.test');
        expect(tree.queueConfig('d.test', 'v1')['protocol']).toEqual(MX);
        expect(tree.egressPath('other.test', 'v1')['connection_limit']).toBe(5);
      });
    }
  });
});
