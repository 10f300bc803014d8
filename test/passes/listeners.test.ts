import { describe, expect, it } from 'vitest';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import type { MessageSpec } from '../../src/kumo/runtime/messages';
import { askTree, codesOf, headerOf, mail, notesOf, outcomesOf, secondsOf } from '../support/tree';

const source = (name: string, ...lines: string[]) => `<source ${name}>\n  ${lines.join('\n  ')}\n</source>\n`;
const RELAY = 'always-allow-relaying yes';

const listens = (tree: LoadedTree) => tree.listeners.map(({ listen }) => listen);
/** `taken`, or the code of the refusal. */
const answer = (tree: LoadedTree, spec: Partial<MessageSpec>) => tree.message(mail(spec)).rejected?.code ?? 'taken';

describe('smtp-listener (M5 3.3.1.38)', () => {
  it('both forms; 0/0 is every address', () =>
    askTree(
      `smtp-listener 192.0.2.10:25\nsmtp-listener 0/0:2525 source=feeders\n<smtp-listener 192.0.2.11:465>\n  source feeders\n</smtp-listener>\n${source('feeders', 'process-x-job yes')}`,
      (tree) => expect(listens(tree)).toEqual(['192.0.2.10:25', '0.0.0.0:2525', '192.0.2.11:465']),
    ));

  it('without any there is one on port 25; smtp-ip and smtp-port count only then (M5 3.3.1.38.4)', async () => {
    await askTree('postmaster ops@example.net\n', (tree) => expect(listens(tree)).toEqual(['0.0.0.0:25']));
    await askTree('smtp-ip 192.0.2.7\nsmtp-port 2500\n', (tree) => expect(listens(tree)).toEqual(['192.0.2.7:2500']));
    await askTree('smtp-port 2500\nsmtp-listener 192.0.2.8:26\n', (tree, converted) => {
      expect(listens(tree)).toEqual(['192.0.2.8:26']);
      expect(outcomesOf(converted, 'smtp-port')).toEqual(['implicit']);
    });
  });

  it('where no line can be read there is none, and what belongs on it is for a person', () =>
    askTree(`smtp-listener 0/0:465 tls=yes\n${source('10/8', RELAY, 'max-message-size 0')}`, (tree, converted) => {
      expect(listens(tree)).toEqual([]);
      expect(notesOf(converted, 'always-allow-relaying')[0]).toContain('No smtp-listener');
      expect(outcomesOf(converted, 'max-message-size')).toEqual(['manual']);
    }));

  it('{pickup} is fed by the pickup directory only', async () => {
    const pickup = source('{pickup}', 'process-x-virtual-mta yes');
    await askTree(pickup, (_, converted) => {
      expect(outcomesOf(converted, 'process-x-virtual-mta')).toEqual(['implicit']);
      expect(codesOf(converted)).not.toContain('source-unused');
    });
    await askTree(`pickup /var/spool/p /var/spool/bad\n${pickup}`, (_, converted) =>
      expect(outcomesOf(converted, 'process-x-virtual-mta')).toEqual(['approximate']),
    );
  });

  it('the same address and port twice is one listener and a diagnostic', () =>
    askTree('smtp-listener 192.0.2.8:25\nsmtp-listener 192.0.2.8:25\n', (tree, converted) => {
      expect(listens(tree)).toEqual(['192.0.2.8:25']);
      expect(codesOf(converted)).toContain('listener-twice');
      expect(outcomesOf(converted, 'smtp-listener')).toEqual(['exact', 'invalid']);
    }));

  it('the first host-name greets (M5 3.3.1.25)', () =>
    askTree('host-name mta.example.net\nhost-name mx2.example.net\n', (tree) =>
      expect(tree.listeners[0]?.['hostname']).toBe('mta.example.net'),
    ));

  it('total-max-smtp-in limits the connections of the listener', () =>
    askTree('total-max-smtp-in 400\n', (tree, converted) => {
      expect(tree.listeners[0]?.['max_connections']).toBe(400);
      expect(outcomesOf(converted, 'total-max-smtp-in')).toEqual(['approximate']);
    }));
});

describe('who may relay (M5 3.3.7, 3.3.1.32)', () => {
  it('nobody by default, not even this machine, which KumoMTA would admit by itself', () =>
    askTree('postmaster ops@example.net\n', (tree) => {
      expect(['127.0.0.1', '::1', '10.1.2.3', '203.0.113.9'].map((peer) => answer(tree, { peer }))).toEqual([
        550, 550, 550, 550,
      ]);
    }));

  it('settings of networks merge from general to special', () =>
    askTree(
      source('0/0', 'smtp-service no') +
        source('10/8', 'smtp-service yes', RELAY) +
        source('10.1.2.3', 'process-x-job yes'),
      (tree) => {
        expect(answer(tree, { peer: '10.1.2.3' })).toBe('taken');
        expect(answer(tree, { peer: '10.9.9.9' })).toBe('taken');
        // No service: refused at the greeting.
        expect(answer(tree, { peer: '203.0.113.9' })).toBe(554);
      },
    ));

  it('smtp-service no counts for releases that only ask at EHLO, too', () =>
    askTree(
      source('0/0', 'smtp-service no') + source('10/8', 'smtp-service yes', RELAY),
      (tree) => {
        expect(answer(tree, { peer: '10.9.9.9' })).toBe('taken');
        expect(answer(tree, { peer: '203.0.113.9' })).toBe(554);
      },
      { target: '2024.11.08' },
    ));

  it('the most special network counts wherever it stands in the file', () =>
    askTree(
      source('10.1.2.0/24', RELAY) + source('10.1/16', 'always-allow-relaying no') + source('10/8', RELAY),
      (tree) => {
        expect(['10.9.0.1', '10.1.0.1', '10.1.2.3'].map((peer) => answer(tree, { peer }))).toEqual([
          'taken',
          550,
          'taken',
        ]);
      },
    ));

  it('a named source lets in only who connects to its listener', () =>
    askTree(
      `smtp-listener 0/0:25\nsmtp-listener 0/0:2525 source=feeders\n${source('feeders', RELAY)}${source('10/8', 'process-x-job yes')}`,
      (tree) => {
        expect(answer(tree, { via: '192.0.2.9:25' })).toBe(550);
        expect(answer(tree, { via: '192.0.2.9:2525' })).toBe('taken');
      },
      // It names nobody in particular, so that everybody who reaches the port may relay.
      { allowOpenRelay: true },
    ));

  it('a named source may also take relaying away', () =>
    askTree(
      `smtp-listener 0/0:25\nsmtp-listener 0/0:2525 source=inbound\n${source('10/8', RELAY)}${source('inbound', 'always-allow-relaying no')}`,
      (tree) => {
        expect(answer(tree, { via: '192.0.2.9:25' })).toBe('taken');
        expect(answer(tree, { via: '192.0.2.9:2525' })).toBe(550);
      },
    ));

  it('IPv6 networks are networks', () =>
    askTree(source('2001:db8::/32', RELAY), (tree) => {
      expect(answer(tree, { peer: '2001:db8::7' })).toBe('taken');
      expect(answer(tree, { peer: '2001:db9::7' })).toBe(550);
    }));

  describe('everybody', () => {
    const config = source('0/0', RELAY) + source('10/8', 'process-x-job yes');

    it('is refused, and the networks named besides keep what they have', () =>
      askTree(config, (tree, converted) => {
        expect(answer(tree, { peer: '203.0.113.9' })).toBe(550);
        expect(answer(tree, { peer: '2001:db8::7' })).toBe(550);
        expect(codesOf(converted)).toContain('open-relay');
        expect(outcomesOf(converted, 'always-allow-relaying')).toEqual(['manual']);
      }));

    it.each([
      ['::/0', '2001:db8::7'],
      ['0/1', '100.64.0.1'],
    ])('is refused as %s, too', (network, peer) =>
      askTree(source(network, RELAY), (tree, converted) => {
        expect(answer(tree, { peer })).toBe(550);
        expect(codesOf(converted)).toContain('open-relay');
        expect(outcomesOf(converted, 'always-allow-relaying')).toEqual(['manual']);
      }),
    );

    it('is refused where a listener names a source that lets everybody relay', () =>
      askTree(
        `smtp-listener 0/0:25\nsmtp-listener 0/0:2525 source=feeders\n${source('10/8', RELAY)}${source('feeders', RELAY)}`,
        (tree, converted) => {
          expect(answer(tree, { peer: '203.0.113.9', via: '192.0.2.9:2525' })).toBe(550);
          expect(answer(tree, { peer: '10.1.2.3', via: '192.0.2.9:2525' })).toBe('taken');
          expect(codesOf(converted)).toContain('open-relay');
        },
      ));

    it('is written when asked for', () =>
      askTree(
        config,
        (tree, converted) => {
          for (const peer of ['203.0.113.9', '2001:db8::7', '10.1.2.3']) expect(answer(tree, { peer })).toBe('taken');
          expect(codesOf(converted)).not.toContain('open-relay');
        },
        { allowOpenRelay: true },
      ));

    it('may relay on a listener that only this machine reaches', () =>
      askTree(`smtp-listener 127.0.0.1:25\n${source('0/0', RELAY)}`, (tree, converted) => {
        expect(answer(tree, { peer: '127.0.0.1' })).toBe('taken');
        expect(codesOf(converted)).not.toContain('open-relay');
      }));

    it('is no open relay when they have to log in first', () =>
      askTree(
        `${source('0/0', RELAY, 'require-auth yes')}<smtp-user u>\n  password pw\n</smtp-user>\n`,
        (tree, converted) => {
          expect(answer(tree, { peer: '203.0.113.9' })).toBe(530);
          expect(answer(tree, { peer: '203.0.113.9', auth: { user: 'u', password: 'pw' } })).toBe('taken');
          expect(codesOf(converted)).not.toContain('open-relay');
        },
      ));
  });

  it('a network that has to log in is not let in by its address', () =>
    askTree(source('10/8', RELAY) + source('10.1/16', 'require-auth yes'), (tree) => {
      expect(answer(tree, { peer: '10.9.0.1' })).toBe('taken');
      expect(answer(tree, { peer: '10.1.0.1' })).toBe(530);
    }));
});

describe('relay-domain (M5 3.3.1.32.2)', () => {
  const to = (tree: LoadedTree, domain: string) => answer(tree, { peer: '203.0.113.9', recipient: `you@${domain}` });

  it.each([
    ['x.test', ['x.test'], ['a.x.test', 'notx.test', 'd.test']],
    ['*.x.test', ['a.x.test', 'b.a.x.test'], ['x.test', 'notx.test']],
    ['[*.]x.test', ['x.test', 'a.x.test', 'b.a.x.test'], ['notx.test', 'test']],
  ])('%s', (pattern, inside, outside) =>
    askTree(`relay-domain ${pattern}\n`, (tree) => {
      expect(inside.map((domain) => to(tree, domain))).toEqual(inside.map(() => 'taken'));
      expect(outside.map((domain) => to(tree, domain))).toEqual(outside.map(() => 550));
    }),
  );

  it('a name below a wildcard does not hide the wildcard from its neighbours', () =>
    askTree('relay-domain *.x.test\nrelay-domain a.b.x.test\n', (tree) => {
      const inside = ['b.x.test', 'a.b.x.test', 'c.b.x.test', 'd.a.b.x.test', 'y.x.test'];
      expect(inside.map((domain) => to(tree, domain))).toEqual(inside.map(() => 'taken'));
    }));

  it('* would take mail for anybody, and is refused', () =>
    askTree('relay-domain *\nrelay-domain x.test\n', (tree, converted) => {
      expect([to(tree, 'd.test'), to(tree, 'x.test')]).toEqual([550, 'taken']);
      expect(outcomesOf(converted, 'relay-domain')).toEqual(['manual', 'exact']);
      expect(codesOf(converted)).toContain('open-relay-domain');
    }));

  it('mail for the names of this host is taken as well, or its refusal is told (M5 3.3.1.25)', () =>
    askTree('host-name mta.example.net\nhost-name mx2.example.net\n', (tree, converted) => {
      for (const [i, name] of ['mta.example.net', 'mx2.example.net'].entries()) {
        if (to(tree, name) !== 'taken') expect(notesOf(converted, 'host-name')[i]).toContain('refused');
      }
    }));
});

describe('limits and headers of a client (M5 3.3.7)', () => {
  it('nothing is limited by default, and a command may take ten minutes', () =>
    askTree('postmaster ops@example.net\n', (tree) => {
      const listener = tree.listeners[0] ?? {};
      // KumoMTA's own: 20 MiB, 1024 recipients, 10000 messages, 60 seconds.
      expect(Number(listener['max_message_size'])).toBeGreaterThanOrEqual(1024 ** 3);
      expect(Number(listener['max_recipients_per_message'])).toBeGreaterThanOrEqual(1_000_000);
      expect(Number(listener['max_messages_per_connection'])).toBeGreaterThanOrEqual(1_000_000);
      expect(secondsOf(listener['client_timeout'])).toBe(600);
    }));

  it('sizes count in 1024s; one network may differ', () =>
    askTree(
      source('0/0', 'max-message-size 20M', 'max-rcpt-per-message 50') + source('10.1/16', 'max-message-size 1024K'),
      (tree) => {
        const listener = tree.listeners[0] ?? {};
        expect(listener).toMatchObject({ max_message_size: 20 * 1024 * 1024, max_recipients_per_message: 50 });
        expect(listener['peer']).toEqual({ '10.1.0.0/16': { max_message_size: 1024 * 1024 } });
      },
    ));

  it('releases without values per network do without them, and say so', () =>
    askTree(
      source('0/0', 'max-message-size 20M') + source('10.1/16', 'max-message-size 1M'),
      (tree, converted) => {
        expect(tree.listeners[0]?.['max_message_size']).toBe(20 * 1024 * 1024);
        expect(outcomesOf(converted, 'max-message-size')).toContain('unsupported');
      },
      { target: '2024.11.08' },
    ));

  it('add-received-header no leaves the Received header out for that network only', () =>
    askTree(source('10/8', RELAY) + source('10.1/16', 'add-received-header no'), (tree) => {
      expect(headerOf(tree.message(mail({ peer: '10.1.2.3' })), 'Received')).toEqual([]);
      expect(headerOf(tree.message(mail({ peer: '10.9.2.3' })), 'Received')).toHaveLength(1);
    }));

  it('hide-message-source keeps a Received header without the client in it', () =>
    askTree(source('10/8', RELAY, 'hide-message-source yes'), (tree) => {
      const received = headerOf(tree.message(mail({ ehlo: 'inner.test' })), 'Received');
      expect(received).toHaveLength(1);
      expect(received[0]).not.toMatch(/inner\.test|10\.1\.2\.3/);
    }));

  it('remove-header takes off every header of the names', () =>
    askTree(source('10/8', RELAY, 'remove-header X-Inner,X-Other'), (tree) => {
      const message = tree.message({
        ...mail(),
        headers: [
          ['From', 'a@shop.test'],
          ['x-inner', '1'],
          ['X-Inner', '2'],
          ['X-Kept', '3'],
        ],
      });
      expect(headerOf(message, 'X-Inner')).toEqual([]);
      expect(headerOf(message, 'X-Kept')).toEqual(['3']);
    }));
});
