import { describe, expect, it } from 'vitest';
import { askTree, headerOf, mail, mailWith, outcomesOf } from '../support/tree';

const V = '<virtual-mta v>\n  smtp-source-host 192.0.2.1 v.example.net\n</virtual-mta>\n';
const W = '<virtual-mta w>\n  smtp-source-host 192.0.2.2 w.example.net\n</virtual-mta>\n';
const source = (name: string, ...lines: string[]) => `<source ${name}>\n  ${lines.join('\n  ')}\n</source>\n`;
const FEED = 'always-allow-relaying yes';
const by = (name: string, peer = '10.1.2.3') => mailWith([['X-Virtual-MTA', name]], { peer });

/** A second network that is treated otherwise, so that the choice cannot be one for all. */
const OTHERS = source('172.16/12', FEED);

describe('the virtual-mta of a message (M5 8.4)', () => {
  // With and without a network that differs: KumoMTA's helper can do only what is alike for all.
  describe.each([
    ['all alike', ''],
    ['another network beside it', OTHERS],
  ])('%s', (_, others) => {
    it('is the one of the header, then the default of the source, then {default}', async () => {
      const config = (lines: string[]) => others + V + W + source('10/8', FEED, ...lines);
      await askTree(config(['process-x-virtual-mta yes', 'default-virtual-mta w']), (tree) => {
        expect(tree.message(by('v')).queue).toBe('v@d.test');
        expect(tree.message(mail()).queue).toBe('w@d.test');
      });
      await askTree(config(['default-virtual-mta w']), (tree) => expect(tree.message(by('v')).tenant).toBe('w'));
      await askTree(config([]), (tree) => expect(tree.message(by('v'))).toMatchObject({ tenant: '{default}' }));
    });

    it('does not exist: the message is refused (M5 3.3.7.31)', () =>
      askTree(others + V + source('10/8', FEED, 'process-x-virtual-mta yes'), (tree) => {
        expect(tree.message(by('nobody')).rejected?.code).toBeGreaterThanOrEqual(500);
        expect(tree.message(by('v')).rejected).toBeUndefined();
      }));

    it('the header is taken off, or kept with retain-x-virtual-mta (M5 3.3.7.49)', async () => {
      const config = (retain: string) =>
        others + V + source('10/8', FEED, 'process-x-virtual-mta yes', `retain-x-virtual-mta ${retain}`);
      await askTree(config('no'), (tree) => expect(headerOf(tree.message(by('v')), 'X-Virtual-MTA')).toEqual([]));
      await askTree(config('yes'), (tree) =>
        expect(headerOf(tree.message(by('V')), 'X-Virtual-MTA').map((name) => name.toLowerCase())).toEqual(['v']),
      );
    });

    it('an empty header asks for {default} only where that is allowed (M5 3.3.7.63)', async () => {
      const config = (...lines: string[]) =>
        others + V + source('10/8', FEED, 'process-x-virtual-mta yes', 'default-virtual-mta v', ...lines);
      await askTree(config('allow-empty-x-virtual-mta yes'), (tree) =>
        expect(tree.message(by(''))).toMatchObject({ tenant: '{default}', queue: '{default}@d.test' }),
      );
    });
  });

  it('does not exist, and the source takes it all the same: the fallback gets it (M5 3.3.1.33.2)', () =>
    askTree(
      `invalid-virtual-mta-fallback w\n${V}${W}` +
        source('10/8', FEED, 'process-x-virtual-mta yes', 'reject-invalid-virtual-mta no') +
        source('10.9/16', 'reject-invalid-virtual-mta yes'),
      (tree) => {
        expect(tree.message(by('nobody')).queue).toBe('w@d.test');
        expect(tree.message(by('v')).queue).toBe('v@d.test');
        expect(tree.message(by('nobody', '10.9.0.1')).rejected?.code).toBe(550);
      },
    ));

  it('does not exist, the source takes it, and there is no fallback: it bounces afterwards (M5 8.5.2)', () =>
    askTree(
      `<domain d.test>\n  smtp-hosts relay.example.net\n</domain>\n${V}${W}` +
        source('10/8', FEED, 'process-x-virtual-mta yes', 'reject-invalid-virtual-mta no') +
        source('10.9/16', 'reject-invalid-virtual-mta yes'),
      (tree, converted) => {
        expect(tree.message(by('nobody')).rejected).toBeUndefined();
        expect(tree.deliver(by('nobody')).rejected).toEqual({ code: 550, message: '5.3.5 unknown virtual MTA' });
        expect(tree.deliver(by('v')).rejected).toBeUndefined();
        expect(tree.message(by('nobody', '10.9.0.1')).rejected?.code).toBe(550);
        expect(outcomesOf(converted, 'reject-invalid-virtual-mta')).toEqual(['exact', 'exact']);
      },
    ));

  it('each network has its own rules; the longest prefix counts, directive by directive (M5 3.3.7)', () =>
    askTree(
      V +
        W +
        source('10/8', FEED, 'process-x-virtual-mta yes', 'default-virtual-mta v') +
        source('10.1/16', 'default-virtual-mta w') +
        source('10.2/16', 'process-x-virtual-mta no'),
      (tree) => {
        const tenant = (name: string | undefined, peer: string) =>
          tree.message(name === undefined ? mail({ peer }) : by(name, peer)).tenant;
        expect([tenant(undefined, '10.9.0.1'), tenant('w', '10.9.0.1')]).toEqual(['v', 'w']);
        expect([tenant(undefined, '10.1.0.1'), tenant('v', '10.1.0.1')]).toEqual(['w', 'v']);
        expect([tenant(undefined, '10.2.0.1'), tenant('w', '10.2.0.1')]).toEqual(['v', 'v']);
      },
    ));

  it('the named source of a listener beats the one of the address (M5 3.3.7, 8.4)', () =>
    askTree(
      `smtp-listener 0/0:25\nsmtp-listener 0/0:2525 source=feeders\n${V}${W}` +
        source('10/8', FEED, 'default-virtual-mta v') +
        source('feeders', 'default-virtual-mta w'),
      (tree) => {
        expect(tree.message(mail({ via: '192.0.2.200:25' })).tenant).toBe('v');
        expect(tree.message(mail({ via: '192.0.2.200:2525' })).tenant).toBe('w');
      },
    ));

  it('a named source may switch off what the address switched on', () =>
    askTree(
      `smtp-listener 0/0:25\nsmtp-listener 0/0:2525 source=plain\n${V}` +
        source('10/8', FEED, 'process-x-virtual-mta yes') +
        source('plain', 'process-x-virtual-mta no'),
      (tree) => {
        const tenant = (via: string) => tree.message({ ...by('v'), via }).tenant;
        expect([tenant('192.0.2.200:25'), tenant('192.0.2.200:2525')]).toEqual(['v', '{default}']);
      },
    ));

  it('the source of a user decides for mail of that user (M5 10.4.2)', () =>
    askTree(
      `${V}${W}<smtp-user shop>\n  password one\n  source {shop-auth}\n</smtp-user>\n<smtp-user desk>\n  password two\n</smtp-user>\n` +
        source('{shop-auth}', FEED, 'default-virtual-mta v') +
        source('{auth}', FEED, 'default-virtual-mta w'),
      (tree) => {
        const tenant = (user: string, password: string) =>
          tree.message(mail({ peer: '203.0.113.9', auth: { user, password } })).tenant;
        expect([tenant('shop', 'one'), tenant('desk', 'two')]).toEqual(['v', 'w']);
      },
    ));

  it('by-smtp-source-ip takes the virtual-mta of the address that the client connected to (M5 8.4.5)', () =>
    askTree(
      `smtp-listener 192.0.2.1:25\nsmtp-listener 192.0.2.2:25\nsmtp-listener 192.0.2.3:25\n${V}${W}` +
        source('10/8', FEED, 'default-virtual-mta by-smtp-source-ip'),
      (tree) => {
        const tenant = (via: string) => tree.message(mail({ via })).tenant;
        expect(['192.0.2.1:25', '192.0.2.2:25', '192.0.2.3:25'].map(tenant)).toEqual(['v', 'w', '{default}']);
      },
    ));

  it('a pattern list stands between the header and the default (M5 8.4)', () =>
    askTree(
      `<pattern-list choose>\n  mail-from /@news\\.test/ virtual-mta=w\n</pattern-list>\n${V}${W}` +
        source('10/8', FEED, 'process-x-virtual-mta yes', 'pattern-list choose', 'default-virtual-mta v'),
      (tree) => {
        expect(tree.message(mail({ sender: 'a@news.test' })).tenant).toBe('w');
        expect(tree.message({ ...by('v'), sender: 'a@news.test' }).tenant).toBe('v');
        expect(tree.message(mail()).tenant).toBe('v');
      },
    ));

  it('a default that is not defined is invalid, and mail takes {default}', () =>
    askTree(V + source('10/8', FEED, 'default-virtual-mta nobody'), (tree, converted) => {
      expect(outcomesOf(converted, 'default-virtual-mta')).toEqual(['invalid']);
      expect(tree.message(mail()).tenant).toBe('{default}');
    }));

  it('a source that nothing refers to applies to nobody', () =>
    askTree(V + source('10/8', FEED) + source('localhost', FEED, 'default-virtual-mta v'), (tree, converted) => {
      expect(tree.message(mail()).tenant).toBe('{default}');
      expect(outcomesOf(converted, 'default-virtual-mta')).toEqual(['implicit']);
    }));
});

describe('jobs (M5 3.3.7.45-47, 12.8)', () => {
  describe.each([
    ['all alike', ''],
    ['another network beside it', OTHERS],
  ])('%s', (_, others) => {
    const job = (name: string) => mailWith([['X-Job', name]]);

    it('the job is the campaign, and the header is taken off or kept', async () => {
      const config = (retain: string) => others + source('10/8', FEED, 'process-x-job yes', `retain-x-job ${retain}`);
      await askTree(config('no'), (tree) => {
        const message = tree.message(job('spring-7'));
        expect(message).toMatchObject({ campaign: 'spring-7', queue: 'spring-7:{default}@d.test' });
        expect(headerOf(message, 'X-Job')).toEqual([]);
        expect(tree.message(mail()).campaign).toBeUndefined();
      });
      await askTree(config('yes'), (tree) => expect(headerOf(tree.message(job('a')), 'X-Job')).toEqual(['a']));
    });

    it('characters that structure queue names do not get into the campaign', () =>
      askTree(others + source('10/8', FEED, 'process-x-job yes'), (tree) => {
        const message = tree.message(job('a:b@c!d e'));
        expect(message).toMatchObject({ campaign: 'a_b_c_d_e', tenant: '{default}' });
        expect(message.queue).toBe('a_b_c_d_e:{default}@d.test');
        expect(message.routingDomain).toBe('d.test');
      }));
  });

  it('without process-x-job the header means nothing', () =>
    askTree(source('10/8', FEED), (tree) => {
      expect(tree.message(mailWith([['X-Job', 'a']])).campaign).toBeUndefined();
    }));

  it('jobid-header counts only without X-Job', () =>
    askTree(source('10/8', FEED, 'process-x-job yes', 'jobid-header X-Campaign'), (tree) => {
      const campaign = (...headers: [string, string][]) => tree.message(mailWith(headers)).campaign;
      expect(campaign(['X-Campaign', 'c'])).toBe('c');
      expect(campaign(['X-Job', 'j'], ['X-Campaign', 'c'])).toBe('j');
    }));
});
