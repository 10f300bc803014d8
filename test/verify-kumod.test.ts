import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'luaparse';
import { describe, expect, it } from 'vitest';
import { readAnswers, scriptFiles } from '../src/commands/kumod-script';
import { sameForm } from '../src/compare/kumod/values';
import { runCommand } from './support/command';

const folder = mkdtempSync(join(tmpdir(), 'verify-kumod-'));
const CONFIG = join(folder, 'config');
writeFileSync(
  CONFIG,
  `log-file /var/log/pmta/log
spool /var/spool/pmta
<virtual-mta one>
smtp-source-host 192.0.2.1 one.example
max-smtp-out 50
</virtual-mta>
<source 10/8>
always-allow-relaying yes
default-virtual-mta one
</source>
<smtp-user shop>
password planted-secret
</smtp-user>
<domain shop.example>
max-smtp-out 7
max-msg-rate 500/h
bounce-after 2d
smtp-hosts relay.example
</domain>
`,
);

let made = 0;
function program(text: string, shell = '#!/bin/sh'): string {
  const path = join(folder, `kumod-${++made}`);
  writeFileSync(path, `${shell}\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** What kumod says of a queue and of a path, in its own forms: durations in words, limits as tables, null for nothing. */
const QUEUE = {
  max_age: '4days 12h',
  retry_interval: '10m',
  max_retry_interval: '10m',
  protocol: { smtp: { mx_list: [], treat_mx_list_as_secure: false } },
  max_message_rate: null,
  reap_interval: '10m',
  refresh_interval: '1m',
  refresh_strategy: 'Epoch',
  strategy: 'SingletonTimerWheel',
  timerwheel_tick_interval: null,
  provider_name: 'pmta-any',
  shrink_policy: [],
};
const PATH = {
  connection_limit: { limit: 20, force_local: false },
  additional_connection_limits: [],
  max_message_rate: null,
  max_deliveries_per_connection: 1_000_000,
  enable_tls: 'OpportunisticInsecure',
  enable_mta_sts: false,
  opportunistic_tls_reconnect_on_failed_handshake: true,
  consecutive_connection_failures_before_delay: 10,
  connect_timeout: '2m',
  banner_timeout: '5m',
  ehlo_timeout: '5m',
  data_timeout: '3m',
  data_dot_timeout: '10m',
  idle_timeout: '1m',
  prohibited_hosts: ['0.0.0.0/32', '127.0.0.0/8', '::/128', '::1/128'],
  refresh_strategy: 'Epoch',
  provider_name: 'pmta-any',
};
const VMTA_CAP = { 'pmta-vmta:one': { limit: 50, force_local: false } };
const SHOP_QUEUE = { max_age: '2days', protocol: { smtp: { mx_list: ['relay.example'] } } };
const SHOP_PATH = { connection_limit: { limit: 7, force_local: false }, max_message_rate: '500/h,max_burst=9' };
const ANSWERS: Readonly<Record<string, object>> = {
  'one@shop.example': { ...QUEUE, ...SHOP_QUEUE, egress_pool: 'one' },
  'one@named-nowhere.example': { ...QUEUE, egress_pool: 'one' },
  '{default}@shop.example': { ...QUEUE, ...SHOP_QUEUE, egress_pool: '{default}' },
  '{default}@named-nowhere.example': { ...QUEUE, egress_pool: '{default}' },
  'shop.example one mx_list:relay.example': { ...PATH, ...SHOP_PATH, additional_connection_limits: VMTA_CAP },
  'named-nowhere.example one named-nowhere.example': { ...PATH, additional_connection_limits: VMTA_CAP },
  'shop.example {default} mx_list:relay.example': { ...PATH, ...SHOP_PATH },
  'named-nowhere.example {default} named-nowhere.example': PATH,
};

/** A program that answers as kumod would; `change` replaces answers. */
function standIn(change: Readonly<Record<string, object>> = {}, before = ''): string {
  const answers = JSON.stringify({ ...ANSWERS, ...change });
  return program(
    `const { readFileSync, readdirSync } = require('node:fs');
const { dirname } = require('node:path');
const args = process.argv.slice(2);
if (args[0] !== '--policy' || args[2] !== '--script') process.exit(9);
const home = dirname(args[1]);
const script = readFileSync(args[1], 'utf8');
const asked = JSON.parse(readFileSync(home + '/questions.json', 'utf8'));
const mark = /pmta2kumo-[0-9a-f]+ /.exec(script)[0];
const answers = ${answers};
const say = (answer) => console.log(mark + JSON.stringify(answer));
${before}
console.log('a policy may print, too');
asked.queues.forEach((name, at) => say({ kind: 'queue', index: at + 1, fields: answers[name] }));
asked.paths.forEach(({ domain, source, site }, at) =>
  say({ kind: 'path', index: at + 1, fields: answers[[domain, source, site || domain].join(' ')] }));
say({ kind: 'end' });`,
    `#!${process.execPath}`,
  );
}

describe('verify --kumod', () => {
  it('says that kumod agrees, whatever the forms of its values', async () => {
    const { code, out, err } = await runCommand('verify', CONFIG, `--kumod=${standIn()}`);
    expect(err).not.toContain('error');
    expect(out).toContain('Nothing is looser, and nothing differs.');
    expect(out).toContain('was asked about 4 queues and 4 paths. It says what the model says.');
    expect(code).toBe(0);
  });

  it('names the field, both values and the place where they disagree, and gives 1', async () => {
    const other = standIn({
      'one@shop.example': { ...ANSWERS['one@shop.example'], max_age: '1day' },
      'named-nowhere.example {default} named-nowhere.example': {
        ...PATH,
        connection_limit: { limit: 9, force_local: true },
      },
    });
    const { code, out } = await runCommand('verify', CONFIG, `--kumod=${other}`, '--format', 'json');
    expect(code).toBe(1);
    const { kumod } = JSON.parse(out) as { kumod: Record<string, unknown> };
    expect(kumod).toEqual({
      program: other,
      queues: { asked: 4, all: 4 },
      paths: { asked: 4, all: 4 },
      disagreements: [
        { kind: 'queue', where: 'one@shop.example', field: 'max_age', model: '172800s', kumod: '86400s', count: 1 },
        {
          kind: 'path',
          where: 'named-nowhere.example from {default}',
          field: 'connection_limit',
          model: '20',
          kumod: 'local:9',
          count: 1,
        },
      ],
    });
    const text = await runCommand('verify', CONFIG, `--kumod=${other}`, '--quiet');
    expect(text.code).toBe(1);
    expect(text.out).toContain('max_age of the queue one@shop.example\n    172800s in the model, 86400s in kumod');
  });

  it('goes with sample messages, too', async () => {
    const messages = join(folder, 'messages.jsonl');
    writeFileSync(messages, '{"peer": "10.0.0.1", "from": "a@b.example", "to": "x@shop.example"}\n');
    const { code, out } = await runCommand('verify', CONFIG, '--messages', messages, `--kumod=${standIn()}`);
    expect(code).toBe(0);
    expect(out).toMatch(/^1 sample message, /);
    expect(out).toContain('It says what the model says.');
  });

  it('hands over a private copy without secrets, and removes it', async () => {
    const seen = join(folder, 'seen');
    const look = `require('node:fs').writeFileSync(${JSON.stringify(seen)}, JSON.stringify({ home,
      mode: (require('node:fs').statSync(home).mode & 0o777).toString(8), files: readdirSync(home + '/policy'), script,
      init: readFileSync(home + '/policy/init.lua', 'utf8') }));`;
    expect((await runCommand('verify', CONFIG, `--kumod=${standIn({}, look)}`)).code).toBe(0);
    const found = JSON.parse(readFileSync(seen, 'utf8')) as Record<string, string>;
    expect(found['mode']).toBe('700');
    expect(found['files']).toContain('queues.toml');
    expect(found['files']).not.toContain('smtp_users.toml');
    expect(found['script']).toContain(`dofile('${found['home']}/policy/init.lua')`);
    expect(found['init']).toContain(`${found['home']}/policy/queues.toml`);
    expect(existsSync(found['home'] ?? '')).toBe(false);
  });

  const BROKEN: readonly (readonly [what: string, text: string, message: string])[] = [
    ['says nothing', 'exit 0', 'it did not answer to the end'],
    ['prints what nobody asked for', 'echo hello', 'it did not answer to the end'],
    ['fails', 'echo "Error: init.lua:3: bad thing" >&2; exit 1', 'it ended with code 1: Error: init.lua:3: bad thing'],
    ['crashes', 'kill -9 $$', 'it was ended by SIGKILL'],
    ['is old', `echo "error: unexpected argument '--script' found" >&2; exit 2`, 'KumoMTA does since 2024.09.01'],
    ['prints without end', 'yes "$(printf %01000d 1)"', 'it said more than 128 MiB'],
  ];
  it.each(BROKEN)('gives 3 for a program that %s', async (_, text, message) => {
    const { code, out, err } = await runCommand('verify', CONFIG, `--kumod=${program(text)}`);
    expect([code, out]).toEqual([3, '']);
    expect(err).toContain(message);
  });

  it('gives 3 for no such program, and 2 for none', async () => {
    const none = await runCommand('verify', CONFIG, `--kumod=${join(folder, 'none')}`);
    expect([none.code, none.err.split('\n').at(-2)]).toEqual([
      3,
      `pmta2kumo: --kumod: ${join(folder, 'none')}: there is no such program here`,
    ]);
    expect((await runCommand('verify', CONFIG, '--kumod=')).code).toBe(2);
  });

  it.each([
    ['broken JSON', '{', 'it printed an answer that is no JSON object'],
    ['another kind', '{"kind": "other"}', 'it printed an answer that nobody asked for'],
    ['a release that is too old', '{"kind": "too-old"}', 'it cannot be asked: KumoMTA can since 2025.01.23'],
  ])('gives 3 for %s', async (_, answer, message) => {
    const path = program(`echo "$(grep -o 'pmta2kumo-[0-9a-f]* ' "$2" | head -1)"'${answer}'`);
    const { code, err } = await runCommand('verify', CONFIG, `--kumod=${path}`);
    expect(code).toBe(3);
    expect(err).toContain(message);
  });
});

/** Interrupts a run once its program has started, and gives the exit code. */
function interrupted(args: (path: string) => readonly string[]): Promise<number | null> {
  const started = join(folder, `started-${++made}`);
  const path = program(`echo $$ > ${started}\nsleep 60`);
  const bin = join(import.meta.dirname, '..', 'bin', 'pmta2kumo.js');
  return new Promise((settle) => {
    const child = spawn(process.execPath, [bin, ...args(path)], {
      stdio: 'ignore',
      env: { ...process.env, TMPDIR: folder },
    });
    const timer = setInterval(() => {
      if (!existsSync(started)) return;
      clearInterval(timer);
      child.kill('SIGINT');
    }, 50);
    child.on('close', (code) => {
      clearInterval(timer);
      settle(code);
    });
  });
}

describe('an interrupt while kumod runs', () => {
  const copies = () => readdirSync(folder).filter((name) => name.startsWith('pmta2kumo-check-'));

  it('ends verify with 130, and leaves no copy', async () => {
    expect(await interrupted((path) => ['verify', CONFIG, `--kumod=${path}`])).toBe(130);
    expect(copies()).toEqual([]);
  }, 30_000);

  it('ends check with 130, and leaves no copy', async () => {
    const tree = join(folder, 'tree');
    await runCommand('convert', CONFIG, '-o', tree, '--quiet');
    expect(await interrupted((path) => ['check', tree, `--kumod=${path}`])).toBe(130);
    expect(copies()).toEqual([]);
  }, 30_000);
});

describe('the script for kumod', () => {
  const questions = {
    queues: ["a'b@x.example", ']]--'],
    paths: [{ domain: 'x.example', source: "'] = os.exit() --" }],
    all: { queues: 2, paths: 1 },
  };

  it('is Lua, and holds nothing of what is asked', () => {
    const { script, questions: asked } = scriptFiles("/tmp/it's/policy", '/tmp/q.json', 'mark ', questions);
    expect(() => parse(script, { luaVersion: '5.3' })).not.toThrow();
    expect(script).not.toContain('os.exit');
    expect(JSON.parse(asked)).toEqual({
      queues: questions.queues,
      domains: ['x.example'],
      paths: [{ domain: 'x.example', source: "'] = os.exit() --", site: '' }],
    });
  });

  it('reads answers of any order, the hosts of domains, and errors', () => {
    const output = [
      'mark {"kind":"path","index":1,"error":"no source\\nstack traceback"}',
      'mark {"kind":"mx","index":1,"hosts":["mx.x.example."],"recorded":true}',
      'something else',
      'mark {"kind":"queue","index":2,"fields":{"max_age":"1day"}}',
      'mark {"kind":"end"}',
    ].join('\n');
    expect(readAnswers(output, 'mark ', questions)).toEqual({
      queues: [{ error: 'no answer' }, { fields: { max_age: '1day' } }],
      paths: [{ error: 'no source' }],
      hosts: new Map([['x.example', ['mx.x.example.']]]),
    });
  });

  it.each([
    ['queue', 'max_age', '7 days', undefined],
    ['queue', 'max_age', '7days', 604_800],
    ['path', 'connection_limit', 32, { limit: 32, force_local: false }],
    ['path', 'connection_limit', 'local:1_000', { limit: 1000, force_local: true }],
    ['path', 'max_message_rate', '1,000/hr', '1000/h'],
    ['path', 'max_message_rate', '100/15min,max_burst=2', '100/900s,max_burst=2'],
    ['path', 'additional_connection_limits', { a: 1, b: 2 }, { b: { limit: 2, force_local: false }, a: 1 }],
    ['path', 'additional_connection_limits', undefined, []],
    ['queue', 'protocol', undefined, { smtp: { mx_list: [], treat_mx_list_as_secure: false } }],
    ['queue', 'protocol', { custom_lua: { constructor: 'a' } }, { custom_lua: { constructor: 'a', batch_size: 1 } }],
    ['path', 'skip_hosts', ['10.0.0.1'], ['10.0.0.1/32']],
  ] as const)('%s.%s: %j is the same as %j', (kind, name, model, kumod) => {
    expect(sameForm(kind, name, model)).toBe(sameForm(kind, name, kumod));
  });

  it.each([
    ['queue', 'max_age', '7 days', '6 days'],
    ['path', 'max_message_rate', '100/h', '100/h,max_burst=2'],
    ['path', 'max_message_rate', '100/h', null],
    ['queue', 'protocol', { smtp: { mx_list: ['a'] } }, { smtp: { mx_list: ['b'] } }],
    ['path', 'enable_tls', 'Required', undefined],
  ] as const)('%s.%s: %j is not the same as %j', (kind, name, model, kumod) => {
    expect(sameForm(kind, name, model)).not.toBe(sameForm(kind, name, kumod));
  });
});
