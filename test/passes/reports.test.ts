import { describe, expect, it } from 'vitest';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import type { LogRecord } from '../../src/kumo/runtime/messages';
import { askTree, headerOf, mail, mailWith, notesOf, outcomesOf } from '../support/tree';

const HEAD = 'host-name mta.example.com\n';
const FEED = '<source 10/8>\n  always-allow-relaying yes\n  process-x-virtual-mta yes\n</source>\n';
const vmta = (inside: string) =>
  `<virtual-mta v1>\n  smtp-source-host 192.0.2.1 a.example.net\n${inside}</virtual-mta>\n`;
const domain = (name: string, ...lines: string[]) => `<domain ${name}>\n  ${lines.join('\n  ')}\n</domain>\n`;
const DSN = { dsn: true };

const BOUNCE: LogRecord = { type: 'Bounce', delivery_protocol: 'ESMTP' };
const reports = (tree: LoadedTree, record: LogRecord = BOUNCE, spec = {}) => tree.logged(mail(spec), record);

describe('delivery reports with --dsn', () => {
  it('go to the sender, from the server, through the queues of all mail', () =>
    askTree(
      HEAD + FEED + vmta(''),
      (tree) => {
        const [report, ...more] = reports(tree);
        expect(more).toEqual([]);
        if (report === undefined) throw new Error('no report');
        expect(report).toMatchObject({
          sender: '',
          recipients: ['bounce@shop.test'],
          tenant: '{default}',
          relayed: true,
        });
        expect(report.queue).toBe('{default}@shop.test');
        expect(headerOf(report, 'From')).toEqual(['Mail Delivery Subsystem <mailer-daemon@mta.example.com>']);
      },
      DSN,
    ));

  it('for bounces and expired mail only, and never to the null sender', () =>
    askTree(
      HEAD + FEED,
      (tree) => {
        expect(reports(tree, { type: 'Expiration' })).toHaveLength(1);
        expect(reports(tree, { type: 'TransientFailure', delivery_protocol: 'ESMTP' })).toEqual([]);
        expect(reports(tree, { type: 'Delivery', delivery_protocol: 'ESMTP' })).toEqual([]);
        expect(reports(tree, BOUNCE, { sender: '' })).toEqual([]);
      },
      DSN,
    ));

  it('not to sender domains with deliver-local-dsn no, nor for a virtual-mta that says so (M5 3.3.10.10)', () =>
    askTree(
      HEAD + FEED + domain('shop.test', 'deliver-local-dsn no') + vmta(domain('*', 'deliver-local-dsn no')),
      (tree, converted) => {
        expect(reports(tree)).toEqual([]);
        expect(reports(tree, BOUNCE, { sender: 'a@other.test' })).toHaveLength(1);
        const by = { ...mailWith([['X-Virtual-MTA', 'v1']]), sender: 'a@other.test' };
        expect(tree.logged(by, BOUNCE)).toEqual([]);
        expect(outcomesOf(converted, 'deliver-local-dsn')).toEqual(['approximate', 'approximate']);
      },
      DSN,
    ));

  it('not about mail of a source that suppresses them, and whole where it asks for all (M5 3.3.7.27, 3.3.7.28)', () =>
    askTree(
      `${HEAD}<source 10/8>\n  always-allow-relaying yes\n  dsn-return-default full\n</source>\n` +
        '<source 10.9/16>\n  suppress-local-dsn yes\n</source>\n',
      (tree, converted) => {
        expect(reports(tree)).toHaveLength(1);
        expect(reports(tree, BOUNCE, { peer: '10.9.0.1' })).toEqual([]);
        expect(converted.files.get('init.lua')).toContain("dsn_return_full and 'FullContent'");
        expect(outcomesOf(converted, 'suppress-local-dsn')).toEqual(['exact']);
        expect(outcomesOf(converted, 'dsn-return-default')).toEqual(['approximate']);
      },
      DSN,
    ));

  it('with the From header of the configuration (M5 3.3.1.21)', () =>
    askTree(
      `${HEAD}custom-dsn-from-header "Mail robot <robot@shop.test>"\n${FEED}`,
      (tree, converted) => {
        const [report] = reports(tree);
        expect(report === undefined ? [] : headerOf(report, 'From')).toEqual(['Mail robot <robot@shop.test>']);
        expect(outcomesOf(converted, 'custom-dsn-from-header')).toEqual(['approximate']);
      },
      DSN,
    ));

  it('need a host-name', () =>
    askTree(
      FEED + domain('*', 'deliver-local-dsn yes'),
      (tree, converted) => {
        expect(reports(tree)).toEqual([]);
        expect(outcomesOf(converted, 'deliver-local-dsn')).toEqual(['manual']);
      },
      DSN,
    ));
});

describe('without --dsn', () => {
  it('nothing is sent: no is what KumoMTA does, yes has a way', () =>
    askTree(
      HEAD + FEED + domain('a.test', 'deliver-local-dsn no') + domain('b.test', 'deliver-local-dsn yes'),
      (tree, converted) => {
        expect(reports(tree)).toEqual([]);
        expect(outcomesOf(converted, 'deliver-local-dsn')).toEqual(['implicit', 'manual']);
        expect(notesOf(converted, 'deliver-local-dsn')[1]).toContain('--dsn');
        expect(converted.files.get('init.lua')).not.toContain('log_hooks');
      },
    ));
});
