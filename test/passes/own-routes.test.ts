import { describe, expect, it } from 'vitest';
import { convertText } from '../support/converted';
import { askTree, codesOf, mail, mailWith, notesOf } from '../support/tree';

/** A queue that many domains share goes to its mail exchangers, but one virtual-mta hands all its mail to a relay. */
const CONFIG = `
<source 10/8>
  always-allow-relaying yes
  process-x-virtual-mta yes
</source>
<virtual-mta direct>
  smtp-source-host 192.0.2.1 direct.example.com
</virtual-mta>
<virtual-mta relayed>
  smtp-source-host 192.0.2.2 relayed.example.com
  <domain *>
    smtp-hosts relay.example.net
  </domain>
</virtual-mta>
<smtp-pattern-list slow>
  reply /too many/ mode=backoff
</smtp-pattern-list>
<domain big.queue>
  smtp-hosts lookup-mx:big.example
  max-smtp-out 7
  smtp-pattern-list slow
  backoff-max-msg-rate 60/h
</domain>
<domain one.example>
  queue-to big.queue
</domain>
`;

describe('a virtual-mta with a route of its own', () => {
  const sent = (vmta: string) => mailWith([['X-Virtual-MTA', vmta]], { recipient: 'you@one.example' });

  it('sends the mail of a shared queue there, and the others to the mail exchangers of the queue', () =>
    askTree(CONFIG, (tree) => {
      expect(tree.message(mail({ recipient: 'you@one.example' })).routingDomain).toBe('big.example');
      expect(tree.message(sent('direct')).routingDomain).toBe('big.example');
      expect(tree.message(sent('relayed')).queue).toBe('relayed@big.queue');
      expect(tree.queueConfig('big.queue', 'relayed')['protocol']).toEqual({
        smtp: { mx_list: ['relay.example.net'] },
      });
    }));

  it('keeps the limits of the queue on both ways', () =>
    askTree(CONFIG, (tree) => {
      expect(tree.egressPath('big.example', 'direct')['connection_limit']).toBe(7);
      expect(tree.egressPath('big.queue', 'relayed')['connection_limit']).toBe(7);
    }));

  it('leaves the rules of the queue to its mail exchangers, and says whom they do not reach', () =>
    askTree(CONFIG, (tree, converted) => {
      expect(tree.automationFor('one.example', 'big.example')).toHaveLength(1);
      expect(notesOf(converted, 'smtp-pattern-list').join()).toContain('do not reach mail of virtual-mta relayed');
    }));
});

describe('limits of single domains behind a relay of the virtual-mta', () => {
  const input = CONFIG.replace(
    'smtp-hosts relay.example.net\n  </domain>',
    'smtp-hosts relay.example.net\n    max-smtp-out 30\n  </domain>\n  <domain gmail.com>\n    max-smtp-out 1\n  </domain>',
  );
  const SITE = 'mx_list:relay.example.net';

  it('are found although the mail does not go by MX records', () =>
    askTree(input, (tree) => {
      expect(tree.egressPath('gmail.com', 'relayed', SITE)['connection_limit']).toBe(1);
      expect(tree.egressPath('any.example', 'relayed', SITE)['connection_limit']).toBe(30);
    }));

  it('are no promise: all mail to the relay shares one ready queue', () => {
    expect(codesOf(convertText(input))).toContain('relay-shared-queue');
    expect(notesOf(convertText(input), 'smtp-hosts')[0]).toContain('shares one ready queue');
    const single = input.replace('<domain *>\n    smtp-hosts', '<domain one.test>\n    smtp-hosts');
    expect(codesOf(convertText(single))).not.toContain('relay-shared-queue');
  });
});
