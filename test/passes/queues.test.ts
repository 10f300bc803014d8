import { describe, expect, it } from 'vitest';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import { askTree, mailWith, outcomesOf, secondsOf, waitAfter } from '../support/tree';

const FEED = '<source 10/8>\n  always-allow-relaying yes\n  process-x-virtual-mta yes\n</source>\n';
const domain = (name: string, ...lines: string[]) => `<domain ${name}>\n  ${lines.join('\n  ')}\n</domain>\n`;
const vmta = (name: string, inside = '', last = '1') =>
  `<virtual-mta ${name}>\n  smtp-source-host 192.0.2.${last} ${name}.example.net\n${inside}</virtual-mta>\n`;

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

const ageOf = (tree: LoadedTree, name: string, tenant = '{default}') =>
  secondsOf(tree.queueConfig(name, tenant)['max_age']);
/** First and longest interval. */
const retryOf = (tree: LoadedTree, name: string, tenant = '{default}') => {
  const queue = tree.queueConfig(name, tenant);
  return [queue['retry_interval'], queue['max_retry_interval']].map(secondsOf);
};
/** Minutes to wait after each of the first failures of a message for the domain; `-` is left to KumoMTA. */
const waits = (tree: LoadedTree, recipient: string, count = 4, name?: string) =>
  Array.from({ length: count }, (_, attempts) => {
    const headers = name === undefined ? [] : ([['X-Virtual-MTA', name]] as const);
    const wait = waitAfter(tree, attempts, { ...mailWith(headers), recipient: `you@${recipient}` });
    return wait === undefined ? '-' : Math.round(wait / MINUTE);
  });

describe('age (M5 3.3.10.52)', () => {
  it('intervals may be chained', () =>
    askTree(domain('*', 'bounce-after 1w2d12h'), (tree) => expect(ageOf(tree, 'd.test')).toBe(9.5 * DAY)));

  it('the exact name beats wildcards, the longer suffix the shorter, all of them *', () =>
    askTree(
      domain('*', 'bounce-after 1d') +
        domain('[*.]x.test', 'bounce-after 2d') +
        domain('*.a.x.test', 'bounce-after 3d') +
        domain('b.a.x.test', 'bounce-after 4d'),
      (tree) => {
        const names = ['d.test', 'notx.test', 'x.test', 'y.x.test', 'a.x.test', 'y.a.x.test', 'b.a.x.test'];
        expect(names.map((name) => ageOf(tree, name))).toEqual([1, 1, 2, 2, 2, 3, 4].map((days) => days * DAY));
      },
    ));

  it('what lies below an exact name is not hidden from a wildcard around it', () =>
    askTree(domain('*.x.test', 'bounce-after 2d') + domain('b.a.x.test', 'bounce-after 4d'), (tree) => {
      const names = ['b.a.x.test', 'c.b.a.x.test', 'a.x.test', 'c.a.x.test', 'x.test'];
      expect(names.map((name) => ageOf(tree, name))).toEqual([4, 2, 2, 2, 4.5].map((days) => days * DAY));
    }));

  it('an exact name may go back to the default, also for one virtual-mta', () =>
    askTree(
      domain('*.x.test', 'retry-after 30m', 'bounce-after 1d') +
        domain('d.x.test', 'retry-after 10m') +
        vmta('v', domain('*.y.test', 'retry-after 20m') + domain('d.y.test', 'retry-after 10m')),
      (tree) => {
        expect([retryOf(tree, 'd.x.test'), ageOf(tree, 'd.x.test')]).toEqual([[10 * MINUTE, 10 * MINUTE], DAY]);
        expect(retryOf(tree, 'e.x.test')).toEqual([30 * MINUTE, 30 * MINUTE]);
        expect(retryOf(tree, 'd.y.test', 'v')).toEqual([10 * MINUTE, 10 * MINUTE]);
        expect(retryOf(tree, 'e.y.test', 'v')).toEqual([20 * MINUTE, 20 * MINUTE]);
      },
    ));

  it('a name with a route of its own keeps age and retry of the wildcard around it, and the other way round', () =>
    askTree(
      domain('*.x.test', 'bounce-after 1d') +
        domain('d.x.test', 'smtp-hosts [192.0.2.9]') +
        domain('*.y.test', 'smtp-hosts [192.0.2.9]') +
        domain('d.y.test', 'bounce-after 1d', 'max-smtp-out 3'),
      (tree) => {
        const hosts = { smtp: { mx_list: ['[192.0.2.9]'] } };
        for (const name of ['d.x.test', 'd.y.test']) {
          expect(ageOf(tree, name)).toBe(DAY);
          expect(tree.queueConfig(name, '{default}')['protocol']).toEqual(hosts);
        }
        // The site of such a queue is its list of hosts.
        expect(tree.egressPath('d.y.test', '{default}', '[192.0.2.9]')['connection_limit']).toBe(3);
      },
    ));

  it('directives merge one by one from general to special', () =>
    askTree(domain('*', 'retry-after 15m', 'bounce-after 1d') + domain('bulk.test', 'retry-after 1h'), (tree) => {
      expect(retryOf(tree, 'bulk.test')).toEqual([HOUR, HOUR]);
      expect(ageOf(tree, 'bulk.test')).toBe(DAY);
      expect(retryOf(tree, 'd.test')).toEqual([15 * MINUTE, 15 * MINUTE]);
    }));
});

describe('scope before specificity (M5 3.3.13.2)', () => {
  it('what a virtual-mta does not say comes from the global block of the domain', () =>
    askTree(
      domain('example.org', 'bounce-after 2d', 'retry-after 1h') + vmta('fast', domain('*', 'retry-after 5m')),
      (tree) => {
        expect(ageOf(tree, 'example.org', 'fast')).toBe(2 * DAY);
        expect(retryOf(tree, 'example.org', 'fast')).toEqual([5 * MINUTE, 5 * MINUTE]);
        expect(retryOf(tree, 'example.org')).toEqual([HOUR, HOUR]);
        expect(ageOf(tree, 'd.test', 'fast')).toBe(4.5 * DAY);
      },
    ));

  it('virtual-mta beats pool beats global, each by the most special block that says something', () =>
    askTree(
      domain('a.test', 'bounce-after 1d') +
        domain('b.test', 'bounce-after 1d') +
        domain('c.test', 'bounce-after 1d') +
        vmta('v', domain('a.test', 'bounce-after 3d')) +
        `<virtual-mta-pool p>\n  virtual-mta v\n${domain('*', 'bounce-after 2d')}${domain('b.test', 'bounce-after 6h')}</virtual-mta-pool>\n`,
      (tree) => {
        const ages = (tenant: string) =>
          ['a.test', 'b.test', 'c.test', 'd.test'].map((name) => ageOf(tree, name, tenant));
        expect(ages('v')).toEqual([3 * DAY, 6 * HOUR, 2 * DAY, 2 * DAY]);
        // Mail for the pool leaves by its member, whose settings count.
        expect(ages('p')).toEqual([3 * DAY, 6 * HOUR, 2 * DAY, 2 * DAY]);
        expect(ages('{default}')).toEqual([DAY, DAY, DAY, 4.5 * DAY]);
      },
    ));

  it('a wildcard of the virtual-mta beats the exact global name, below names that hide it too', () =>
    askTree(domain('b.a.x.test', 'bounce-after 1d') + vmta('v', domain('*.x.test', 'bounce-after 3d')), (tree) => {
      const names = ['b.a.x.test', 'c.b.a.x.test', 'a.x.test', 'y.x.test', 'x.test'];
      expect(names.map((name) => ageOf(tree, name, 'v'))).toEqual([3, 3, 3, 3, 4.5].map((days) => days * DAY));
      expect(ageOf(tree, 'b.a.x.test')).toBe(DAY);
    }));

  it('two blocks of one virtual-mta are one', () =>
    askTree(
      vmta('v', domain('d.test', 'bounce-after 1d')) +
        `<virtual-mta v>\n${domain('d.test', 'retry-after 5m')}</virtual-mta>\n`,
      (tree) => {
        expect(ageOf(tree, 'd.test', 'v')).toBe(DAY);
        expect(retryOf(tree, 'd.test', 'v')).toEqual([300, 300]);
      },
    ));
});

describe('retry (M5 3.3.10.39-41, 10.15)', () => {
  it('ten minutes, not doubling, when nothing is set', () =>
    askTree('postmaster ops@example.net\n', (tree) => expect(retryOf(tree, 'd.test')).toEqual([600, 600])));

  it('a recipient is not tried again before retry-recipients-after', () =>
    askTree(
      domain('*', 'retry-after 5m', 'retry-recipients-after 20m') + domain('slow.test', 'retry-after 1h'),
      (tree) => {
        expect(retryOf(tree, 'd.test')).toEqual([20 * MINUTE, 20 * MINUTE]);
        expect(retryOf(tree, 'slow.test')).toEqual([HOUR, HOUR]);
      },
    ));

  it('a list that doubles is KumoMTA’s own schedule and needs no Lua', () =>
    askTree(FEED + domain('*', 'retry-after 10m,20m,40m'), (tree) => {
      expect(retryOf(tree, 'd.test')).toEqual([10 * MINUTE, 40 * MINUTE]);
      expect(waits(tree, 'd.test')).toEqual(['-', '-', '-', '-']);
    }));

  it('other lists are followed item by item, and the last one repeats', () =>
    askTree(FEED + domain('slow.test', 'retry-after 10m,20m,1h,4h'), (tree) => {
      expect(waits(tree, 'slow.test', 6)).toEqual([10, 20, 60, 240, 240, 240]);
      expect(waits(tree, 'd.test')).toEqual(['-', '-', '-', '-']);
      // KumoMTA takes the later of its own interval and the scheduled time, so its interval may not be longer.
      const [first = 0, last = 0] = retryOf(tree, 'slow.test');
      expect(Math.max(first, last)).toBeLessThanOrEqual(10 * MINUTE);
    }));

  it('a list that falls is followed too', () =>
    askTree(FEED + domain('*', 'retry-after 1h,10m'), (tree) => {
      expect(waits(tree, 'd.test', 3)).toEqual([60, 10, 10]);
      expect(Math.max(...retryOf(tree, 'd.test').map((value) => value ?? 0))).toBeLessThanOrEqual(10 * MINUTE);
    }));

  it('an ordinary interval under a list for all domains is no list', () =>
    askTree(
      FEED +
        domain('*', 'retry-after 10m,1h,6h') +
        domain('plain.test', 'retry-after 30m') +
        domain('[*.]x.test', 'retry-after 5m,45m'),
      (tree) => {
        expect(waits(tree, 'd.test', 3)).toEqual([10, 60, 360]);
        expect(waits(tree, 'plain.test', 3)).toEqual(['-', '-', '-']);
        expect(retryOf(tree, 'plain.test')).toEqual([30 * MINUTE, 30 * MINUTE]);
        expect(waits(tree, 'x.test', 3)).toEqual([5, 45, 45]);
        expect(waits(tree, 'a.x.test', 3)).toEqual([5, 45, 45]);
      },
    ));

  it('a virtual-mta’s own list or interval beats the global list, whatever the domain', () =>
    askTree(
      FEED +
        domain('d.test', 'retry-after 10m,1h,6h') +
        vmta('listed', domain('*', 'retry-after 2m,7m,31m')) +
        vmta('plain', domain('*', 'retry-after 30m'), '2'),
      (tree) => {
        expect(waits(tree, 'd.test', 3)).toEqual([10, 60, 360]);
        expect(waits(tree, 'd.test', 3, 'listed')).toEqual([2, 7, 31]);
        expect(waits(tree, 'other.test', 3, 'listed')).toEqual([2, 7, 31]);
        expect(waits(tree, 'd.test', 3, 'plain')).toEqual(['-', '-', '-']);
        expect(retryOf(tree, 'd.test', 'plain')).toEqual([30 * MINUTE, 30 * MINUTE]);
      },
    ));

  it('mail for a pool follows the list of its members, and a virtual-mta without one the global list', () =>
    askTree(
      FEED +
        domain('d.test', 'retry-after 10m,1h,6h') +
        vmta('v', domain('*', 'bounce-after 1d')) +
        vmta('w', domain('*', 'retry-after 2m,7m,31m'), '2') +
        '<virtual-mta-pool p>\n  virtual-mta w\n</virtual-mta-pool>\n',
      (tree) => {
        expect(waits(tree, 'd.test', 3, 'v')).toEqual([10, 60, 360]);
        expect(waits(tree, 'd.test', 3, 'p')).toEqual([2, 7, 31]);
      },
    ));

  it('lists that begin alike are told apart', () =>
    askTree(
      FEED +
        domain('*', 'retry-after 10m,1h') +
        domain('d.test', 'retry-after 10m,2h') +
        vmta('v', domain('d.test', 'retry-after 10m,3h') + domain('e.test', 'retry-after 10m')),
      (tree) => {
        expect(waits(tree, 'other.test', 2)).toEqual([10, 60]);
        expect(waits(tree, 'd.test', 2)).toEqual([10, 120]);
        expect(waits(tree, 'd.test', 2, 'v')).toEqual([10, 180]);
        expect(waits(tree, 'other.test', 2, 'v')).toEqual([10, 60]);
        expect(waits(tree, 'e.test', 2, 'v')).toEqual(['-', '-']);
      },
    ));

  it('the letters of the recipient’s domain may be large', () =>
    askTree(FEED + domain('slow.test', 'retry-after 10m,1h,6h'), (tree) =>
      expect(waits(tree, 'SLOW.Test', 2)).toEqual([10, 60]),
    ));

  it('what KumoMTA itself delays uses up no item of the list', async () => {
    const input = FEED + domain('*', 'retry-after 10m,1h,6h');
    await askTree(input, (tree) => {
      const response = '451 4.4.1 KumoMTA internal: connection limit';
      expect(tree.requeue({ ...mailWith([]), response, incrementAttempts: false }).firstAttempt).toBeUndefined();
    });
    await askTree(
      input,
      (tree) => {
        const internal = '451 4.4.1 KumoMTA internal: no sources are eligible for selection';
        expect(tree.requeue({ ...mailWith([]), response: internal }).firstAttempt).toBeUndefined();
        expect(waits(tree, 'd.test', 3)).toEqual([10, 60, 360]);
      },
      { target: '2024.11.08' },
    );
  });

  it('lines of retry and age are counted as converted', () =>
    askTree(domain('*', 'retry-after 10m,1h', 'bounce-after 2d', 'retry-recipients-after 10m'), (_, converted) => {
      for (const name of ['retry-after', 'bounce-after', 'retry-recipients-after'])
        expect(outcomesOf(converted, name)[0]).toMatch(/^(exact|approximate)$/);
    }));
});
