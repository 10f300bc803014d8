import { describe, expect, it } from 'vitest';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import { askTree, codesOf, mailWith, notesOf, outcomesOf, secondsOf } from '../support/tree';

const FEED = '<source 10/8>\n  always-allow-relaying yes\n  process-x-virtual-mta yes\n</source>\n';
const domain = (name: string, ...lines: string[]) => `<domain ${name}>\n  ${lines.join('\n  ')}\n</domain>\n`;
const vmta = (name: string, last: string, inside = '') =>
  `<virtual-mta ${name}>\n  smtp-source-host 192.0.2.${last} ${name}.example.net\n${inside}</virtual-mta>\n`;
const COLD = '  cold-virtual-mta new1\n  cold-virtual-mta new2\n';
const NEW = vmta('new1', '51') + vmta('new2', '52');

/** Sources that mail through a virtual-mta or pool to a domain may leave by. */
const sourcesFor = (tree: LoadedTree, sender: string, name: string) =>
  tree.message(mailWith([['X-Virtual-MTA', sender]], { recipient: `you@${name}` })).sources;
const selection = (tree: LoadedTree, source: string, name = 'd.test') =>
  tree.egressPath(name, source)['source_selection_rate'];
const weights = (tree: LoadedTree, pool: string) => (tree.pools().get(pool) ?? []).map((entry) => entry.weight);

describe('cold virtual-mtas (M5 10.7, 3.3.10.48)', () => {
  it('are used first, each up to its limit a day and site', () =>
    askTree(
      FEED + NEW + vmta('warm', '50', COLD + domain('*', 'max-cold-virtual-mta-msg 50/day')),
      (tree, converted) => {
        expect(sourcesFor(tree, 'warm', 'd.test')).toEqual(['warm', 'new1#cold', 'new2#cold']);
        expect(weights(tree, 'warm')).toEqual([1, 100, 100]);
        expect(tree.sources().get('new1#cold')).toMatchObject({
          source_address: '192.0.2.51',
          ehlo_domain: 'new1.example.net',
        });
        // 50 in 1440 minutes: less than one a minute.
        for (const source of ['new1#cold', 'new2#cold']) expect(selection(tree, source)).toBe('50/d,max_burst=1');
        expect(selection(tree, 'warm')).toBeUndefined();
        expect(outcomesOf(converted, 'cold-virtual-mta')).toEqual(['approximate', 'approximate']);
        expect(outcomesOf(converted, 'max-cold-virtual-mta-msg')).toEqual(['approximate']);
      },
    ));

  it('mail for the cold virtual-mta itself does not wait for the limit', () =>
    askTree(FEED + NEW + vmta('warm', '50', COLD + domain('*', 'max-cold-virtual-mta-msg 50/day')), (tree) => {
      expect(sourcesFor(tree, 'new1', 'd.test')).toEqual(['new1']);
      expect(selection(tree, 'new1')).toBeUndefined();
    }));

  it('keep their own limits, counted once with their other mail', () =>
    askTree(
      FEED +
        vmta('new1', '51', `  max-smtp-out 9\n${domain('*', 'max-smtp-out 3', 'max-msg-rate 2/s')}`) +
        vmta(
          'warm',
          '50',
          `  cold-virtual-mta new1\n${domain('*', 'max-cold-virtual-mta-msg 50/day', 'max-smtp-out 30')}`,
        ),
      (tree) => {
        for (const source of ['new1', 'new1#cold']) {
          expect(tree.egressPath('d.test', source)).toMatchObject({
            connection_limit: 3,
            max_message_rate: '2/s',
            additional_connection_limits: { 'pmta-q:new1:d.test': 3, 'pmta-vmta:new1': 9 },
            additional_message_rate_throttles: { 'pmta-q:new1:d.test': '2/s' },
          });
        }
        expect(tree.egressPath('d.test', 'warm')['connection_limit']).toBe(30);
      },
    ));

  it('an address has its limit once, whoever sends from it', () =>
    askTree(
      `${FEED}${domain('*', 'source-ip-max-smtp-out 192.0.2.0/24 5')}${vmta('new1', '51')}${vmta(
        'new2',
        '52',
        '  smtp-source-host 192.0.2.53 b.example.net\n',
      )}${vmta('warm', '50', COLD + domain('*', 'max-cold-virtual-mta-msg 50/day'))}`,
      (tree) => {
        const of = (source: string) => tree.egressPath('d.test', source);
        for (const source of ['new1', 'new1#cold'])
          expect(of(source)).toMatchObject({
            connection_limit: 5,
            additional_connection_limits: { 'pmta-q:new1:d.test': 5 },
          });
        for (const source of ['new2#192.0.2.52', 'new2#192.0.2.52#cold'])
          expect(of(source)).toMatchObject({
            connection_limit: 20,
            additional_connection_limits: { 'pmta-q:new2:d.test': 20, 'pmta-ip:new2#192.0.2.52:d.test': 5 },
          });
      },
    ));

  it('only for the domains that have a limit, by name, wildcard and exception', () =>
    askTree(
      FEED +
        NEW +
        vmta('warm', '50', COLD) +
        domain('d.test', 'max-cold-virtual-mta-msg 3000/d') +
        domain('*.x.test', 'max-cold-virtual-mta-msg 10/d', 'bounce-after 2d') +
        domain('a.x.test', 'max-cold-virtual-mta-msg 0/d'),
      (tree) => {
        const all = ['warm', 'new1#cold', 'new2#cold'];
        const names = ['other.test', 'd.test', 'b.x.test', 'a.x.test', 'x.test'];
        expect(names.map((name) => sourcesFor(tree, 'warm', name))).toEqual([['warm'], all, all, ['warm'], ['warm']]);
        // 3000 a day is 2.08 a minute.
        expect(names.map((name) => selection(tree, 'new2#cold', name)).slice(1, 3)).toEqual([
          '3000/d,max_burst=3',
          '10/d,max_burst=1',
        ]);
        const ages = ['b.x.test', 'a.x.test'].map((name) => secondsOf(tree.queueConfig(name, 'warm')['max_age']));
        expect(ages).toEqual([172_800, 172_800]);
      },
    ));

  it('not for a domain that says 0 where all others have a limit', () =>
    askTree(
      FEED +
        NEW +
        vmta(
          'warm',
          '50',
          COLD + domain('*', 'max-cold-virtual-mta-msg 5/d') + domain('d.test', 'max-cold-virtual-mta-msg 0/d'),
        ),
      (tree) => {
        expect(sourcesFor(tree, 'warm', 'd.test')).toEqual(['warm']);
        expect(sourcesFor(tree, 'warm', 'x.test')).toHaveLength(3);
      },
    ));

  it('work for a pool over the virtual-mta, too, and a pool gives its own to its members', () =>
    askTree(
      FEED +
        NEW +
        vmta('warm', '50') +
        vmta('hot', '49', '  smtp-source-host 192.0.2.48 hot2.example.net\n') +
        `<virtual-mta-pool p>\n  virtual-mta warm\n  virtual-mta hot\n${COLD}${domain('*', 'max-cold-virtual-mta-msg 7/d')}</virtual-mta-pool>\n`,
      (tree) => {
        const cold = ['new1#cold', 'new2#cold'];
        expect(sourcesFor(tree, 'p', 'd.test')).toEqual(['warm', 'hot#192.0.2.49', 'hot#192.0.2.48', ...cold]);
        // Two addresses share one turn: 2, 1, 1; the cold ones come a hundred times before.
        expect(weights(tree, 'p')).toEqual([2, 1, 1, 200, 200]);
        expect(sourcesFor(tree, 'warm', 'd.test')).toEqual(['warm', ...cold]);
      },
    ));

  it('one for two virtual-mtas has the smaller limit', () =>
    askTree(
      FEED +
        NEW +
        vmta('warm', '50', `  cold-virtual-mta new1\n${domain('*', 'max-cold-virtual-mta-msg 50/d')}`) +
        vmta('tepid', '53', `  cold-virtual-mta new1\n${domain('*', 'max-cold-virtual-mta-msg 20/d')}`),
      (tree) => expect(selection(tree, 'new1#cold')).toBe('20/d,max_burst=1'),
    ));

  it('several addresses of one share the limit', () =>
    askTree(
      FEED +
        vmta('new1', '51', '  smtp-source-host 192.0.2.54 b.example.net\n') +
        vmta('warm', '50', `  cold-virtual-mta new1\n${domain('*', 'max-cold-virtual-mta-msg 50/d')}`),
      (tree) => {
        for (const address of ['51', '54'])
          expect(tree.egressPath('d.test', `new1#192.0.2.${address}#cold`)).toMatchObject({
            source_selection_rate: '50/d,max_burst=1',
            additional_source_selection_rates: { 'pmta-cold:new1:d.test': '50/d,max_burst=1' },
          });
      },
    ));

  it('the older forms make one of their own, with the limits of the virtual-mta', () =>
    askTree(
      FEED +
        vmta(
          'warm',
          '50',
          `  auto-cold-virtual-mta 192.0.2.60 c.example.net\n${domain('*', 'max-cold-virtual-mta-msg 9/d', 'max-smtp-out 4')}`,
        ) +
        vmta(
          'old',
          '55',
          `  cold-virtual-mta 192.0.2.61/32 o.example.net\n${domain('*', 'max-cold-virtual-mta-msg 9/d')}`,
        ),
      (tree, converted) => {
        expect(sourcesFor(tree, 'warm', 'd.test')).toEqual(['warm', 'warm-cold']);
        expect(tree.sources().get('warm-cold')).toMatchObject({
          source_address: '192.0.2.60',
          ehlo_domain: 'c.example.net',
        });
        expect(tree.egressPath('d.test', 'warm-cold')).toMatchObject({
          connection_limit: 4,
          source_selection_rate: '9/d,max_burst=1',
        });
        expect(sourcesFor(tree, 'old', 'd.test')).toEqual(['old', 'old-cold']);
        expect(outcomesOf(converted, 'auto-cold-virtual-mta')).toEqual(['approximate']);
      },
    ));
});

describe('cold virtual-mtas that are left to a person', () => {
  it('a list of days: the smallest limit is written, and told', () =>
    askTree(
      FEED + NEW + vmta('warm', '50', COLD + domain('*', 'max-cold-virtual-mta-msg 50/day,100/day,200/day')),
      (tree, converted) => {
        expect(selection(tree, 'new1#cold')).toBe('50/d,max_burst=1');
        expect(outcomesOf(converted, 'max-cold-virtual-mta-msg')).toEqual(['manual']);
        expect(codesOf(converted)).toContain('cold-list');
      },
    ));

  it('one that signs with other keys is not used', () =>
    askTree(
      FEED +
        vmta('new1', '51', '  domain-key k,new.test,/etc/pmta/new.pem\n') +
        vmta('new2', '52', domain('*', 'retry-after 1h')) +
        vmta('warm', '50', COLD + domain('*', 'max-cold-virtual-mta-msg 50/day')),
      (tree, converted) => {
        expect(sourcesFor(tree, 'warm', 'd.test')).toEqual(['warm', 'new2#cold']);
        expect(outcomesOf(converted, 'cold-virtual-mta')).toEqual(['manual', 'approximate']);
        expect(notesOf(converted, 'cold-virtual-mta')[1]).toContain('Age and retry');
        expect(codesOf(converted)).toContain('cold-differs');
      },
    ));

  it('before 2025.03.19 there is nothing like them', () =>
    askTree(
      FEED + NEW + vmta('warm', '50', COLD + domain('*', 'max-cold-virtual-mta-msg 50/day')),
      (tree, converted) => {
        expect(sourcesFor(tree, 'warm', 'd.test')).toEqual(['warm']);
        expect(outcomesOf(converted, 'cold-virtual-mta')).toEqual(['unsupported', 'unsupported']);
        expect(outcomesOf(converted, 'max-cold-virtual-mta-msg')).toEqual(['unsupported']);
      },
      { target: '2025.01.29' },
    ));

  it('a limit without a cold virtual-mta, and one without a limit, ask for nothing', () =>
    askTree(
      FEED + NEW + vmta('warm', '50', COLD) + vmta('lone', '56', domain('*', 'max-cold-virtual-mta-msg 50/day')),
      (tree, converted) => {
        expect(sourcesFor(tree, 'warm', 'd.test')).toEqual(['warm']);
        expect(sourcesFor(tree, 'lone', 'd.test')).toEqual(['lone']);
        expect(outcomesOf(converted, 'cold-virtual-mta')).toEqual(['implicit', 'implicit']);
        expect(outcomesOf(converted, 'max-cold-virtual-mta-msg')).toEqual(['implicit']);
      },
    ));
});
