import { describe, expect, it } from 'vitest';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import { askTree, codesOf, notesOf, outcomesOf } from '../support/tree';

const domain = (name: string, ...lines: string[]) => `<domain ${name}>\n  ${lines.join('\n  ')}\n</domain>\n`;
const vmta = (name: string, addresses: readonly string[], inside = '') =>
  `<virtual-mta ${name}>\n${addresses.map((ip) => `  smtp-source-host ${ip} m.example.net\n`).join('')}${inside}</virtual-mta>\n`;

/** Connections, messages and new connections of a path, with what it shares with others. */
const limits = (tree: LoadedTree, name: string, source: string) => {
  const path = tree.egressPath(name, source);
  return {
    connections: path['connection_limit'],
    rate: path['max_message_rate'],
    opened: path['max_connection_rate'],
    shared: path['additional_connection_limits'],
    sharedRates: path['additional_message_rate_throttles'],
  };
};

describe('limits per local address (M5 3.3.10.77, 3.3.10.80, 3.3.10.82)', () => {
  it('are those of the sources in the range, and the stricter limit counts', () =>
    askTree(
      domain(
        'd.test',
        'max-smtp-out 12',
        'max-msg-rate 900/h',
        'max-connect-rate 5/min',
        'source-ip-max-smtp-out 192.0.2.0/24 5',
        'source-ip-max-msg-rate 192.0.2.0/24 600/h',
        'source-ip-max-connect-rate 192.0.2.0/24 2/min',
      ) +
        vmta('v', ['192.0.2.1']) +
        vmta('w', ['198.51.100.1']),
      (tree, converted) => {
        // 600 an hour is 10 a minute, 900 is 15.
        expect(limits(tree, 'd.test', 'v')).toMatchObject({
          connections: 5,
          rate: '600/h,max_burst=10',
          opened: '2/min',
        });
        expect(limits(tree, 'd.test', 'w')).toMatchObject({
          connections: 12,
          rate: '900/h,max_burst=15',
          opened: '5/min',
        });
        expect(limits(tree, 'other.test', 'v')).toMatchObject({ connections: 20, rate: undefined, opened: undefined });
        for (const what of ['smtp-out', 'msg-rate', 'connect-rate'])
          expect(outcomesOf(converted, `source-ip-max-${what}`)).toEqual(['approximate']);
      },
    ));

  it('of new connections are shares of what all addresses may open together (M5 3.3.10.79)', async () => {
    const input =
      domain('a.test', 'max-connect-rate 10/m') +
      domain('b.test', 'max-connect-rate 2/m') +
      domain('c.test', 'max-connect-rate 600/h') +
      domain('d.test', 'max-connect-rate 9/m', 'source-ip-max-connect-rate 192.0.2.1 2/m') +
      domain('e.test', 'max-connect-rate unlimited') +
      vmta('v', ['192.0.2.1', '192.0.2.2', '192.0.2.3']) +
      vmta('w', ['192.0.2.9']);
    await askTree(input, (tree) => {
      const opened = (name: string, source: string) => limits(tree, name, source).opened;
      // 3 x 3 = 9 of 10 a minute; 2 a minute are 120 an hour, 40 each; 600 an hour are 10 a minute, 3 at once.
      expect(opened('a.test', 'v#192.0.2.1')).toBe('3/min,max_burst=3');
      expect(opened('b.test', 'v#192.0.2.1')).toBe('40/h,max_burst=1');
      expect(opened('c.test', 'v#192.0.2.1')).toBe('200/h,max_burst=3');
      expect(opened('d.test', 'v#192.0.2.1')).toBe('2/min,max_burst=2');
      expect(opened('d.test', 'v#192.0.2.2')).toBe('3/min,max_burst=3');
      expect(opened('e.test', 'v#192.0.2.1')).toBeUndefined();
      expect(opened('a.test', 'w')).toBe('10/min');
    });
    await askTree(
      input,
      (tree) => {
        expect(limits(tree, 'a.test', 'v#192.0.2.1').opened).toBe('3/min');
        expect(limits(tree, 'b.test', 'v#192.0.2.1').opened).toBe('40/h');
      },
      { target: '2024.11.08' },
    );
  });

  it('never raise the limit of the queue, be it the default', () =>
    askTree(
      domain('*', 'source-ip-max-smtp-out 192.0.2.0/24 50', 'source-ip-max-msg-rate 0/0 2/s') +
        domain('d.test', 'max-smtp-out 3', 'max-msg-rate 1/s') +
        vmta('v', ['192.0.2.1']),
      (tree) => {
        expect(limits(tree, 'x.test', 'v')).toMatchObject({ connections: 20, rate: '2/s' });
        expect(limits(tree, 'd.test', 'v')).toMatchObject({ connections: 3, rate: '1/s' });
      },
    ));

  it('of ranges that overlap the strictest counts; of one range the line of the special domain', () =>
    askTree(
      domain('*', 'source-ip-max-smtp-out 192.0.2.0/24 8', 'source-ip-max-smtp-out 192.0.2.1 4') +
        domain('big.test', 'source-ip-max-smtp-out 192.0.2.1 unlimited') +
        domain(
          'all.test',
          'source-ip-max-smtp-out 192.0.2.1 unlimited',
          'source-ip-max-smtp-out 192.0.2/24 unlimited',
        ) +
        vmta('v', ['192.0.2.1']) +
        vmta('w', ['192.0.2.2'], domain('big.test', 'source-ip-max-smtp-out 192.0.2/24 6')),
      (tree) => {
        const of = (source: string) =>
          ['x.test', 'big.test', 'all.test'].map((name) => limits(tree, name, source).connections);
        expect(of('v')).toEqual([4, 8, 20]);
        expect(of('w')).toEqual([8, 6, 20]);
      },
    ));

  it('a line whose range holds no source, or that says 0, is left to a person', () =>
    askTree(
      domain('*', 'source-ip-max-smtp-out 203.0.113.0/24 5', 'source-ip-max-smtp-out 192.0.2.0/24 0') +
        vmta('v', ['192.0.2.1']),
      (tree, converted) => {
        expect(limits(tree, 'x.test', 'v').connections).toBe(20);
        expect(outcomesOf(converted, 'source-ip-max-smtp-out')).toEqual(['manual', 'manual']);
        expect(notesOf(converted, 'source-ip-max-smtp-out')[0]).toContain('No source');
        expect(codesOf(converted)).toContain('limit-zero');
      },
    ));
});

describe('a virtual-mta with several addresses has both: one limit for all of them, one for each', () => {
  const TWO = vmta('v', ['192.0.2.1', '192.0.2.2', '198.51.100.3'], '  max-smtp-out 90\n');

  it('counted apart, per site, beside the ceilings of the virtual-mta and the server', () =>
    askTree(
      `total-max-smtp-out 500\n${domain(
        '*',
        'max-smtp-out 30',
        'max-msg-rate 1200/h',
        'source-ip-max-smtp-out 192.0.2.0/24 5',
        'source-ip-max-msg-rate 192.0.2.0/24 60/h',
      )}${domain('big.test', 'max-smtp-out 40')}${TWO}`,
      (tree) => {
        expect(limits(tree, 'd.test', 'v#192.0.2.2')).toEqual({
          connections: 30,
          rate: '1200/h,max_burst=20',
          opened: undefined,
          shared: {
            'pmta-q:v:d.test': 30,
            'pmta-ip:v#192.0.2.2:d.test': 5,
            'pmta-vmta:v': 90,
            'pmta:total-out': 500,
          },
          sharedRates: {
            'pmta-q:v:d.test': '1200/h,max_burst=20',
            'pmta-ip:v#192.0.2.2:d.test': '60/h,max_burst=1',
          },
        });
        expect(limits(tree, 'big.test', 'v#192.0.2.1')).toMatchObject({
          connections: 40,
          shared: { 'pmta-q:v:big.test': 40, 'pmta-ip:v#192.0.2.1:big.test': 5 },
        });
        expect(limits(tree, 'd.test', 'v#198.51.100.3')).toMatchObject({
          shared: { 'pmta-q:v:d.test': 30, 'pmta-vmta:v': 90, 'pmta:total-out': 500 },
          sharedRates: { 'pmta-q:v:d.test': '1200/h,max_burst=20' },
        });
      },
    ));

  it('a special domain lifts what holds for each address', () =>
    askTree(
      domain('*', 'source-ip-max-smtp-out 192.0.2.0/24 5') +
        domain('big.test', 'source-ip-max-smtp-out 192.0.2.0/24 unlimited') +
        TWO,
      (tree) => {
        expect(limits(tree, 'big.test', 'v#192.0.2.1').shared).toEqual({
          'pmta-q:v:big.test': 20,
          'pmta-ip:v#192.0.2.1:big.test': 100_000,
          'pmta-vmta:v': 90,
        });
      },
    ));

  it('the older max-smtp-out-per-source-ip is one for each address, too', () =>
    askTree(
      domain('d.test', 'max-smtp-out-per-source-ip 3') +
        vmta('v', ['192.0.2.1', '192.0.2.2']) +
        vmta('w', ['192.0.2.9']),
      (tree) => {
        expect(limits(tree, 'd.test', 'v#192.0.2.1')).toMatchObject({
          connections: 20,
          shared: { 'pmta-q:v:d.test': 20, 'pmta-ip:v#192.0.2.1:d.test': 3 },
        });
        expect(limits(tree, 'd.test', 'w')).toMatchObject({ connections: 3, shared: undefined });
      },
    ));

  it('works for the oldest release', () =>
    askTree(
      domain('*', 'source-ip-max-msg-rate 192.0.2.0/24 60/h') + TWO,
      (tree) => {
        expect(limits(tree, 'd.test', 'v#192.0.2.1').sharedRates).toEqual({ 'pmta-ip:v#192.0.2.1:d.test': '60/h' });
      },
      { target: '2024.11.08' },
    ));
});
