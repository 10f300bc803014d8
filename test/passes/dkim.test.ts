import { describe, expect, it } from 'vitest';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import type { MessageSpec } from '../../src/kumo/runtime/messages';
import { askTree, codesOf, headerOf, mail, notesOf, outcomesOf } from '../support/tree';

const BY_RULE = { dkim: 'lua' } as const;

const FEED =
  '<source 10/8>\n  always-allow-relaying yes\n  process-x-virtual-mta yes\n  process-x-dkim-options yes\n</source>\n';
const domain = (name: string, ...lines: string[]) => `<domain ${name}>\n  ${lines.join('\n  ')}\n</domain>\n`;
const key = (selector: string, name: string) => `domain-key ${selector},${name},/etc/pmta/keys/${selector}.pem\n`;
const vmta = (name: string, inside = '', last = '1') =>
  `<virtual-mta ${name}>\n  smtp-source-host 192.0.2.${last} ${name}.example.net\n${inside}</virtual-mta>\n`;
const SIGN = domain('*', 'dkim-sign yes');
/** A global key for anybody and a recipient that is not signed for: more than the helper of KumoMTA can do. */
const OTHER = domain('unsigned.test', 'dkim-sign no');

/** `selector domain` of each signature. */
function signed(tree: LoadedTree, from: string, spec: Partial<MessageSpec> = {}, ...more: MessageSpec['headers']) {
  const { signatures } = tree.message({ ...mail(spec), headers: [['From', from], ...more] });
  return signatures.map((signature) => `${signature.selector} ${signature.domain}`);
}
const via = (name: string) => ['X-Virtual-MTA', name] as const;

describe('the key of a message (M5 3.3.1.33.1, 10.6.2)', () => {
  // By PowerMTA's rule; what the helper does otherwise is told when it is used.
  describe.each([
    ['every recipient signed for', ''],
    ['one recipient that is not', OTHER],
  ])('%s', (_, other) => {
    it('is that of the sender’s domain', () =>
      askTree(
        FEED + key('a', 'one.test') + key('b', 'two.test') + SIGN + other,
        (tree) => {
          expect(signed(tree, 'x@one.test')).toEqual(['a one.test']);
          expect(signed(tree, 'Two <X@TWO.test>')).toEqual(['b two.test']);
          expect(signed(tree, 'x@three.test')).toEqual([]);
        },
        BY_RULE,
      ));

    it('is the first that fits, not the one that fits best', () =>
      askTree(
        FEED + key('parent', 'example.net') + key('child', 'news.example.net') + SIGN + other,
        (tree) => {
          expect(signed(tree, 'x@example.net')).toEqual(['parent example.net']);
          expect(signed(tree, 'x@news.example.net')).toEqual(['parent example.net']);
        },
        BY_RULE,
      ));

    it('is the child’s when that stands first', () =>
      askTree(
        FEED + key('child', 'news.example.net') + key('parent', 'example.net') + SIGN + other,
        (tree) => {
          expect(signed(tree, 'x@news.example.net')).toEqual(['child news.example.net']);
          expect(signed(tree, 'x@a.news.example.net')).toEqual(['child news.example.net']);
          expect(signed(tree, 'x@shop.example.net')).toEqual(['parent example.net']);
          expect(signed(tree, 'x@notexample.net')).toEqual([]);
        },
        BY_RULE,
      ));

    it('of two for one domain is the first', () =>
      askTree(
        FEED + key('first', 'one.test') + key('second', 'one.test') + SIGN + other,
        (tree) => expect(signed(tree, 'x@one.test')).toEqual(['first one.test']),
        BY_RULE,
      ));

    it('* is for anybody, with the sender’s own domain', () =>
      askTree(
        FEED + key('a', 'one.test') + key('any', '*') + SIGN + other,
        (tree) => {
          expect(signed(tree, 'x@one.test')).toEqual(['a one.test']);
          expect(signed(tree, 'x@elsewhere.test')).toEqual(['any elsewhere.test']);
        },
        BY_RULE,
      ));

    it('* before the others leaves them nothing', () =>
      askTree(
        FEED + key('any', '*') + key('a', 'one.test') + SIGN + other,
        (tree) => expect(signed(tree, 'x@one.test')).toEqual(['any one.test']),
        BY_RULE,
      ));

    it('goes by Sender before From', () =>
      askTree(
        FEED + key('a', 'one.test') + key('b', 'two.test') + SIGN + other,
        (tree) => expect(signed(tree, 'x@one.test', {}, ['Sender', 'y@two.test'])).toEqual(['b two.test']),
        BY_RULE,
      ));
  });

  it('of the virtual-mta goes before the global ones, and the global ones are left to it', () =>
    askTree(
      FEED +
        key('g', 'one.test') +
        key('g2', 'two.test') +
        SIGN +
        vmta('v', `  ${key('own', 'one.test')}`) +
        vmta('w', '', '2'),
      (tree) => {
        expect(signed(tree, 'x@one.test', {}, via('v'))).toEqual(['own one.test']);
        expect(signed(tree, 'x@two.test', {}, via('v'))).toEqual(['g2 two.test']);
        expect(signed(tree, 'x@one.test', {}, via('w'))).toEqual(['g one.test']);
        expect(signed(tree, 'x@one.test')).toEqual(['g one.test']);
      },
    ));

  it('a parent’s key of the virtual-mta beats the exact global one', () =>
    askTree(FEED + key('g', 'news.one.test') + SIGN + vmta('v', `  ${key('own', 'one.test')}`), (tree) =>
      expect(signed(tree, 'x@news.one.test', {}, via('v'))).toEqual(['own one.test']),
    ));

  it('of one virtual-mta is not another’s', () =>
    askTree(FEED + SIGN + vmta('v', `  ${key('own', 'one.test')}`) + vmta('w', '', '2'), (tree) => {
      expect(signed(tree, 'x@one.test', {}, via('w'))).toEqual([]);
      expect(signed(tree, 'x@one.test', {}, via('v'))).toEqual(['own one.test']);
    }));

  it('mail for a pool is signed with the key of the member that sends it', () =>
    askTree(
      FEED +
        SIGN +
        vmta('v', `  ${key('kv', 'one.test')}`) +
        vmta('w', `  ${key('kw', 'one.test')}`, '2') +
        '<virtual-mta-pool p>\n  virtual-mta v\n  virtual-mta w\n</virtual-mta-pool>\n',
      (tree) => {
        for (let i = 0; i < 20; i++) {
          const message = tree.message({ ...mail(), headers: [['From', 'x@one.test'], via('p')] });
          expect(message.signatures.map(({ selector }) => selector)).toEqual([`k${message.sources[0]}`]);
        }
      },
    ));
});

describe('who is signed for (M5 3.3.10.19)', () => {
  it('nobody by default', () =>
    askTree(FEED + key('a', 'one.test'), (tree) => expect(signed(tree, 'x@one.test')).toEqual([])));

  it('without a key nothing is signed, and dkim-sign asks for nothing', () =>
    askTree(FEED + SIGN, (tree, converted) => {
      expect(signed(tree, 'x@one.test')).toEqual([]);
      expect(outcomesOf(converted, 'dkim-sign')).toEqual(['implicit']);
    }));

  it('the most special block decides', () =>
    askTree(
      FEED +
        key('a', 'one.test') +
        SIGN +
        domain('[*.]off.test', 'dkim-sign no') +
        domain('on.off.test', 'dkim-sign yes'),
      (tree) => {
        const to = (name: string) => signed(tree, 'x@one.test', { recipient: `you@${name}` }).length;
        expect(['d.test', 'off.test', 'a.off.test', 'on.off.test', 'b.on.off.test', 'notoff.test'].map(to)).toEqual([
          1, 0, 0, 1, 0, 1,
        ]);
      },
    ));

  it('only some, when * says nothing', () =>
    askTree(FEED + key('a', 'one.test') + domain('gmail.com', 'dkim-sign yes'), (tree) => {
      expect(signed(tree, 'x@one.test', { recipient: 'you@gmail.com' })).toEqual(['a one.test']);
      expect(signed(tree, 'x@one.test')).toEqual([]);
    }));

  it('the virtual-mta’s * beats a global name', () =>
    askTree(
      FEED +
        key('a', 'one.test') +
        domain('d.test', 'dkim-sign no') +
        vmta('v', domain('*', 'dkim-sign yes')) +
        vmta('w', domain('e.test', 'dkim-sign yes'), '2'),
      (tree) => {
        const to = (name: string, sender: string) =>
          signed(tree, 'x@one.test', { recipient: `you@${name}` }, via(sender)).length;
        expect([to('d.test', 'v'), to('e.test', 'v')]).toEqual([1, 1]);
        expect([to('d.test', 'w'), to('e.test', 'w'), to('f.test', 'w')]).toEqual([0, 1, 0]);
      },
    ));
});

describe('the identity (M5 3.3.10.28-29)', () => {
  it('fixed: its domain chooses the key', () =>
    askTree(
      FEED + key('a', 'one.test') + key('e', 'esp.test') + domain('*', 'dkim-sign yes', 'dkim-identity @esp.test'),
      (tree) => {
        expect(signed(tree, 'x@one.test')).toEqual(['e esp.test']);
        expect(signed(tree, 'x@other.test')).toEqual(['e esp.test']);
      },
    ));

  it('fixed, with a local part or bare', async () => {
    for (const identity of ['bulk@esp.test', 'esp.test'])
      await askTree(
        FEED + key('a', 'one.test') + key('e', 'esp.test') + domain('*', 'dkim-sign yes', `dkim-identity ${identity}`),
        (tree) => expect(signed(tree, 'x@one.test')).toEqual(['e esp.test']),
      );
  });

  it('strict-from: the From domain and no parent of it, whatever Sender says', () =>
    askTree(
      FEED + key('a', 'one.test') + key('b', 'two.test') + domain('*', 'dkim-sign yes', 'dkim-identity strict-from'),
      (tree) => {
        expect(signed(tree, 'x@one.test', {}, ['Sender', 'y@two.test'])).toEqual(['a one.test']);
        expect(signed(tree, 'x@news.one.test')).toEqual([]);
      },
    ));

  it('the fallback signs what has no key', () =>
    askTree(
      FEED +
        key('a', 'one.test') +
        key('e', 'esp.test') +
        domain('*', 'dkim-sign yes', 'dkim-identity sender-or-from', 'dkim-identity-fallback @esp.test'),
      (tree) => {
        expect(signed(tree, 'x@one.test')).toEqual(['a one.test']);
        expect(signed(tree, 'x@nokey.test')).toEqual(['e esp.test']);
      },
    ));
});

describe('a second signature (M5 10.6.4)', () => {
  it('has an identity of its own', () =>
    askTree(
      FEED +
        key('s1', 'example.net') +
        key('esp', 'esp.test') +
        domain('*', 'dkim-sign yes', 'second-dkim-sign yes', 'second-dkim-identity @esp.test'),
      (tree) => expect(signed(tree, 'a@example.net')).toEqual(['s1 example.net', 'esp esp.test']),
    ));

  it('beside a * key, which signs for the identity', () =>
    askTree(
      FEED +
        key('s1', 'example.net') +
        key('any', '*') +
        domain('*', 'dkim-sign yes', 'second-dkim-sign yes', 'second-dkim-identity @esp.test'),
      (tree) => {
        expect(signed(tree, 'a@news.example.net')).toEqual(['s1 example.net', 'any esp.test']);
        expect(signed(tree, 'a@other.test')).toEqual(['any other.test', 'any esp.test']);
      },
    ));

  it('alone, where only that is asked for', () =>
    askTree(
      FEED +
        key('s1', 'example.net') +
        key('esp', 'esp.test') +
        domain('*', 'second-dkim-sign yes', 'second-dkim-identity @esp.test'),
      (tree) => expect(signed(tree, 'a@example.net')).toEqual(['esp esp.test']),
    ));
});

describe('X-DKIM-Options (M5 10.6.3)', () => {
  const config = (sign: string) =>
    FEED + key('a', 'one.test') + key('b', 'one.test') + key('c', 'two.test') + domain('*', `dkim-sign ${sign}`);

  it('if-x-dkim-options-present signs only with the header', () =>
    askTree(config('if-x-dkim-options-present'), (tree) => {
      expect(signed(tree, 'x@one.test')).toEqual([]);
      expect(signed(tree, 'x@one.test', {}, ['X-DKIM-Options', 's=b'])).toEqual(['b one.test']);
    }));

  it('chooses the selector and the domain of the key, and does not travel on', () =>
    askTree(config('yes'), (tree) => {
      expect(signed(tree, 'x@one.test', {}, ['X-DKIM-Options', 's=b; d=one.test'])).toEqual(['b one.test']);
      const message = tree.message({
        ...mail(),
        headers: [
          ['From', 'x@one.test'],
          ['X-DKIM-Options', 's=b'],
        ],
      });
      expect(headerOf(message, 'X-DKIM-Options')).toEqual([]);
    }));

  it('means nothing from a client that may not use it', () =>
    askTree(
      `<source 10/8>\n  always-allow-relaying yes\n</source>\n${key('a', 'one.test')}${key('b', 'one.test')}${SIGN}`,
      (tree) => expect(signed(tree, 'x@one.test', {}, ['X-DKIM-Options', 's=b'])).toEqual(['a one.test']),
    ));
});

describe('how it is signed (M5 3.3.10.19-27)', () => {
  it('options and further headers', () =>
    askTree(
      FEED +
        key('a', 'one.test') +
        domain(
          '*',
          'dkim-sign yes',
          'dkim-headers Feedback-ID',
          'dkim-body-canon simple',
          'dkim-headers-canon relaxed',
          'dkim-expire-after 2d',
        ),
      (tree) => {
        const [signature] = tree.message({ ...mail(), headers: [['From', 'x@one.test']] }).signatures;
        expect(signature?.params).toMatchObject({
          body_canonicalization: 'Simple',
          header_canonicalization: 'Relaxed',
          expiration: 2 * 86_400,
        });
        expect(signature?.headers).toContain('From');
        expect(signature?.headers).toContain('Feedback-ID');
        expect(signature?.algo).toContain('sha256');
      },
    ));

  it('each key is read from a place of its own, which the report asks to fill', () =>
    askTree(
      `${FEED}domain-key s,one.test,/etc/pmta/a.pem\n${SIGN}${vmta('v', '  domain-key s,one.test,/etc/pmta/b.pem\n')}`,
      (tree, converted) => {
        const file = (...headers: MessageSpec['headers']) => {
          const { signatures } = tree.message({ ...mail(), headers: [['From', 'x@one.test'], ...headers] });
          return String(signatures[0]?.params['key']);
        };
        const copies = converted.conversion.policy.copies;
        expect(copies.get(file())?.from).toBe('/etc/pmta/a.pem');
        expect(copies.get(file(via('v')))?.from).toBe('/etc/pmta/b.pem');
      },
    ));

  it('what is only near PowerMTA’s signature says so', () =>
    askTree(FEED + key('a', 'one.test') + domain('*', 'dkim-sign yes', 'dkim-headers /^X-Track/'), (_, converted) => {
      expect(outcomesOf(converted, 'dkim-headers')[0]).not.toBe('exact');
      expect(notesOf(converted, 'dkim-headers')[0] ?? '').not.toBe('');
      expect(codesOf(converted)).not.toContain('emitted-invalid');
    }));
});
