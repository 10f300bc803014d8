import { describe, expect, it } from 'vitest';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import { askTree, bounceClassOf, codesOf, notesOf, outcomesOf } from '../support/tree';

const byName = (tree: LoadedTree, name: string) => tree.spools.find((spool) => spool['name'] === name) ?? {};
const lines = (...all: string[]) => `${all.join('\n')}\n`;

describe('spool (M5 3.3.2)', () => {
  it('there are a data and a meta spool, whatever is configured', () =>
    askTree('postmaster ops@example.net\n', (tree) => {
      expect(tree.spools.map(({ name }) => name)).toEqual(['data', 'meta']);
      expect(byName(tree, 'data')['path']).not.toBe(byName(tree, 'meta')['path']);
    }));

  it('lies in the first directory of the highest priority, apart from PowerMTA’s own files', () =>
    askTree(
      lines(
        '<spool /var/spool/one>',
        '</spool>',
        '<spool /var/spool/two>',
        '  priority 5',
        '</spool>',
        '<spool /var/spool/three>',
        '  priority 5',
        '</spool>',
      ),
      (tree, converted) => {
        for (const { path } of tree.spools) {
          expect(path).toMatch(/^\/var\/spool\/two\//);
        }
        expect(outcomesOf(converted, '<spool>')).toEqual(['approximate', 'approximate', 'approximate']);
      },
    ));

  it('keeps the free space that was asked for: the old line counts megabytes, 0 asks for none', async () => {
    const free = (tree: LoadedTree) => tree.spools.map((spool) => spool['min_free_space']);
    await askTree(lines('spool /var/spool/pmta', 'spool-min-free-space 500'), (tree) =>
      expect(free(tree)).toEqual([500 * 1024 * 1024, 500 * 1024 * 1024]),
    );
    await askTree(lines('<spool /var/spool/pmta>', '  min-free-space 2G', '</spool>'), (tree) =>
      expect(free(tree)).toEqual([2 * 1024 ** 3, 2 * 1024 ** 3]),
    );
    await askTree(lines('<spool /var/spool/pmta>', '  min-free-space 0', '</spool>'), (tree) =>
      expect(free(tree)).toEqual(['0%', '0%']),
    );
  });

  it('is flushed at every message only where PowerMTA was', async () => {
    const flush = (tree: LoadedTree) => ['data', 'meta'].map((name) => byName(tree, name)['flush'] === true);
    await askTree('postmaster ops@example.net\n', (tree) => expect(flush(tree)).toEqual([false, false]));
    await askTree('sync-msg-create false\nsync-msg-update false\n', (tree) =>
      expect(flush(tree)).toEqual([false, false]),
    );
    await askTree('sync-msg-create true\n', (tree) => expect(flush(tree)).toEqual([true, true]));
    // An update touches what is known about the message, not its content.
    await askTree('sync-msg-update true\n', (tree) => expect(flush(tree)).toEqual([false, true]));
  });
});

describe('bounce categories (M5 10.8, 11.6)', () => {
  const rules = (...patterns: string[]) =>
    lines('<bounce-category-patterns>', ...patterns.map((line) => `  ${line}`), '</bounce-category-patterns>');
  const stock = rules(
    '/spam/ spam-related',
    String.raw`/^[45]\.2\.2/ quota-issues`,
    String.raw`/^[45]\.4\.1;/ no-answer-from-host`,
    String.raw`/^5\.1\.[1-3]/ bad-mailbox`,
    '/no such user|mailbox full/ bad-mailbox',
    '/full/ quota-issues',
    '/listed in .*spamhaus/ spam-related',
    '// other',
  );

  it.each([
    ['550 5.1.1 No such user', 'InvalidRecipient'],
    ['550 5.7.1 SPAM, no such user', 'SpamRelated'],
    ['552 5.2.2 mailbox full', 'QuotaIssues'],
    ['452 4.2.2 over quota', 'QuotaIssues'],
    ['550 5.7.0 Mailbox full', 'InvalidRecipient'],
    ['550 5.7.0 the disk is full', 'QuotaIssues'],
    ['421 4.4.1 connection timed out', 'NoAnswerFromHost'],
    // The status stands at the beginning, or it is no status.
    ['550 5.7.0 see 5.2.2', 'Uncategorized'],
    ['550 5.7.0 anything', 'Uncategorized'],
  ])('%s is %s', (reply, name) => askTree(stock, (_, converted) => expect(bounceClassOf(converted, reply)).toBe(name)));

  it('every anchor lets the reply code pass, and only anchors do', () =>
    askTree(rules(String.raw`/^5\.1\.1;|(^4\.2\.2|a\^b|[;^] )/ bad-mailbox`, '// other'), (_, converted) => {
      expect(bounceClassOf(converted, '550 5.1.1 gone')).toBe('InvalidRecipient');
      expect(bounceClassOf(converted, '452 4.2.2 full')).toBe('InvalidRecipient');
      expect(bounceClassOf(converted, '550 5.7.1 a^b')).toBe('InvalidRecipient');
      expect(bounceClassOf(converted, '550 5.7.1 x; y')).toBe('InvalidRecipient');
      expect(bounceClassOf(converted, '550 5.7.1 5.1.1 gone')).toBe('Uncategorized');
    }));

  it('the first that fits counts, and patterns of the main file go before those of config-defaults', () =>
    askTree(
      {
        config: rules('/busy/ policy-related'),
        'config-defaults': rules('/busy/ bad-connection', '/gone/ inactive-mailbox'),
      },
      (_, converted) => {
        expect(bounceClassOf(converted, '421 4.7.0 busy')).toBe('PolicyRelated');
        expect(bounceClassOf(converted, '550 5.1.0 gone')).toBe('InactiveMailbox');
      },
    ));

  it('a category of one’s own is a class of its own', () =>
    askTree(rules('/greylist/ my-own_category'), (_, converted) => {
      expect(bounceClassOf(converted, '451 4.7.1 greylisted')).toBe('MyOwnCategory');
      expect(notesOf(converted, '')[0]).toMatch(/of its own/);
    }));

  it('success is no failure, and what bounce rules cannot do is left to a person', () =>
    askTree(rules('/ok/ success', '/spam(?!house)/ spam-related', '/plain/ spam-related'), (_, converted) => {
      expect(outcomesOf(converted, '')).toEqual(['implicit', 'manual', 'approximate']);
      expect(bounceClassOf(converted, '550 ok')).toBeUndefined();
      expect(bounceClassOf(converted, '550 plain')).toBe('SpamRelated');
      expect(codesOf(converted)).toContain('regex-untranslatable');
    }));
});

describe('the rest of the server', () => {
  it('name servers in the order of the file', () =>
    askTree('name-server 192.0.2.53\nname-server 2001:db8::53\n', (_, converted) => {
      expect(converted.conversion.policy.nameServers.map(({ value }) => value)).toEqual([
        '192.0.2.53:53',
        '[2001:db8::53]:53',
      ]);
      expect(outcomesOf(converted, 'name-server')).toEqual(['exact', 'exact']);
    }));

  it('KumoMTA’s own shaping rules stay out: PowerMTA has none', () =>
    askTree('postmaster ops@example.net\n', (tree, converted) => {
      expect(tree.shapingFiles.flat().every((path) => path.startsWith('/opt/kumomta/etc/policy/'))).toBe(true);
      expect(converted.files.get('init.lua')).toContain('no_default_files = true');
      // Shipped rules would give gmail 5 connections.
      expect(tree.egressPath('gmail.com', '{default}')['connection_limit']).toBe(20);
    }));

  it('nothing that is counted is lost', () =>
    askTree(
      lines('log-file /var/log/pmta/log', 'nonsense 5', 'total-max-smtp-in many', 'postmaster ops@example.net'),
      (_, converted) => {
        const { config, ledger } = converted.conversion;
        expect(ledger.entries()).toHaveLength(config.settings.length);
        expect(outcomesOf(converted, 'nonsense')).toEqual(['unknown']);
        expect(outcomesOf(converted, 'total-max-smtp-in')).toEqual(['invalid']);
      },
    ));
});
