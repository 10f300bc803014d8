import { describe, expect, it } from 'vitest';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import { askTree, mailWith, outcomesOf } from '../support/tree';

const FEED = '<source 10/8>\n  always-allow-relaying yes\n  process-x-virtual-mta yes\n</source>\n';
const domain = (name: string, ...lines: string[]) => `<domain ${name}>\n  ${lines.join('\n  ')}\n</domain>\n`;
const vmta = (name: string, inside = '') =>
  `<virtual-mta ${name}>\n  smtp-source-host 192.0.2.${name.slice(1)} ${name}.example.net\n${inside}</virtual-mta>\n`;
const to = (name: string) => `reroute-to-virtual-mta ${name}`;

const spec = (recipient: string, name?: string) => ({
  ...mailWith(name === undefined ? [] : [['X-Virtual-MTA', name]]),
  recipient: `you@${recipient}`,
});
/** Queue and sources of a message that asks for a virtual-mta. */
const path = (tree: LoadedTree, recipient: string, name?: string) => {
  const { queue, sources } = tree.message(spec(recipient, name));
  return `${queue} by ${sources.join()}`;
};

describe('reroute-to-virtual-mta (M5 3.3.10.49)', () => {
  it('gives the mail of a queue to the other virtual-mta, and its queue settings with it', () =>
    askTree(
      FEED + vmta('v1', domain('d.test', to('V2'))) + vmta('v2', domain('*', 'bounce-after 3h')) + vmta('v3'),
      (tree, converted) => {
        expect(path(tree, 'd.test', 'v1')).toBe('v2@d.test by v2');
        expect(path(tree, 'other.test', 'v1')).toBe('v1@other.test by v1');
        expect(path(tree, 'd.test', 'v3')).toBe('v3@d.test by v3');
        expect(tree.queueConfig('d.test', 'v2')['max_age']).toBe('3h');
        expect(outcomesOf(converted, 'reroute-to-virtual-mta')).toEqual(['exact']);
      },
    ));

  it('follows chains, and leaves the mail in the last queue of a loop', () =>
    askTree(
      FEED +
        vmta('v1', domain('d.test', to('v2')) + domain('loop.test', to('v2'))) +
        vmta('v2', domain('d.test', to('v3')) + domain('loop.test', to('v1'))) +
        vmta('v3'),
      (tree) => {
        expect(path(tree, 'd.test', 'v1')).toBe('v3@d.test by v3');
        expect(path(tree, 'loop.test', 'v1')).toBe('v2@loop.test by v2');
        expect(path(tree, 'loop.test', 'v2')).toBe('v1@loop.test by v1');
      },
    ));

  it('for all virtual-mtas, but one that clears it; also without a header', () =>
    askTree(FEED + domain('d.test', to('v2')) + vmta('v1', domain('*', to('""'))) + vmta('v2') + vmta('v3'), (tree) => {
      expect(path(tree, 'd.test')).toBe('v2@d.test by v2');
      expect(path(tree, 'd.test', 'v3')).toBe('v2@d.test by v2');
      expect(path(tree, 'd.test', 'v1')).toBe('v1@d.test by v1');
      expect(path(tree, 'd.test', 'v2')).toBe('v2@d.test by v2');
    }));

  it('to something undefined, or clearing nothing, changes nothing', () => {
    const cases = [
      ['v9', 'invalid'],
      ['""', 'implicit'],
    ] as const;
    return Promise.all(
      cases.map(([name, outcome]) =>
        askTree(FEED + vmta('v1', domain('d.test', to(name))), (tree, converted) => {
          expect(path(tree, 'd.test', 'v1')).toBe('v1@d.test by v1');
          expect(outcomesOf(converted, 'reroute-to-virtual-mta')).toEqual([outcome]);
        }),
      ),
    );
  });
});

describe('backoff-reroute-to-virtual-mta (M5 3.3.10.50, 10.3.2)', () => {
  const LIST = '<smtp-pattern-list l>\n  reply /too many/ mode=backoff\n</smtp-pattern-list>\n';
  const BUSY = '421 4.7.0 too many messages';
  const slow = (name: string) =>
    domain('d.test', 'smtp-pattern-list l', 'backoff-retry-after 2h', `backoff-reroute-to-virtual-mta ${name}`);
  const INPUT = FEED + LIST + vmta('v1', slow('v2')) + vmta('v2', slow('v1'));

  it('moves a message that got such a reply, and no other', () =>
    askTree(INPUT, (tree, converted) => {
      const moved = tree.requeue({ ...spec('d.test', 'v1'), response: BUSY });
      expect(moved).toMatchObject({ queue: 'v2@d.test', pool: 'v2' });
      expect(moved.firstAttempt).toBeUndefined();
      expect(tree.requeue({ ...spec('d.test', 'v1'), response: '451 4.3.2 later' }).queue).toBe('v1@d.test');
      expect(outcomesOf(converted, 'backoff-reroute-to-virtual-mta')).toEqual(['approximate', 'approximate']);
    }));

  it('does not move a message back, which waits then', () =>
    askTree(INPUT, (tree) => {
      const { meta } = tree.requeue({ ...spec('d.test', 'v1'), response: BUSY });
      const left = { tenant: String(meta['tenant']), x_pmta_been: String(meta['x_pmta_been']) };
      const again = tree.requeue({ ...spec('d.test', 'v1'), meta: left, response: BUSY });
      expect(again.queue).toBe('v2@d.test');
      expect(Math.round((Date.parse(again.firstAttempt ?? '') - Date.now()) / 60_000)).toBe(120);
    }));

  it('keeps the queue that queue-to chose', () =>
    askTree(
      FEED +
        LIST +
        vmta('v1', domain('d.test', 'queue-to big.queue') + slow('v2').replace('d.test', 'big.queue')) +
        vmta('v2'),
      (tree) => {
        const moved = tree.requeue({ ...spec('d.test', 'v1'), response: BUSY });
        expect(moved.queue).toBe('v2@big.queue');
      },
    ));

  it('asks for nothing where no reply causes a backoff', () =>
    askTree(
      FEED + vmta('v1', domain('d.test', 'backoff-reroute-to-virtual-mta v2', 'backoff-retry-after 2h')) + vmta('v2'),
      (_, converted) => {
        expect(outcomesOf(converted, 'backoff-reroute-to-virtual-mta')).toEqual(['implicit']);
        expect(outcomesOf(converted, 'backoff-retry-after')).toEqual(['implicit']);
      },
    ));
});

describe('invalid-virtual-mta-fallback (M5 3.3.1.33.2)', () => {
  const INPUT = `invalid-virtual-mta-fallback v2\n${FEED}${vmta('v1')}${vmta('v2')}`;

  it('sends mail for an unknown virtual-mta where that is not refused', () =>
    askTree(INPUT.replace('process-x', 'reject-invalid-virtual-mta no\n  process-x'), (tree, converted) => {
      expect(path(tree, 'd.test', 'v9')).toBe('v2@d.test by v2');
      expect(path(tree, 'd.test', 'v1')).toBe('v1@d.test by v1');
      expect(outcomesOf(converted, 'invalid-virtual-mta-fallback')).toEqual(['exact']);
    }));

  it('never counts where every source refuses', () =>
    askTree(INPUT, (tree, converted) => {
      expect(tree.message(spec('d.test', 'v9')).rejected?.code).toBe(500);
      expect(outcomesOf(converted, 'invalid-virtual-mta-fallback')).toEqual(['implicit']);
    }));
});

describe('backoff-to-normal-after-delivery (M5 3.3.10.45)', () => {
  const LIST = '<smtp-pattern-list l>\n  reply /too many/ mode=backoff\n</smtp-pattern-list>\n';
  const slow = (...lines: string[]) =>
    FEED + LIST + domain('*', 'smtp-pattern-list l', 'backoff-to-normal-after-delivery yes', ...lines);

  it.each([
    [
      'the first backoff-retry-after ends the limits',
      ['backoff-max-msg-rate 3/h', 'backoff-retry-after 30m,2h'],
      'approximate',
      1800,
    ],
    ['or its default of an hour', ['backoff-max-msg-rate 3/h'], 'approximate', 3600],
    ['another time does', ['backoff-max-msg-rate 3/h', 'backoff-to-normal-after 4h'], 'unsupported', 14_400],
    ['there are none', ['max-msg-rate 9/h'], 'implicit', undefined],
  ] as const)('%s', (_, lines, outcome, seconds) =>
    askTree(slow(...lines), (tree, converted) => {
      expect(outcomesOf(converted, 'backoff-to-normal-after-delivery')).toEqual([outcome]);
      expect(tree.matchReply('d.test', '{default}', '421 too many')[0]?.duration).toBe(seconds);
    }),
  );
});
