import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from './support/command';
import { FIXTURES } from './support/converted';

const folder = mkdtempSync(join(tmpdir(), 'messages-'));
let made = 0;

function file(text: string | Buffer): string {
  const path = join(folder, `file-${++made}`);
  writeFileSync(path, text);
  return path;
}

const lines = (...messages: readonly object[]): string =>
  file(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));

/** Of each message, what both sides made of it: `thing: verdict value`, with both values where they differ. */
async function compared(config: string, messages: string, ...more: readonly string[]): Promise<readonly string[][]> {
  const { out } = await runCommand('verify', config, ...more, '--messages', messages, '--format', 'json');
  const { messages: results } = JSON.parse(out) as {
    messages: { comparison: { thing: string; verdict: string; pmta: string; kumo: string }[] }[];
  };
  return results.map(({ comparison }) =>
    comparison.map(({ thing, verdict, pmta, kumo }) =>
      verdict === 'equal' ? `${thing}: ${pmta}` : `${thing}: ${verdict}: ${pmta} | ${kumo}`,
    ),
  );
}

const fixture = (name: string): readonly [config: string, messages: string] => [
  join(FIXTURES, name, 'input'),
  join(FIXTURES, name, 'messages.jsonl'),
];

describe('verify --messages, on the messages beside fixtures', () => {
  it('pattern lists: the header, then the first entry that fits, then the default (M5 8.4, 3.3.14)', async () => {
    const found = await compared(...fixture('pattern-lists'));
    expect(found.map(([accepted, sender]) => sender ?? accepted)).toEqual([
      'virtual-mta: virtual-mta v1', // mail-from fits, the called list has the recipient
      'virtual-mta: virtual-mta v2', // its catch-all
      'virtual-mta: virtual-mta v1', // the nested list has no entry, and nothing after it fits: the default
      'virtual-mta: virtual-mta v2', // the nested list
      'virtual-mta: virtual-mta v2', // the header goes first
      'virtual-mta: pool pool-a', // any header of the name
      'accepted: refused: relaying is not permitted',
      'accepted: refused: no virtual-mta nobody', // reject-invalid-virtual-mta is on by default
    ]);
    expect(found[5]).toContain('source-address: 192.0.2.20, 192.0.2.21');
  });

  it('users: relaying for those who log in, with the source of the user over the others (M5 3.3.7, 10.4.2)', async () => {
    const found = await compared(...fixture('smtp-auth'));
    expect(found.map(([accepted, sender]) => sender ?? accepted)).toEqual([
      'accepted: refused: AUTH is required',
      'virtual-mta: virtual-mta v1', // {shop-auth} does not look at the header
      'virtual-mta: virtual-mta v1', // the header
      'accepted: refused: wrong user or password',
      'virtual-mta: virtual-mta {default}',
      'accepted: refused: AUTH is required', // the listener's source
    ]);
  });

  it('signatures: keys of the virtual-mta first, by Sender or From, for parents too (M5 3.3.1.33.1)', async () => {
    const found = await compared(...fixture('signing-by-virtual-mta'));
    expect(found.map((each) => each.at(-1))).toEqual([
      'signature: d=shop.example s=s1',
      'signature: none',
      'signature: d=news.example s=n1',
      'signature: d=other.example s=n2',
      'signature: none',
      'signature: d=mail.example s=g1',
    ]);
  });

  it('routes: other mail exchangers, hosts, queues, and those of a virtual-mta (M5 3.3.10.89, 10.9)', async () => {
    const found = await compared(...fixture('routing'));
    expect(found.map((each) => each[3])).toEqual([
      'route: mx:real.example',
      'route: [127.0.0.1]:2526',
      'route: mx:mx.big.example',
      'route: its own mail exchangers',
      'route: gateway.mail.example',
    ]);
  });
});

const CONFIG = `log-file /var/log/pmta/log
spool /var/spool/pmta
relay-domain in.example
<virtual-mta one>
smtp-source-host 192.0.2.1 one.example
</virtual-mta>
<virtual-mta two>
smtp-source-host 192.0.2.2 two.example
</virtual-mta>
<source 10/8>
always-allow-relaying yes
process-x-virtual-mta yes
default-virtual-mta one
</source>
`;

const PLAIN = { peer: '10.0.0.1', from: 'a@b.example', to: 'x@gmail.com' };

describe('verify --messages', () => {
  it('ends with 0 where all agrees, and says from which line of CONFIG', async () => {
    const { code, out, err } = await runCommand('verify', file(CONFIG), '--messages', lines(PLAIN));
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('1 sample message, 5 comparisons');
    expect(out).toMatch(/virtual-mta +equal +virtual-mta one {2}\(file-\d+:13\)/);
  });

  it('says nothing with --quiet where all agrees', async () => {
    const { code, out } = await runCommand('verify', file(CONFIG), '--quiet', '--messages', lines(PLAIN));
    expect([code, out]).toEqual([0, '']);
  });

  it('compares with a tree that exists, and fails for what the report does not tell', async () => {
    const config = file(CONFIG);
    const dir = join(folder, 'tree');
    await runCommand('convert', config, '-o', dir, '--quiet');
    const sources = join(dir, 'sources.toml');
    const text = readFileSync(sources, 'utf8');
    expect(text).toContain('192.0.2.1');
    writeFileSync(sources, text.replace('192.0.2.1', '192.0.2.9'));
    const { code, out } = await runCommand('verify', config, dir, '--messages', lines(PLAIN));
    expect(code).toBe(1);
    expect(out).toContain('Not explained by the migration report:\n  source-address: differs in 1 message (line 1)');
    expect(out).toContain('192.0.2.1 in PowerMTA, 192.0.2.9 in KumoMTA');
  });

  it('takes its messages from a pipe', async () => {
    const config = file(CONFIG);
    const out = await piped(['verify', config, '--messages', '-'], `${JSON.stringify(PLAIN)}\n`);
    expect(out).toContain('1 sample message, 5 comparisons');
  });

  it('refuses a file that is not there, a folder, and one without messages', async () => {
    for (const path of [join(folder, 'gone'), folder, file('\n \n')]) {
      const { code, out, err } = await runCommand('verify', file(CONFIG), '--messages', path);
      expect([code, out]).toEqual([2, '']);
      expect(err).toMatch(/^pmta2kumo: --messages: .*(?:no such file|it is a folder|holds no message)/);
    }
  });
});

function piped(args: readonly string[], input: string): Promise<string> {
  const bin = join(import.meta.dirname, '..', 'bin', 'pmta2kumo.js');
  return new Promise((settle) => {
    const child = spawn(process.execPath, [bin, ...args], { stdio: ['pipe', 'pipe', 'ignore'] });
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += String(chunk);
    });
    child.on('close', () => settle(out));
    child.stdin.end(input);
  });
}

describe('lines that are no sample messages', () => {
  const FAULTS: readonly (readonly [line: string, message: string, column: number])[] = [
    ['nonsense', 'this sample message is not JSON: a value is expected here', 1],
    ['[]', 'this sample message is not JSON: it is no object', 1],
    ['{"from": "", "to": "a@b.example", "colour": 1}', 'a sample message has no colour', 35],
    ['{"form": "", "to": "a@b.example", "from": ""}', 'a sample message has no form; did you mean from?', 2],
    ['{"from": ""}', 'to of a sample message is missing', 1],
    ['{"from": "", "to": "a b"}', 'to of a sample message has to be an address, name@domain', 14],
    ['{"from": "", "to": "a\\u0000@b.example"}', 'to of a sample message has to be an address, name@domain', 14],
    ['{"from": "", "to": "a@b.example", "peer": "mta"}', 'peer of a sample message has to be an IP address', 35],
    [
      '{"from": "", "to": "a@b.example", "listener": "x:25"}',
      'listener of a sample message has to be an address and',
      35,
    ],
    ['{"from": "", "to": "a@b.example", "user": ""}', 'user of a sample message has to be the name', 35],
    ['{"from": "", "to": "a@b.example", "headers": 1}', 'headers of a sample message has to be an object', 35],
    ['{"from": "", "to": "a@b.example", "headers": {"a b": "c"}}', 'headers: a b of a sample message is no name', 47],
    ['{"from": "", "to": "a@b.example", "headers": {"a": ["b\\nc"]}}', 'headers: a of a sample message has to be', 47],
  ];

  it.each(FAULTS)('%s', async (line, message, column) => {
    const path = file(`\n${line}\n${JSON.stringify(PLAIN)}\n`);
    const { code, out, err } = await runCommand('verify', file(CONFIG), '--messages', path);
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(err).toContain(`${path}:2:${column}`);
    expect(out).toContain('1 sample message, 5 comparisons'); // the good one was compared
  });

  it('tells what is not UTF-8, and what is too long', async () => {
    const path = file(
      Buffer.concat([Buffer.from([0x22, 0xff, 0x22, 10]), Buffer.alloc(70_000, 'a'), Buffer.from('\n')]),
    );
    const { code, err } = await runCommand('verify', file(CONFIG), '--messages', path);
    expect(code).toBe(1);
    expect(err).toContain('this sample message is not JSON: it is not UTF-8');
    expect(err).toContain('the line of this sample message is longer than 65536 bytes');
    expect(err).toContain(`${path}:2:1`);
  });

  it('gives up on what is no file of messages', async () => {
    const { code, err } = await runCommand('verify', file(CONFIG), '--messages', file('x\n'.repeat(500)));
    expect(code).toBe(1);
    expect(err).toContain('100 lines cannot be read, and no further line was looked at');
  });

  it('takes a byte order mark, CRLF, blank lines and a last line without an end', async () => {
    const text = `\ufeff${JSON.stringify(PLAIN)}\r\n\r\n${JSON.stringify(PLAIN)}`;
    const { code, out } = await runCommand('verify', file(CONFIG), '--messages', file(text));
    expect(code).toBe(0);
    expect(out).toContain('2 sample messages');
  });

  it('has an end where the file has none', () => {
    const bin = join(import.meta.dirname, '..', 'bin', 'pmta2kumo.js');
    const script = `"${process.execPath}" "${bin}" verify "${file(CONFIG)}" --messages /dev/zero 2>&1; echo "exit $?"`;
    const out = execFileSync('sh', ['-c', script], { encoding: 'utf8' });
    expect(out).toContain('the sample messages are more than 256 MiB');
    expect(out).toContain('exit 1');
  });
});
