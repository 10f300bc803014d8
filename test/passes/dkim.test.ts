import { describe, expect, it } from 'vitest';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import type { AcceptedMessage, MessageSpec } from '../../src/kumo/runtime/messages';
import { convertText } from '../support/converted';
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

describe('<domain-key-list> (M5 3.3.19)', () => {
  const LIST = `<domain-key-list Client7>\n${key('c7', 'client.test')}${key('own', 'one.test')}</domain-key-list>\n`;
  const config = FEED + key('a', 'one.test') + key('c', 'client.test') + LIST + SIGN;

  it('is searched alone by messages that name it, whatever its case', () =>
    askTree(config, (tree, converted) => {
      expect(signed(tree, 'x@one.test')).toEqual(['a one.test']);
      expect(signed(tree, 'x@one.test', {}, ['X-DKIM-Options', 'key-list=client7'])).toEqual(['own one.test']);
      expect(signed(tree, 'x@client.test', {}, ['X-DKIM-Options', 's=c7; key-list=CLIENT7'])).toEqual([
        'c7 client.test',
      ]);
      expect(outcomesOf(converted, 'domain-key')).toEqual(['exact', 'exact', 'exact', 'exact']);
      expect(outcomesOf(converted, '<domain-key-list>')).toEqual(['exact']);
    }));

  it('does not fall back to the other keys', () =>
    askTree(config + key('o', 'other.test'), (tree) => {
      expect(signed(tree, 'x@other.test')).toEqual(['o other.test']);
      expect(signed(tree, 'x@other.test', {}, ['X-DKIM-Options', 'key-list=client7'])).toEqual([]);
      expect(signed(tree, 'x@one.test', {}, ['X-DKIM-Options', 's=a; key-list=client7'])).toEqual([]);
    }));

  it('goes before the keys of the virtual-mta too, and leaves the second signature alone', () =>
    askTree(
      FEED +
        LIST +
        key('esp', 'esp.test') +
        domain('*', 'dkim-sign yes', 'second-dkim-sign yes', 'second-dkim-identity @esp.test') +
        vmta('v', `  ${key('kv', 'one.test')}`),
      (tree) => {
        expect(signed(tree, 'x@one.test', {}, via('v'))).toEqual(['kv one.test', 'esp esp.test']);
        expect(signed(tree, 'x@one.test', {}, via('v'), ['X-DKIM-Options', 'key-list=client7'])).toEqual([
          'own one.test',
          'esp esp.test',
        ]);
      },
    ));

  it('is never searched where no source honours the header', () =>
    askTree(
      `<source 10/8>\n  always-allow-relaying yes\n</source>\n${key('a', 'one.test')}${LIST}${SIGN}`,
      (tree, converted) => {
        expect(signed(tree, 'x@one.test', {}, ['X-DKIM-Options', 'key-list=client7'])).toEqual(['a one.test']);
        expect(outcomesOf(converted, '<domain-key-list>')).toEqual(['implicit']);
        expect(outcomesOf(converted, 'domain-key').slice(1)).toEqual(['implicit', 'implicit']);
      },
    ));
});

describe('X-DKIM-Key (M5 3.3.7.42-43, 10.6.5)', () => {
  const feed = (...lines: string[]) =>
    `<source 10/8>\n  always-allow-relaying yes\n  ${['process-x-dkim-options yes', ...lines].join('\n  ')}\n</source>\n`;
  const base64 = 'MIIB'.repeat(40);
  const OWN = ['X-DKIM-Key', base64] as const;
  const OPTIONS = ['X-DKIM-Options', 's=mine; d=one.test'] as const;
  const ask = (tree: LoadedTree, ...headers: MessageSpec['headers']) =>
    tree.message({ ...mail(), headers: [['From', 'x@one.test'], ...headers] });

  /** Lines of the key that the first signature is made with. */
  const pemOf = ({ signatures }: AcceptedMessage): readonly string[] => {
    const found = signatures[0]?.params['key'];
    const data = typeof found === 'object' && found !== null && 'key_data' in found ? found.key_data : '';
    return String(data).trim().split('\n');
  };

  it('signs with the key of the message, which does not travel on', () =>
    askTree(feed('process-x-dkim-key yes') + key('a', 'one.test') + SIGN, (tree) => {
      const message = ask(tree, OWN, OPTIONS);
      expect(message.signatures.map(({ selector, domain }) => `${selector} ${domain}`)).toEqual(['mine one.test']);
      const lines = pemOf(message);
      expect(lines[0]).toBe('-----BEGIN RSA PRIVATE KEY-----');
      expect(lines.at(-1)).toBe('-----END RSA PRIVATE KEY-----');
      // OpenSSL reads lines of 64 characters, and no empty one.
      expect(lines.slice(1, -1).map(({ length }) => length)).toEqual([64, 64, 32]);
      expect(lines.slice(1, -1).join('')).toBe(base64);
      expect(headerOf(message, 'X-DKIM-Key')).toEqual([]);
    }));

  it('with the lines around it', () =>
    askTree(feed('process-x-dkim-key yes') + key('a', 'one.test') + SIGN, (tree) => {
      const pem = `-----BEGIN RSA PRIVATE KEY----- ${base64.slice(0, 128)} -----END RSA PRIVATE KEY-----`;
      expect(pemOf(ask(tree, ['X-DKIM-Key', pem], OPTIONS))).toHaveLength(4);
    }));

  it('needs a selector, and dkim-sign; a key of the configuration is not needed', () =>
    askTree(feed('process-x-dkim-key yes') + SIGN + OTHER, (tree) => {
      expect(ask(tree, OWN, OPTIONS).signatures).toHaveLength(1);
      expect(ask(tree, OWN).signatures).toEqual([]);
      expect(ask(tree, OWN, ['X-DKIM-Options', 'd=one.test']).signatures).toEqual([]);
      expect(signed(tree, 'x@one.test', { recipient: 'you@unsigned.test' }, OWN, OPTIONS)).toEqual([]);
      expect(signed(tree, 'x@news.test', {}, OWN, ['X-DKIM-Options', 's=mine'])).toEqual(['mine news.test']);
    }));

  it('is an ordinary header for others, and stays where it is retained', async () => {
    await askTree(feed() + key('a', 'one.test') + SIGN + OTHER, (tree) => {
      const message = ask(tree, OWN, ['X-DKIM-Options', 's=a']);
      expect(message.signatures.map(({ selector }) => selector)).toEqual(['a']);
      expect(headerOf(message, 'X-DKIM-Key')).toEqual([base64]);
    });
    await askTree(feed('process-x-dkim-key yes', 'retain-x-dkim-key yes') + key('a', 'one.test') + SIGN, (tree) =>
      expect(headerOf(ask(tree, OWN, OPTIONS), 'X-DKIM-Key')).toEqual([base64]),
    );
  });

  it('is taken off where nothing is signed', () =>
    askTree(feed('process-x-dkim-key yes'), (tree, converted) => {
      const message = ask(tree, OWN, OPTIONS);
      expect(message.signatures).toEqual([]);
      expect(['X-DKIM-Key', 'X-DKIM-Options'].map((name) => headerOf(message, name))).toEqual([[], []]);
      expect(notesOf(converted, 'process-x-dkim-key')[0]).toContain('Nothing is signed');
    }));
});

describe('headers that must not be added (M5 3.3.10.30)', () => {
  const count = (tree: LoadedTree, name: string, which = 0) =>
    tree
      .message({ ...mail(), headers: [['From', 'x@one.test']] })
      .signatures[which]?.headers.filter((header) => header.toLowerCase() === name).length;

  // KumoMTA signs a header once for each time that it is listed (crates/dkim, HeaderList).
  it.each(['helper', 'lua'] as const)('are listed once more than they occur (%s)', (dkim) =>
    askTree(
      FEED + key('a', 'one.test') + domain('*', 'dkim-sign yes', 'dkim-disallow-adding-headers from,SUBJECT'),
      (tree, converted) => {
        expect(['from', 'subject', 'to', 'date'].map((name) => count(tree, name))).toEqual([2, 2, 1, 1]);
        expect(outcomesOf(converted, 'dkim-disallow-adding-headers')).toEqual(['exact']);
      },
      { dkim },
    ),
  );

  it('may be others than those signed, and those of the second signature are its own', () =>
    askTree(
      FEED +
        key('a', 'one.test') +
        key('e', 'esp.test') +
        domain(
          '*',
          'dkim-sign yes',
          'dkim-disallow-adding-headers X-Track',
          'second-dkim-sign yes',
          'second-dkim-identity @esp.test',
          'second-dkim-disallow-adding-headers Reply-To',
        ),
      (tree, converted) => {
        expect([count(tree, 'x-track'), count(tree, 'reply-to')]).toEqual([2, 1]);
        expect([count(tree, 'x-track', 1), count(tree, 'reply-to', 1)]).toEqual([0, 2]);
        expect(outcomesOf(converted, 'dkim-disallow-adding-headers')).toEqual(['approximate']);
        expect(outcomesOf(converted, 'second-dkim-disallow-adding-headers')).toEqual(['exact']);
      },
    ));

  it('dkim-headers that are signed anyway are not listed twice', () =>
    askTree(
      FEED + key('a', 'one.test') + domain('*', 'dkim-sign yes', 'dkim-headers subject,X-Track,x-track'),
      (tree) => expect(['subject', 'x-track'].map((name) => count(tree, name))).toEqual([1, 1]),
    ));
});

describe('what is signed differently for some', () => {
  const brands = key('a', 'one.test') + key('b', 'two.test');
  const params = (tree: LoadedTree, spec: Partial<MessageSpec> = {}, ...more: MessageSpec['headers']) =>
    tree
      .message({ ...mail(spec), headers: [['From', 'x@one.test'], ...more] })
      .signatures.map((made) => [made.domain, made.params['expiration'] ?? 'never']);

  it('each virtual-mta with its own identity', () =>
    askTree(
      FEED +
        brands +
        SIGN +
        vmta('v', domain('*', 'dkim-identity @one.test')) +
        vmta('w', domain('*', 'dkim-identity @two.test', 'dkim-expire-after 1h'), '2'),
      (tree, converted) => {
        expect(params(tree, {}, via('v'))).toEqual([['one.test', 'never']]);
        expect(params(tree, {}, via('w'))).toEqual([['two.test', 3600]]);
        expect(params(tree)).toEqual([['one.test', 'never']]);
        expect(outcomesOf(converted, 'dkim-expire-after')).toEqual(['exact']);
      },
    ));

  it('some recipient domains, and below them', () =>
    askTree(
      FEED +
        brands +
        SIGN +
        domain('[*.]b.test', 'dkim-identity @two.test') +
        domain('c.test', 'dkim-expire-after 1h') +
        domain('d.test', 'dkim-sign no'),
      (tree) => {
        const to = (name: string) => params(tree, { recipient: `you@${name}` });
        expect(['a.test', 'b.test', 'x.b.test', 'c.test', 'd.test'].map(to)).toEqual([
          [['one.test', 'never']],
          [['two.test', 'never']],
          [['two.test', 'never']],
          [['one.test', 3600]],
          [],
        ]);
      },
    ));

  it('in the second signature alone', () =>
    askTree(
      FEED +
        brands +
        domain('*', 'dkim-sign yes', 'second-dkim-sign yes', 'second-dkim-identity @two.test') +
        domain('c.test', 'second-dkim-sign if-x-dkim-options-present', 'second-dkim-expire-after 1h'),
      (tree) => {
        expect(params(tree)).toEqual([
          ['one.test', 'never'],
          ['two.test', 'never'],
        ]);
        expect(params(tree, { recipient: 'you@c.test' })).toEqual([['one.test', 'never']]);
        expect(params(tree, { recipient: 'you@c.test' }, ['X-DKIM-Options', 'd=one.test'])).toEqual([
          ['one.test', 'never'],
          ['two.test', 3600],
        ]);
      },
    ));
});

describe('algorithms', () => {
  it('rsa-sha1 becomes rsa-sha256, and says so; KumoMTA knows no other for RSA keys', () =>
    askTree(
      FEED +
        key('a', 'one.test') +
        domain('*', 'dkim-sign yes', 'dkim-algorithm rsa-sha256') +
        domain('d.test', 'dkim-algorithm rsa-sha1'),
      (tree, converted) => {
        const { signatures } = tree.message({ ...mail(), headers: [['From', 'x@one.test']] });
        expect(signatures.map(({ algo }) => algo)).toEqual(['rsa-sha256']);
        expect(outcomesOf(converted, 'dkim-algorithm')).toEqual(['exact', 'approximate']);
        expect(notesOf(converted, 'dkim-algorithm')[1]).toContain('rsa-sha256');
      },
    ));
});

describe('dk-sign (DomainKeys)', () => {
  const outcomes = (config: string) => {
    const converted = convertText(config);
    return outcomesOf(converted, 'dk-sign').map((outcome, i) => [outcome, notesOf(converted, 'dk-sign')[i] ?? '']);
  };

  it('is lost; the note says whether DKIM of the same keys remains', () => {
    const [[both, kept] = [], [alone, bare] = [], [off] = []] = outcomes(
      key('a', 'one.test') +
        domain('*', 'dk-sign yes', 'dkim-sign yes') +
        domain('d.test', 'dk-sign yes', 'dkim-sign no') +
        domain('e.test', 'dk-sign no'),
    );
    expect([both, alone, off]).toEqual(['unsupported', 'unsupported', 'implicit']);
    expect(kept).toMatch(/DKIM.* the same domain-keys/);
    expect(bare).toContain('no dkim-sign');
  });

  it('reads dkim-sign where it counts: of the virtual-mta, or of *', () => {
    const inherited = outcomes(key('a', 'one.test') + SIGN + vmta('v', domain('d.test', 'dk-sign yes')));
    expect(inherited[0]?.[1]).toContain('goes on signing');
  });

  it('without any key it signed nothing', () => {
    expect(outcomes(domain('*', 'dk-sign yes', 'dkim-sign yes'))[0]?.[0]).toBe('implicit');
  });
});
