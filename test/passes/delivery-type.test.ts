import { describe, expect, it } from 'vitest';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import { askTree, mailWith, outcomesOf } from '../support/tree';

const FEED = '<source 10/8>\n  always-allow-relaying yes\n  process-x-virtual-mta yes\n</source>\n';
const domain = (name: string, ...lines: string[]) => `<domain ${name}>\n  ${lines.join('\n  ')}\n</domain>\n`;
const vmta = (inside: string) =>
  `<virtual-mta v1>\n  smtp-source-host 192.0.2.1 a.example.net\n${inside}</virtual-mta>\n`;

/** `250 text`, `550 text`, or `sent` for mail that goes out by SMTP. */
const fate = (tree: LoadedTree, recipient: string, name?: string) => {
  const headers = name === undefined ? [] : ([['X-Virtual-MTA', name]] as const);
  const { reply, rejected } = tree.deliver({ ...mailWith(headers), recipient: `you@${recipient}` });
  if (rejected !== undefined) return `${rejected.code} ${rejected.message}`;
  return reply === undefined ? 'sent' : `250 ${reply}`;
};

describe('type discard (M5 3.3.10.51, 3.3.10.95)', () => {
  it('drops the mail and logs a delivery, or a bounce', () =>
    askTree(
      FEED + domain('sink.test', 'type discard') + domain('hole.test', 'type discard', 'discard-as-bounce yes'),
      (tree, converted) => {
        expect(fate(tree, 'sink.test')).toBe('250 2.0.0 discarded');
        expect(fate(tree, 'hole.test')).toBe('550 5.0.0 discarded');
        expect(fate(tree, 'd.test')).toBe('sent');
        expect(outcomesOf(converted, 'type')).toEqual(['exact', 'exact']);
        expect(outcomesOf(converted, 'discard-as-bounce')).toEqual(['exact']);
      },
    ));

  it('for everything, but for the domains that are sent', () =>
    askTree(FEED + domain('*', 'type discard', 'discard-as-bounce yes') + domain('d.test', 'type smtp'), (tree) => {
      expect(fate(tree, 'sink.test')).toBe('550 5.0.0 discarded');
      expect(fate(tree, 'd.test')).toBe('sent');
    }));

  it('of one virtual-mta only', () =>
    askTree(FEED + vmta(domain('*', 'type discard')), (tree) => {
      expect(fate(tree, 'd.test', 'v1')).toBe('250 2.0.0 discarded');
      expect(fate(tree, 'd.test')).toBe('sent');
    }));

  it('goes before a route, also one for a domain inside', () =>
    askTree(
      FEED +
        domain('*', 'type discard') +
        domain('relay.test', 'smtp-hosts [192.0.2.50]') +
        domain('d.test', 'type smtp', 'smtp-hosts [192.0.2.50]'),
      (tree) => {
        expect(fate(tree, 'relay.test')).toBe('250 2.0.0 discarded');
        expect(fate(tree, 'd.test')).toBe('sent');
        expect(tree.queueConfig('d.test', '{default}')['protocol']).toEqual({ smtp: { mx_list: ['[192.0.2.50]'] } });
      },
    ));

  it('of a queue that queue-to names', () =>
    askTree(FEED + domain('d.test', 'queue-to sink.queue') + domain('sink.queue', 'type discard'), (tree) => {
      expect(fate(tree, 'd.test')).toBe('250 2.0.0 discarded');
    }));

  it('discard-as-bounce alone asks for nothing', () =>
    askTree(FEED + domain('d.test', 'discard-as-bounce yes'), (tree, converted) => {
      expect(fate(tree, 'd.test')).toBe('sent');
      expect(outcomesOf(converted, 'discard-as-bounce')).toEqual(['implicit']);
    }));
});

describe('mail of other types', () => {
  it('waits and is not sent, and a person decides', () =>
    askTree(
      FEED + domain('hook.test', 'type http-delivery', 'http-delivery-url https://hook.test/x'),
      (tree, converted) => {
        expect(tree.message({ ...mailWith([]), recipient: 'you@hook.test' })).toMatchObject({
          queue: 'pmta-hold',
          sources: [],
        });
        expect(outcomesOf(converted, 'type')).toEqual(['manual']);
        expect(outcomesOf(converted, 'http-delivery-url')).toEqual(['manual']);
      },
    ));

  const queueOf = (tree: LoadedTree, recipient: string, name?: string) => {
    const headers = name === undefined ? [] : ([['X-Virtual-MTA', name]] as const);
    const { queue, sources } = tree.message({ ...mailWith(headers), recipient: `you@${recipient}` });
    return sources.length === 0 ? 'held' : queue;
  };

  it('also of all domains, but for those that are sent or dropped', () =>
    askTree(
      FEED +
        vmta('') +
        domain('*', 'type pipe', 'command "/bin/store"') +
        domain('d.test', 'type smtp') +
        domain('sink.test', 'type discard') +
        domain('moved.test', 'queue-to a.queue') +
        domain('sent.test', 'queue-to b.queue') +
        domain('b.queue', 'type smtp', 'smtp-hosts [192.0.2.50]'),
      (tree, converted) => {
        for (const name of [undefined, 'v1']) {
          expect(queueOf(tree, 'any.test', name)).toBe('held');
          // The queue a.queue is of the type that all have.
          expect(queueOf(tree, 'moved.test', name)).toBe('held');
          expect(queueOf(tree, 'd.test', name)).toMatch(/@d\.test$/);
          expect(queueOf(tree, 'sent.test', name)).toMatch(/@b\.queue$/);
          expect(fate(tree, 'sink.test', name)).toBe('250 2.0.0 discarded');
        }
        expect(outcomesOf(converted, 'type')).toEqual(['manual', 'exact', 'exact', 'exact']);
      },
    ));

  it('of one virtual-mta, and of all but one', () =>
    askTree(
      FEED +
        vmta(domain('*', 'type file')) +
        vmta(domain('*', 'type smtp')).replaceAll('v1', 'v2').replace('192.0.2.1', '192.0.2.2') +
        domain('hook.test', 'type http-delivery') +
        domain('moved.test', 'queue-to q.queue') +
        domain('q.queue', 'smtp-hosts [192.0.2.50]'),
      (tree) => {
        expect(queueOf(tree, 'd.test')).toMatch(/@d\.test$/);
        expect(queueOf(tree, 'd.test', 'v1')).toBe('held');
        expect(queueOf(tree, 'd.test', 'v2')).toBe('v2@d.test');
        expect(queueOf(tree, 'hook.test')).toBe('held');
        // A virtual-mta's own blocks go before those for all (M5 3.3.10).
        expect(queueOf(tree, 'hook.test', 'v2')).toBe('v2@hook.test');
        expect(queueOf(tree, 'moved.test', 'v1')).toBe('held');
        expect(queueOf(tree, 'moved.test', 'v2')).toBe('v2@q.queue');
      },
    ));

  it('where all else is dropped it waits, and below a wildcard a name that is sent does not', () =>
    askTree(
      FEED + domain('*', 'type discard') + domain('[*.]corp.test', 'type pipe') + domain('mail.corp.test', 'type smtp'),
      (tree) => {
        expect(queueOf(tree, 'a.corp.test')).toBe('held');
        expect(fate(tree, 'a.corp.test')).toBe('sent');
        expect(queueOf(tree, 'mail.corp.test')).toMatch(/@mail\.corp\.test$/);
        expect(fate(tree, 'mail.corp.test')).toBe('sent');
        expect(fate(tree, 'd.test')).toBe('250 2.0.0 discarded');
      },
    ));
});
