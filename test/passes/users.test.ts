import { describe, expect, it } from 'vitest';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import { askTree, codesOf, mail, mailWith, outcomesOf } from '../support/tree';

const source = (name: string, ...lines: string[]) => `<source ${name}>\n  ${lines.join('\n  ')}\n</source>\n`;
const user = (name: string, ...lines: string[]) => `<smtp-user ${name}>\n  ${lines.join('\n  ')}\n</smtp-user>\n`;
const RELAY = 'always-allow-relaying yes';
const OUTSIDE = '203.0.113.9';

const taken = (tree: LoadedTree, name: string, password: string, sender = 'a@other.test') =>
  tree.message(mail({ peer: OUTSIDE, sender, auth: { user: name, password } })).rejected === undefined;

describe('smtp-user (M5 3.3.8, 10.4.2)', () => {
  it('logs in with the password of the configuration, and with no other', () =>
    askTree(user('shop', 'password "s3cret word"') + source('{auth}', RELAY), (tree) => {
      expect(tree.auth('shop', 's3cret word', OUTSIDE)).toBe(true);
      expect(tree.auth('shop', 's3cret', OUTSIDE)).toBe(false);
      expect(tree.auth('shop', '', OUTSIDE)).toBe(false);
      expect(tree.auth('nobody', 's3cret word', OUTSIDE)).toBe(false);
      expect(tree.auth('', '', OUTSIDE)).toBe(false);
    }));

  it.each([String.raw`a\"b\\c`, `it's]]--`, '=[[x]]', 'naïve-ключ'])(
    'a password is a text whatever is in it: %s',
    (written) =>
      askTree(user('u', `password "${written}"`) + source('{auth}', RELAY), (tree) => {
        // Inside quotes a backslash escapes the quote, the dollar and itself (M5 3.3.10.97.1).
        expect(tree.auth('u', written.replace(/\\(.)/g, '$1'), OUTSIDE)).toBe(true);
      }),
  );

  it('passwords are in smtp_users.toml and nowhere else', () =>
    askTree(user('shop', 'password Sesame.77') + source('{auth}', RELAY), (_, converted) => {
      const holding = [...converted.files].filter(([, content]) => content.includes('Sesame.77'));
      expect(holding.map(([path]) => path)).toEqual(['smtp_users.toml']);
      const file = converted.conversion.files.find(({ path }) => path === 'smtp_users.toml');
      expect(file).toMatchObject({ mode: 0o600 });
      const told = converted.diagnostics.list.map(({ message, help }) => `${message} ${help}`).join('\n');
      const notes = converted.conversion.ledger.entries().flatMap((entry) => entry.notes);
      expect([told, ...notes].join('\n')).not.toContain('Sesame.77');
      expect(codesOf(converted)).toContain('auth-plain-tls');
    }));

  it('relays when its source says so: its own one, or {auth}', () =>
    askTree(
      user('shop', 'password one', 'source {shop-auth}') +
        user('desk', 'password two') +
        user('shut', 'password three', 'source {shut}') +
        source('{shop-auth}', RELAY, 'require-auth yes') +
        source('{auth}', RELAY) +
        source('{shut}', 'always-allow-relaying no'),
      (tree) => {
        expect(taken(tree, 'shop', 'one')).toBe(true);
        expect(taken(tree, 'desk', 'two')).toBe(true);
        expect(taken(tree, 'shut', 'three')).toBe(false);
        expect(taken(tree, 'desk', 'one')).toBe(false);
      },
    ));

  it('relays only from where the source of its address allows it, and is refused elsewhere', () =>
    askTree(
      `relay-domain in.test\n${user('desk', 'password one')}${user('shop', 'password two', 'source big')}` +
        source('0/0', 'smtp-service yes') +
        source('10/8', RELAY, 'require-auth yes') +
        source('big', RELAY),
      (tree) => {
        const code = (name: string, password: string, peer: string, recipient = 'x@out.test') =>
          tree.message(mail({ peer, recipient, auth: { user: name, password } })).rejected?.code;
        expect(code('desk', 'one', '10.0.0.1')).toBeUndefined();
        expect(code('desk', 'one', OUTSIDE)).toBe(550);
        // What is taken from anybody is taken from users, too.
        expect(code('desk', 'one', OUTSIDE, 'x@in.test')).toBeUndefined();
        expect(code('shop', 'two', OUTSIDE)).toBeUndefined();
        expect(code('shop', 'two', '10.0.0.1')).toBeUndefined();
      },
    ));

  it('keeps the listener as it is where users may relay from everywhere', () =>
    askTree(user('desk', 'password one') + source('{auth}', RELAY), (_, { files }) => {
      expect(files.get('init.lua')).not.toContain('always_allow_relaying');
    }));

  it('{auth} does not stand in for a source of one’s own', () =>
    askTree(
      user('shop', 'password one', 'source {shop-auth}') +
        source('{shop-auth}', 'process-x-job yes') +
        source('{auth}', RELAY),
      (tree) => expect(taken(tree, 'shop', 'one')).toBe(false),
    ));

  it('relays for every sender, listed or not, because each entry of a sender domain repeats it', () =>
    askTree(
      `relay-domain x.test\nrelay-domain [*.]y.test\n${user('u', 'password pw')}${source('{auth}', RELAY)}`,
      (tree) => {
        for (const sender of ['a@x.test', 'a@y.test', 'a@b.y.test', 'a@else.test'])
          expect(taken(tree, 'u', 'pw', sender)).toBe(true);
        // Listed as a recipient domain only: its senders gain nothing by it.
        expect(tree.message(mail({ peer: OUTSIDE, sender: 'a@x.test' })).rejected?.code).toBe(550);
      },
    ));

  it('what the source of the user says about headers holds for its mail only', () =>
    askTree(
      `<virtual-mta v>\n  smtp-source-host 192.0.2.1 v.example.net\n</virtual-mta>\n${user('shop', 'password one', 'source {s}')}${user('desk', 'password two')}` +
        source('{s}', RELAY, 'process-x-virtual-mta yes') +
        source('{auth}', RELAY),
      (tree) => {
        const tenant = (name: string, password: string) =>
          tree.message(mailWith([['X-Virtual-MTA', 'v']], { peer: OUTSIDE, auth: { user: name, password } })).tenant;
        expect([tenant('shop', 'one'), tenant('desk', 'two')]).toEqual(['v', '{default}']);
      },
    ));

  it('a user by certificate is left to a person, and cannot log in with a password', () =>
    askTree(user('u', 'authentication-method certificate') + source('{auth}', RELAY), (tree, converted) => {
      expect(outcomesOf(converted, 'authentication-method')).toEqual(['manual']);
      expect(tree.auth('u', '', OUTSIDE)).toBe(false);
    }));
});

describe('the source of a listener before listeners could carry it (2025.05.06)', () => {
  it('is found by the address that the client connected to', () =>
    askTree(
      '<source 10/8>\n  always-allow-relaying yes\n</source>\n<source clients>\n  require-auth yes\n</source>\nsmtp-listener 0/0:25\nsmtp-listener 0/0:587 source=clients\n',
      (tree) => {
        const answer = (via: string) => tree.message({ ...mail(), peer: '10.0.0.1', via }).rejected?.code;
        expect([answer('192.0.2.1:25'), answer('192.0.2.1:587')]).toEqual([undefined, 530]);
      },
      { target: '2024.11.08' },
    ));
});
