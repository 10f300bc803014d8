import { describe, expect, it } from 'vitest';
import { askTree, codesOf, headerOf, mail, mailWith, notesOf, outcomesOf } from '../support/tree';

const block = (tag: string, argument: string, ...lines: readonly string[]) =>
  `<${tag} ${argument}>\n${lines.map((line) => `  ${line}\n`).join('')}</${tag}>\n`;
const source = (name: string, ...lines: readonly string[]) =>
  block('source', name, 'always-allow-relaying yes', ...lines);
const virtualMta = (name: string, n: number, ...lines: readonly string[]) =>
  block('virtual-mta', name, `smtp-source-host 192.0.2.${n} ${name}.example.net`, ...lines);

/** The sender that KumoMTA sends with. */
async function senderFor(config: string, sender: string, spec: Parameters<typeof mail>[0] = {}): Promise<string> {
  let found = '';
  await askTree(config, (tree) => {
    const message = tree.message(mail({ sender, ...spec }));
    expect(message.rejected).toBeUndefined();
    found = message.sender;
  });
  return found;
}

describe('mail-from of a rewrite list (M5 3.3.18.1)', () => {
  const rules = [
    'info@a.test news@b.test',
    '*@a.test *@bounces.a.test',
    'vip@* vip@vip.test',
    '<> null@a.test',
    '*@quiet.test <>',
  ];
  const config =
    block('rewrite-list', 'MFrom', ...rules.map((rule) => `mail-from ${rule}`)) + source('10/8', 'rewrite-list mfrom');

  it.each([
    ['info@a.test', 'news@b.test'],
    ['Info@A.test', 'news@b.test'],
    ['Bob@a.test', 'Bob@bounces.a.test'],
    ['vip@else.test', 'vip@vip.test'],
    // The first that fits; there is no second round.
    ['vip@a.test', 'vip@bounces.a.test'],
    ['', 'null@a.test'],
    ['bob@quiet.test', ''],
    ['bob@else.test', 'bob@else.test'],
    ['"a b"@a.test', '"a b"@bounces.a.test'],
  ])('%s becomes %s', async (sender, to) => {
    expect(await senderFor(config, sender)).toBe(to);
  });

  it('holds for the clients of the source, and settles every line', () =>
    askTree(config + source('172.16/12'), (tree, converted) => {
      expect(tree.message(mail({ sender: 'info@a.test', peer: '172.16.0.1' })).sender).toBe('info@a.test');
      expect(outcomesOf(converted, 'mail-from')).toEqual(['exact', 'exact', 'exact', 'exact', 'exact']);
      expect(outcomesOf(converted, '<rewrite-list>')).toEqual(['exact']);
      expect(outcomesOf(converted, 'rewrite-list')).toEqual(['exact']);
    }));

  it('says what it cannot do, and which lists nobody uses', () =>
    askTree(
      block('rewrite-list', 'x', 'mail-from pre*@a.test *@b.test', `mail-from it's@a.test o'k@b.test`) +
        block('rewrite-list', 'unused', 'mail-from *@a.test *@b.test') +
        source('10/8', 'rewrite-list x') +
        source('10.1/16', 'rewrite-list nobody'),
      (_, converted) => {
        expect(outcomesOf(converted, 'mail-from')).toEqual(['manual', 'exact', 'implicit']);
        expect(outcomesOf(converted, 'rewrite-list')).toEqual(['exact', 'invalid']);
        expect(codesOf(converted)).not.toContain('emitted-invalid');
      },
    ));
});

describe('from-domain of a rewrite list (M5 3.3.18.2)', () => {
  const config =
    block(
      'rewrite-list',
      'f',
      'from-domain old.test new.test',
      'from-domain *.old.test sub.test',
      'from-domain [*.]tree.test oak.test',
    ) + source('10/8', 'rewrite-list f');

  it.each([
    ['news@old.test', 'news@new.test'],
    ['"News, all" <news@OLD.test>', '"News, all" <news@new.test>'],
    ['news@a.b.old.test', 'news@sub.test'],
    ['news@bold.test', 'news@bold.test'],
    ['a@tree.test, b@x.tree.test', 'a@oak.test, b@oak.test'],
    ['=?utf-8?Q?N=C3=A9ws?= <news@old.test>', '=?utf-8?Q?N=C3=A9ws?= <news@new.test>'],
  ])('From: %s becomes %s', (from, to) =>
    askTree(config, (tree) => {
      const headers: [string, string][] = [
        ['Subject', 'about old.test: x@old.test'],
        ['From', from],
        ['To', 'y@old.test'],
      ];
      const message = tree.message(mail({ headers, body: 'From: me@old.test\r\n' }));
      expect(headerOf(message, 'From')).toEqual([to]);
      // Nothing else changes, and the header keeps its place.
      expect(message.headers.map(([name]) => name).slice(-3)).toEqual(['Subject', 'From', 'To']);
      expect(headerOf(message, 'To')).toEqual(['y@old.test']);
      expect(headerOf(message, 'Subject')).toEqual(['about old.test: x@old.test']);
      expect(message.sender).toBe('bounce@shop.test');
    }),
  );

  it('leaves a body alone where the header is missing', () =>
    askTree(config, (tree) => {
      const message = tree.message(mail({ headers: [['To', 'y@old.test']], body: 'From: me@old.test\r\n' }));
      expect(message.rejected).toBeUndefined();
      expect(headerOf(message, 'From')).toEqual([]);
    }));
});

describe('the rewrite list of a virtual-mta or pool (M5 3.3.12.9, 3.3.13.7)', () => {
  const lists =
    block('rewrite-list', 'one', 'mail-from *@shop.test *@one.test') +
    block('rewrite-list', 'two', 'mail-from *@shop.test *@two.test');
  const choose = source('10/8', 'process-x-virtual-mta yes');
  const by = (name: string) => mailWith([['X-Virtual-MTA', name]]);

  it('is used once the virtual-mta is known, its own before that of its pool', () =>
    askTree(
      `${lists}${virtualMta('v', 1, 'rewrite-list one')}${virtualMta('w', 2)}${virtualMta('u', 3)}${block('virtual-mta-pool', 'p', 'virtual-mta v', 'virtual-mta w', 'rewrite-list two')}${choose}`,
      (tree, converted) => {
        expect(tree.message(by('v')).sender).toBe('bounce@one.test');
        expect(tree.message(by('w')).sender).toBe('bounce@two.test');
        expect(tree.message(by('u')).sender).toBe('bounce@shop.test');
        // Members differ, so that mail of the pool goes to one of them and is rewritten as there.
        const { tenant, sender } = tree.message(by('p'));
        expect([
          ['v', 'bounce@one.test'],
          ['w', 'bounce@two.test'],
        ]).toContainEqual([tenant, sender]);
        expect(outcomesOf(converted, 'rewrite-list')).toEqual(['exact', 'exact']);
      },
    ));

  it('comes after the choice by sender', () =>
    askTree(
      `${lists}${virtualMta('v', 1, 'rewrite-list one')}${block('pattern-list', 'q', 'mail-from /@shop\\.test/ virtual-mta=v')}${source('10/8', 'pattern-list q', 'rewrite-list two')}`,
      (tree) => {
        expect(tree.message(mail()).tenant).toBe('v');
        expect(tree.message(mail()).sender).toBe('bounce@two.test');
      },
    ));
});

describe('verp-default (M5 3.3.7.15)', () => {
  const config = source('10/8', 'verp-default yes');

  it.each([
    ['bounce@shop.test', 'you@d.test', 'bounce-you=d.test@shop.test'],
    ['bounce@shop.test', "o'neil+x@d.test", "bounce-o'neil+x=d.test@shop.test"],
    ['', 'you@d.test', ''],
    // What no envelope could hold stays as it is.
    ['bounce@shop.test', '"a b"@d.test', 'bounce@shop.test'],
    ['bounce@shop.test', 'you@[192.0.2.9]', 'bounce@shop.test'],
  ])('%s to %s', async (sender, recipient, to) => {
    expect(await senderFor(config, sender, { recipient })).toBe(to);
  });

  it('follows rewriting, for both ways to tell a recipient', async () => {
    const both =
      block('rewrite-list', 'r', 'mail-from *@shop.test *@b.test') +
      source('10/8', 'verp-default yes', 'rewrite-list r');
    expect(await senderFor(both, 'bounce@shop.test')).toBe('bounce-you=d.test@b.test');
    await askTree(
      config,
      (tree, converted) => {
        expect(tree.message(mail()).sender).toBe('bounce-you=d.test@shop.test');
        expect(outcomesOf(converted, 'verp-default')).toEqual(['approximate']);
        expect(notesOf(converted, 'verp-default')[0]).not.toContain('Not converted');
      },
      { target: '2024.11.08' },
    );
  });
});
