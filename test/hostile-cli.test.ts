import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const GOOD = 'host-name mail.example.com\nlog-file /var/log/pmta/log\n';
/** For root no mode is an obstacle: then the tool runs as this user, `nobody` almost everywhere. */
const NOBODY = process.getuid?.() === 0 ? 65_534 : undefined;
/** Milliseconds; a run that takes longer hangs. */
const PATIENCE = 30_000;

const built = mkdtempSync(join(tmpdir(), 'hostile-build-'));
const cli = join(built, 'cli.js');
beforeAll(() => {
  chmodSync(built, 0o755);
  const { status, stderr } = spawnSync(process.execPath, ['scripts/build.mjs', built], { cwd: ROOT, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
});
afterAll(() => rmSync(built, { recursive: true, force: true }));

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  chmodSync(folder, 0o755);
  if (NOBODY !== undefined) chownSync(folder, NOBODY, NOBODY);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a shell command in the folder, as nobody; `$CLI` is the tool. Fails when it takes too long. */
function shell(command: string): Run {
  const { status, stdout, stderr, error } = spawnSync('bash', ['-c', command], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', CLI: `${process.execPath} ${cli}` },
    timeout: PATIENCE,
    maxBuffer: 2 ** 28,
    ...(NOBODY === undefined ? {} : { uid: NOBODY, gid: NOBODY }),
  });
  expect(error).toBe(undefined);
  return { code: status ?? -1, out: stdout, err: stderr };
}

function put(name: string, content: string | Uint8Array = GOOD): void {
  writeFileSync(join(folder, name), content);
}

/** No stack, no internal error, nothing left beside the target. */
function expectClean({ out, err }: Run): void {
  expect(`${out}${err}`).not.toMatch(/^\s+at |internal error|Error:/m);
  expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
}

describe('an input', () => {
  it.each<[what: string, content: string | Uint8Array, code: number, says: RegExp]>([
    ['that is empty', '', 2, /^pmta2kumo: config holds no settings; nothing was written\n$/],
    ['of comments', '# nothing\n', 2, /holds no settings/],
    ['of bytes', Uint8Array.from({ length: 4000 }, (_, i) => (i * 7919) % 256), 2, /^error\[not-text\]/],
    ['in UTF-16', Buffer.from(`\ufeff${GOOD}`, 'utf16le'), 2, /^error\[not-text\]/],
    ['with a byte order mark and CRLF', `\ufeff${GOOD.replaceAll('\n', '\r\n')}`, 0, /^$/],
    ['with lone CR', GOOD.replaceAll('\n', '\r'), 0, /^$/],
    ['with a line of 10 MB', `${GOOD}${'x"'.repeat(5_000_000)}\n`, 0, /^warning\[directive-unknown\]/],
    ['with 100,000 tags on a line', `${GOOD}${'<x>'.repeat(100_000)}\n`, 1, /^(error|warning)\[/],
    ['with 100,000 tags that close nothing', `${GOOD}${'</x>\n'.repeat(100_000)}`, 1, /^error\[tag-stray\]/],
  ])('%s', (_, content, code, says) => {
    put('config', content);
    const run = shell('$CLI convert config -o out');
    expect(run.err.slice(0, 500)).toMatch(says);
    expect(run.err.length).toBeLessThan(20_000);
    expect({ code: run.code, written: existsSync(join(folder, 'out')) }).toEqual({ code, written: code === 0 });
    expectClean(run);
  });
});

describe('an include', () => {
  it.each([
    ['/dev/zero', 'include-outside'],
    ['/dev/stdin', 'include-outside'],
    ['/proc/self/environ', 'include-outside'],
    ['/etc/passwd', 'include-outside'],
    ['../../etc/passwd', 'include-outside'],
    ['/etc/*', 'include-outside'],
    ['link', 'include-outside'],
    ['pipe', 'include-not-a-file'],
    ['.', 'include-not-a-file'],
    ['config', 'include-cycle'],
    ['circle', 'include-missing'],
    ['closed', 'include-unreadable'],
  ])('of %s is told and never waited for', (name, code) => {
    put('config', `${GOOD}include ${name}\n`);
    put('closed');
    chmodSync(join(folder, 'closed'), 0);
    spawnSync('mkfifo', [join(folder, 'pipe')]);
    symlinkSync('circle', join(folder, 'circle'));
    symlinkSync('/etc/passwd', join(folder, 'link'));
    const run = shell('$CLI convert config -o out');
    expect(run.code).toBe(1);
    expect(run.err).toContain(`error[${code}]`);
    expect(existsSync(join(folder, 'out'))).toBe(false);
    expect(run.err + run.out).not.toMatch(/root:|PATH=/);
    expectClean(run);
  });

  // Never ends; not every system has it.
  it.runIf(existsSync('/proc/self/pagemap'))('without an end is cut, also where it is allowed', () => {
    put('config', `${GOOD}include /proc/self/pagemap\n`);
    const run = shell('$CLI convert config -o out --allow-outside /proc/self');
    expect(run.err).toContain('error[include-limit]');
    expect(run.code).toBe(1);
  });

  it.each(['/dev/zero', '/dev/stdin'])('of %s is told and never waited for, also where it is allowed', (name) => {
    put('config', `${GOOD}include ${name}\n`);
    const run = shell('$CLI convert config -o out --allow-outside /dev --allow-outside /proc --allow-outside /');
    expect(run.err).toMatch(/error\[include-(?:not-a-file|missing)\]/);
    expect(run.code).toBe(1);
  });

  it('outside the folder is read when that is allowed', () => {
    mkdirSync(join(folder, 'a'));
    mkdirSync(join(folder, 'b'));
    put('a/config', `${GOOD}include ../b/x\n`);
    put('b/x', 'relay-domain outside.example\n');
    const refused = shell('$CLI convert a -o out');
    const option = /--allow-outside \S+(?=, or copy)/.exec(refused.err)?.[0];
    expect({ code: refused.code, option }).toEqual({ code: 1, option: `--allow-outside ${join(folder, 'b')}` });
    expect(shell(`$CLI convert a -o out ${option}`).code).toBe(0);
    expect(readFileSync(join(folder, 'out/listener_domains.toml'), 'utf8')).toContain('outside.example');
    const audits = ['audit a', 'check out --source a', 'verify a'].map((line) => shell(`$CLI ${line} ${option}`));
    expect(audits.map(({ err }) => err.includes('include-outside'))).toEqual([false, false, false]);
    expect(shell('$CLI convert a -o out --allow-outside nowhere')).toMatchObject({
      code: 2,
      err: `pmta2kumo: --allow-outside: ${join(folder, 'nowhere')} is not a folder\n`,
    });
  });
});

describe('an environment that says no', () => {
  it.each<[command: string, says: RegExp]>([
    ['$CLI convert nowhere -o out', /nowhere: no such file or directory/],
    ['$CLI convert "$UNSET" -o out', /invalid for argument 'config'/],
    ['$CLI convert config -o "$UNSET"', /'-o, --output <dir>' argument '' is invalid/],
    ['$CLI convert /dev/zero -o out', /it is not a regular file/],
    ['chmod 0 config; $CLI convert config -o out', /config: permission denied/],
    ['mkdir d; cp config d; chmod 0 d; $CLI convert d -o out', /d\/config: permission denied/],
    ['mkdir d; chmod 555 d; $CLI convert config -o d/out', /cannot write .*d\/out: permission denied/],
    ['$CLI convert config -o config', /config is not replaced: it exists and is not a folder/],
    ['$CLI convert config -o config/out', /cannot write .*: a part of the path is not a folder/],
    ['ln -s nowhere l; $CLI convert config -o l', /cannot write .*: no such file or folder/],
    ['ln -s m l; ln -s l m; $CLI convert config -o l', /cannot write .*: too many links/],
    ['$CLI convert config -o ..', /is, or holds, the current folder/],
    ['$CLI convert config -o /', /is, or holds, the current folder/],
    [`$CLI convert config -o ${'a'.repeat(300)}`, /the name is too long/],
    ['$CLI convert config -o /proc/out', /cannot write /],
    ['$CLI convert config -o out > /dev/full', /^pmta2kumo: cannot write the output: ENOSPC\n$/],
  ])('%s', (command, says) => {
    put('config');
    if (NOBODY !== undefined) chownSync(join(folder, 'config'), NOBODY, NOBODY);
    const run = shell(command);
    expect(run.code).toBe(2);
    expect(run.err).toMatch(says);
    expect(run.err).toMatch(/^pmta2kumo: [^\n]*\n$/);
    expectClean(run);
  });
});

describe('a full disk', () => {
  const disk = mkdtempSync(join(tmpdir(), 'hostile-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=160k,mode=777', 'tmpfs', disk]).status === 0;
  afterAll(() => {
    if (mounted) spawnSync('umount', [disk]);
    rmSync(disk, { recursive: true, force: true });
  });

  it.runIf(mounted)('leaves the old tree as it was', () => {
    put('config');
    expect(shell(`$CLI convert config -o ${disk}/out`).code).toBe(0);
    const before = readFileSync(join(disk, 'out/.pmta2kumo.json'), 'utf8');
    const domains = Array.from({ length: 400 }, (_, i) => `relay-domain d${i}.example`).join('\n');
    put('config', `${GOOD}smtp-listener 0.0.0.0:25\n${domains}\n`);
    const run = shell(`$CLI convert config -o ${disk}/out`);
    expect(run).toMatchObject({ code: 2, err: `pmta2kumo: cannot write ${disk}/out: no space left on the device\n` });
    expect(readFileSync(join(disk, 'out/.pmta2kumo.json'), 'utf8')).toBe(before);
    expect(readdirSync(disk)).toEqual(['out']);
  });
});

describe('a policy tree', () => {
  it.each([
    ['a pattern that tries everything', "('a'):rep(40):find(('a?'):rep(40) .. ('a'):rep(40) .. 'b')"],
    ['a table that is moved for ever', 'local x = 1 pcall(table.move, {}, 1, 1 << 50, 2)'],
    ['a handler that does so', "require('kumo').on('init', function() table.move({}, 1, 1 << 50, 2) end)"],
  ])('with %s is ended, and what was found before is told', (_, code) => {
    mkdirSync(join(folder, 'tree'));
    put('tree/init.lua', `${code}\n`);
    put('tree/broken.toml', 'a = \n');
    const run = shell('$CLI check tree --format json');
    expect(run.code).toBe(1);
    const { diagnostics } = JSON.parse(run.out) as { readonly diagnostics: readonly { readonly code: string }[] };
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual(['tree-limit', 'tree-file-syntax']);
    expectClean(run);
  });
});

describe('kumod', () => {
  it('leaves no copy of the tree behind when it is interrupted', async () => {
    mkdirSync(join(folder, 'tree'));
    mkdirSync(join(folder, 'tmp'));
    put('tree/init.lua', 'local x = 1\n');
    put('kumod', '#!/bin/sh\ntouch started\nexec sleep 20\n'.replace('started', join(folder, 'started')));
    chmodSync(join(folder, 'kumod'), 0o755);
    const env = { PATH: process.env['PATH'], TMPDIR: join(folder, 'tmp') };
    const child = spawn(process.execPath, [cli, 'check', 'tree', '--kumod=./kumod'], { cwd: folder, env });
    const ended = new Promise((done) => child.on('close', done));
    while (!existsSync(join(folder, 'started'))) await new Promise((done) => setTimeout(done, 50));
    expect(readdirSync(join(folder, 'tmp'))).toHaveLength(1);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  });
});

describe('streams', () => {
  it.each([
    ['$CLI convert config -o out 2>&1 >/dev/null | head -0; exit $PIPESTATUS', 0],
    ['$CLI convert config -o out | head -0; exit $PIPESTATUS', 0],
    ['$CLI convert config -o out --format json | head -c 9; exit $PIPESTATUS', 0],
    ['$CLI convert config -o out --strict --keep-going | head -0; exit $PIPESTATUS', 1],
    ['$CLI convert config -o out 2> /dev/full', 2],
    ['$CLI convert config -o out <&-', 0],
    ['$CLI convert config -o out >&- 2>&-', 0],
  ])('%s: the tree is whole, and the exit code is that of the run', (command, code) => {
    put('config', `${GOOD}${Array.from({ length: 300 }, (_, i) => `unknown${i} x`).join('\n')}\n`);
    const run = shell(command);
    expect(run.code).toBe(code);
    expect(readdirSync(join(folder, 'out'))).toContain('.pmta2kumo.json');
    expectClean(run);
  });

  it('shows nothing of the input that a terminal obeys', () => {
    put('config', `${GOOD}\u001b]0;x\u0007 1\nx\u009b2J y\n::error::x y\n`);
    const run = shell('$CLI convert config --dry-run --color never; $CLI convert config --dry-run --format json 2>&1');
    expect(`${run.out}${run.err}`).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f]|^::/m);
  });
});

describe('a run that is killed', () => {
  it('leaves a whole tree, old or new, and the next one goes through', async () => {
    for (const [round, delay] of [150, 190, 230, 270].entries()) {
      put('config', `host-name m${round}.example.com\nlog-file /var/log/pmta/log\n`);
      const child = spawn(process.execPath, [cli, 'convert', 'config', '-o', 'out'], { cwd: folder, stdio: 'ignore' });
      const ended = new Promise((done) => child.on('close', done));
      await new Promise((done) => setTimeout(done, delay));
      child.kill('SIGKILL');
      await ended;
      const trees = ['out', 'out.bak'].map((name) => join(folder, name)).filter((path) => existsSync(path));
      for (const path of trees) expect(readdirSync(path)).toContain('.pmta2kumo.json');
      const { status } = spawnSync(process.execPath, [cli, 'convert', 'config', '-o', 'out'], { cwd: folder });
      expect(status).toBe(0);
      expect(readFileSync(join(folder, 'out/init.lua'), 'utf8')).toContain(`m${round}.example.com`);
      expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
    }
  });
});
