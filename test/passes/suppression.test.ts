import { describe, expect, it } from 'vitest';
import { loadTree } from '../../src/kumo/runtime/load-tree';
import { DEFAULT_OPTIONS } from '../../src/passes/pass';
import { convertText } from '../support/converted';
import { askTree, mail, notesOf, outcomesOf } from '../support/tree';

const block = (tag: string, argument: string, ...lines: readonly string[]) =>
  `<${tag} ${argument}>\n${lines.map((line) => `  ${line}\n`).join('')}</${tag}>\n`;
const source = (name: string, ...lines: readonly string[]) =>
  block('source', name, 'always-allow-relaying yes', ...lines);
const REFUSED = { code: 550, message: '5.1.1 recipient is suppressed' };

const LIST = block(
  'address-list',
  'Optout',
  'address gone@d.test',
  'address spamtrap',
  'address /^test.*@d\\.test$/',
  'domain dead.test',
);
const config = `host-name mx.shop.test\n${LIST}${source('10/8', 'suppression-lists optout')}${source('172.16/12')}`;

describe('suppression-lists (M5 3.3.7.38, 10.16)', () => {
  it.each([
    ['gone@d.test', true],
    ['Gone@D.test', true],
    ['gone@e.test', false],
    ['spamtrap@mx.shop.test', true],
    // A bare local part is one at this server.
    ['spamtrap@d.test', false],
    ['Testing1@d.test', true],
    ['atest@d.test', false],
    ['you@dead.test', true],
    ['you@sub.dead.test', false],
  ])('%s is refused: %s', (recipient, refused) =>
    askTree(config, (tree) => {
      expect(tree.message(mail({ recipient })).rejected).toEqual(refused ? REFUSED : undefined);
      expect(tree.message(mail({ recipient, http: true })).rejected).toEqual(refused ? REFUSED : undefined);
      expect(tree.message(mail({ recipient, peer: '172.16.0.1' })).rejected).toBeUndefined();
    }),
  );

  it('leaves mail over HTTP to other addresses of this server alone', () =>
    askTree(`${config}postmaster ops@x.test\n`, (tree) => {
      const spec = { recipient: 'you@mx.shop.test', peer: '10.1.2.3', http: true };
      expect(tree.message(mail(spec)).rejected).toBeUndefined();
      expect(tree.message(mail({ ...spec, http: false, peer: '198.51.100.7' })).rejected?.code).toBe(550);
    }));

  it('settles the list and its lines', () =>
    askTree(`${config}${block('suppression-list', 'unused', 'address x@y.test')}`, (_, converted) => {
      expect(outcomesOf(converted, 'suppression-lists')).toEqual(['exact']);
      expect(outcomesOf(converted, 'address')).toEqual(['exact', 'exact', 'exact', 'implicit']);
      expect(outcomesOf(converted, 'domain')).toEqual(['exact']);
      expect(outcomesOf(converted, '<suppression-list>')).toEqual(['implicit']);
    }));

  it('takes both kinds of lists, and tells of one that is not there', () =>
    askTree(
      `${block('suppression-list', 'a', 'address a@d.test')}${block('address-list', 'b', 'address b@d.test')}${source('10/8', 'suppression-lists a,b')}${source('10.1/16', 'suppression-lists c')}`,
      (tree, converted) => {
        expect(tree.message(mail({ recipient: 'a@d.test', peer: '10.2.0.1' })).rejected).toEqual(REFUSED);
        expect(tree.message(mail({ recipient: 'b@d.test', peer: '10.2.0.1' })).rejected).toEqual(REFUSED);
        expect(outcomesOf(converted, 'suppression-lists')).toEqual(['exact', 'invalid']);
      },
    ));

  it('says which patterns and names it cannot hold', () =>
    askTree(
      `${block('address-list', 'x', 'address /(?R)x/', 'address trap', `address it's"x@d.test`)}${source('10/8', 'suppression-lists x')}`,
      (_, converted) => expect(outcomesOf(converted, 'address')).toEqual(['manual', 'manual', 'invalid']),
    ));
});

describe('accept-invalid-recipients (M5 3.3.7.64)', () => {
  it('takes suppressed recipients, and bounces them', () =>
    askTree(
      `${LIST}${source('10/8', 'suppression-lists optout', 'accept-invalid-recipients yes')}`,
      (tree, converted) => {
        const message = tree.message(mail({ recipient: 'gone@d.test' }));
        expect(message.rejected).toBeUndefined();
        expect(message).toMatchObject({ queue: '{default}@suppressed.pmta.internal', recipients: ['gone@d.test'] });
        // The queue is no SMTP one, so that nobody is asked for the domain of that name.
        expect(tree.queueConfig('suppressed.pmta.internal', '{default}')).toMatchObject({
          protocol: { custom_lua: { constructor: 'make.pmta_suppressed' } },
        });
        expect(tree.deliver(mail({ recipient: 'gone@d.test' })).rejected).toEqual(REFUSED);
        expect(tree.message(mail()).queue).toBe('{default}@d.test');
        expect(outcomesOf(converted, 'accept-invalid-recipients')).toEqual(['approximate']);
      },
    ));

  it('has nothing to do without lists', () =>
    askTree(source('10/8', 'accept-invalid-recipients yes'), (_, converted) => {
      expect(converted.files.has('pmta.lua')).toBe(false);
      expect(outcomesOf(converted, 'accept-invalid-recipients')).toEqual(['unsupported']);
    }));
});

describe('address-file (M5 3.3.5.2)', () => {
  const input = `host-name mx.shop.test\n${block('address-list', 'f', 'address-file "/etc/pmta/opt out.txt"')}${source('10/8', 'suppression-lists f')}`;

  it('is copied, and read by KumoMTA', async () => {
    const converted = convertText(input);
    const copies = [...converted.conversion.policy.copies.values()];
    const to = '/opt/kumomta/etc/policy/lists/opt_out.txt';
    expect(copies).toMatchObject([{ from: '/etc/pmta/opt out.txt', to, what: 'list of addresses' }]);
    const files = new Map([...converted.files, ['lists/opt_out.txt', '# gone\r\nGone@d.test\r\n\r\nspamtrap\r\n']]);
    const tree = await loadTree(files, { installDir: DEFAULT_OPTIONS.installDir });
    try {
      expect(tree.findings).toEqual([]);
      expect(tree.message(mail({ recipient: 'gone@d.test' })).rejected).toEqual(REFUSED);
      expect(tree.message(mail({ recipient: 'spamtrap@mx.shop.test' })).rejected).toEqual(REFUSED);
      expect(tree.message(mail({ recipient: 'spamtrap@d.test' })).rejected).toBeUndefined();
    } finally {
      tree.close();
    }
    // Without the copy nobody is let through by mistake.
    await askMissing(converted.files);
  });

  async function askMissing(files: ReadonlyMap<string, string>): Promise<void> {
    const tree = await loadTree(files, { installDir: DEFAULT_OPTIONS.installDir });
    try {
      expect(tree.message(mail()).rejected?.code).toBe(421);
    } finally {
      tree.close();
    }
  }

  it('needs a release that reads plain files', () =>
    askTree(
      input,
      (_, converted) => {
        expect(outcomesOf(converted, 'address-file')).toEqual(['unsupported']);
        expect(notesOf(converted, 'address-file')[0]).toContain('2025.10.06');
      },
      { target: '2025.05.06' },
    ));
});
