import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { runProgram, wantsColor } from '../src/cli-program';
import type { Diagnostic, Diagnostics } from '../src/diagnostics/diagnostic';
import { createSource } from '../src/diagnostics/span';
import { type Host, HostError } from '../src/host';
import { BUILT_IN_MX } from '../src/kumo/mx-snapshot';
import type { ConvertOptions } from '../src/passes/pass';
import type { Conversion } from '../src/pipeline';
import { inputOf, type Row } from './support/report-input';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** What the pipeline is asked and what it answers, in the tests of the program around it. */
const pipeline = vi.hoisted(() => ({
  run: undefined as undefined | ((path: string, options: object, diagnostics: Diagnostics) => Conversion),
}));
vi.mock('../src/pipeline', () => ({
  convert: (_host: Host, path: string, options: object, diagnostics: Diagnostics) =>
    pipeline.run?.(path, options, diagnostics),
}));

const SPAN = { source: createSource('config', 'include no/such'), start: 8, end: 15 };
const ROWS: readonly Row[] = [
  ['host-name', [], 'exact'],
  ['run-as-root', [], 'manual', 'choose a user'],
];

function conversionOf(rows: readonly Row[]): Conversion {
  return {
    ...inputOf(rows),
    sources: [],
    files: [{ path: 'init.lua', content: 'x\n', mode: 0o644, origins: [{ line: 1, places: ['config:1'] }] }],
  };
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'));
  pipeline.run = () => conversionOf(ROWS);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(...args: readonly string[]): Promise<Run> {
  let out = '';
  let err = '';
  const code = await runProgram(
    args,
    {
      host: {
        stat: (path) => (existsSync(path) ? 'directory' : undefined),
        realPath: (path) => path,
        read: () => new Uint8Array(),
        list: () => [],
      },
      version: '1.2.3',
      stdout: (text) => {
        out += text;
      },
      stderr: (text) => {
        err += text;
      },
      width: 80,
      interrupts: () => new AbortController().signal,
    },
    { isTty: false, env: {} },
  );
  return { code, out, err };
}

function convertInto(dir: string, ...flags: readonly string[]): Promise<Run> {
  return run('convert', 'config', '-o', join(folder, dir), ...flags);
}

function saying(...severities: readonly Diagnostic['severity'][]): void {
  pipeline.run = (_path, _options, diagnostics) => {
    // The collector takes codes of the catalogue only; the severities here are those under test.
    const list = diagnostics.list as Diagnostic[];
    for (const severity of severities) {
      list.push({
        code: 'include-missing',
        severity,
        message: `a ${severity}`,
        help: 'mend it',
        span: SPAN,
        related: [],
      });
    }
    return conversionOf(ROWS);
  };
}

describe('usage', () => {
  it.each([
    [['conver'], "unknown command 'conver' (did you mean convert?)"],
    [['convert', 'c', '--forse', '-o', 'x'], "unknown option '--forse' (did you mean --force?)"],
    [['convert'], "missing required argument 'config'"],
    [['convert', 'c'], '-o, --output <dir>'],
    [['convert', 'c', 'd', '-o', 'x'], 'too many arguments'],
    [['convert', 'c', '-o'], 'argument missing'],
    [['convert', 'c', '-o', 'x', '--format', 'xml'], 'Allowed choices are text, json.'],
    [['audit', 'c', '--format', 'sarfi'], 'junit, github; did you mean sarif?'],
    [['completion', 'bsh'], 'bash, zsh, fish; did you mean bash?'],
    [['convert', 'c', '-o', 'x', '--target', 'new'], 'Releases are named like 2024.11.08'],
    [['convert', 'c', '-o', 'x', '--target', '2023.01.01'], 'The oldest release'],
    [['convert', 'c', '-o', 'x', '--install-dir', 'here'], 'absolute path'],
    [['convert', 'c', '-o', 'x', '--redis', 'http://h'], 'redis://HOST'],
    [['convert', 'c', '-o', 'x', '--redis', 'redis://u:geheim@h'], 'no place for a password'],
    [['convert', 'c', '-o', 'x', '--root', '/no/such/folder'], '/no/such/folder is not a folder'],
    [['x\u001b[2J'], 'x\\x1b[2J'],
  ])('%j is told in one line', async (args, text) => {
    const { code, out, err } = await run(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).not.toContain('geheim');
    expect(err).toContain(text);
    expect(err).toMatch(/^pmta2kumo: [^\n\u001b]*\n$/);
  });

  it('helps on standard output', async () => {
    const { code, out, err } = await run('--help');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('convert [options] <config>');
    expect(out).toMatch(/^Exit codes:\n {2}0 {4}done/m);
    expect(out).toMatch(/^Examples:\n {2}pmta2kumo audit \/etc\/pmta {2}/m);
    expect((await run('convert', '--help')).out).toContain('--keep-going');
  });

  it('hands the options on', async () => {
    let seen: object = {};
    let path = '';
    pipeline.run = (given, options) => {
      seen = options;
      path = given;
      return conversionOf(ROWS);
    };
    await convertInto('out');
    const defaults: ConvertOptions = {
      installDir: '/opt/kumomta/etc/policy',
      target: '2026.06.23',
      allowOpenRelay: false,
      dkim: 'helper',
      dsn: false,
      pmtaDefaults: 'write',
      baseShaping: 'none',
      redis: [],
      mx: BUILT_IN_MX,
      acctFormat: 'csv',
    };
    expect(seen).toEqual(defaults);
    expect(path).toBe(join(process.cwd(), 'config'));
    await convertInto(
      'out',
      ...['--install-dir', '/a//b/', '--target', '2024.11.08-d383b033', '--allow-open-relay'],
      ...['--pmta-defaults', 'skip', '--dkim', 'lua', '--acct-format', 'json', '--root', folder],
      ...['--base-shaping', 'stock', '--redis', 'redis://10.0.0.1,rediss://10.0.0.2:6380/1'],
    );
    expect(seen).toEqual({
      installDir: '/a/b',
      target: '2024.11.08',
      allowOpenRelay: true,
      dkim: 'lua',
      dsn: false,
      pmtaDefaults: 'skip',
      baseShaping: 'stock',
      redis: ['redis://10.0.0.1', 'rediss://10.0.0.2:6380/1'],
      mx: BUILT_IN_MX,
      acctFormat: 'json',
      root: folder,
    });
  });

  it('decides about colours', () => {
    const tty = { isTty: true, env: {} };
    expect(wantsColor('auto', tty)).toBe(true);
    expect(wantsColor('auto', { isTty: false, env: {} })).toBe(false);
    expect(wantsColor('auto', { isTty: true, env: { NO_COLOR: '1' } })).toBe(false);
    expect(wantsColor('auto', { isTty: true, env: { NO_COLOR: '' } })).toBe(true);
    expect(wantsColor('auto', { isTty: true, env: { TERM: 'dumb' } })).toBe(false);
    expect(wantsColor('always', { isTty: false, env: { NO_COLOR: '1' } })).toBe(true);
    expect(wantsColor('never', tty)).toBe(false);
  });
});

describe('convert', () => {
  it('writes tree, reports and manifest', async () => {
    const { code, out, err } = await convertInto('out');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(readdirSync(join(folder, 'out'))).toEqual([
      '.pmta2kumo',
      '.pmta2kumo.json',
      'MIGRATION.md',
      'init.lua',
      'migration.html',
      'migration.json',
    ]);
    expect(out).toContain('2 settings in 1 file\n');
    expect(out).toContain('  init.lua ');
    expect(out).toContain('config:2 run-as-root: choose a user');
  });

  it('writes nothing when there is an error, and says so', async () => {
    saying('error', 'warning');
    const { code, out, err } = await convertInto('out');
    expect(code).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
    expect(err).toContain('error[include-missing]: a error');
    expect(out).toContain('Nothing was written: 1 error, 1 warning.');
  });

  it('keeps going when asked to, and still fails', async () => {
    saying('error');
    const { code, out, err } = await convertInto('out', '--keep-going');
    expect(code).toBe(1);
    expect(existsSync(join(folder, 'out/init.lua'))).toBe(true);
    expect(out).toContain('Written to ');
    expect(err).toContain('written in spite of 1 error');
  });

  it('takes warnings for errors when strict', async () => {
    saying('warning', 'info');
    expect((await convertInto('one')).code).toBe(0);
    expect((await convertInto('two', '--strict')).code).toBe(1);
    expect(readdirSync(folder)).toEqual(['one']);
  });

  it('is quiet', async () => {
    saying('warning');
    expect(await convertInto('one', '--quiet')).toEqual({ code: 0, out: '', err: '' });
    saying('error', 'warning');
    const { code, out, err } = await convertInto('two', '--quiet');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('a error');
    expect(err).toContain('nothing was written: 1 error');
    expect(err).not.toContain('a warning');
  });

  it('prints one JSON document', async () => {
    saying('error');
    const { code, out, err } = await convertInto('out', '--format', 'json');
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(JSON.parse(out)).toMatchObject({
      schema: 'pmta2kumo.convert/1',
      status: 'failing-diagnostics',
      total: 2,
      diagnostics: [{ severity: 'error', file: 'config', line: 1, column: 9 }],
    });
  });

  it('writes nothing in a dry run', async () => {
    const { code, out } = await convertInto('out', '--dry-run');
    expect(code).toBe(0);
    expect(out).toContain('Nothing was written (dry run). It would be:');
    expect((await run('convert', 'config', '--dry-run')).code).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses a folder of somebody else, also in a dry run', async () => {
    mkdirSync(join(folder, 'out'));
    for (let i = 0; i < 25; i++) writeFileSync(join(folder, 'out', `own${i}.lua`), 'mine');
    for (const flags of [[], ['--dry-run']]) {
      const { code, out, err } = await convertInto('out', ...flags);
      expect(code).toBe(2);
      expect(out).toContain('Nothing was written');
      expect(err).toContain('it holds files, and no manifest of pmta2kumo; --force');
      expect(err).toContain('  own0.lua\n');
      expect(err).toContain('  … and 5 more\n');
      expect(err).toContain('--force');
    }
    expect((await convertInto('out', '--force')).code).toBe(0);
    expect(readFileSync(join(folder, 'out/own0.lua'), 'utf8')).toBe('mine');
  });

  it('tells what the environment refuses in one line', async () => {
    writeFileSync(join(folder, 'plain'), '');
    const { code, err } = await convertInto('plain/out');
    expect(code).toBe(2);
    expect(err).toBe(`pmta2kumo: cannot write ${join(folder, 'plain/out')}: a part of the path is not a folder\n`);
    pipeline.run = (path) => {
      throw new HostError(path, 'no such file');
    };
    expect(await convertInto('out')).toEqual({
      code: 2,
      out: '',
      err: `pmta2kumo: ${join(process.cwd(), 'config')}: no such file\n`,
    });
  });

  it('does not call an empty configuration a success', async () => {
    pipeline.run = () => conversionOf([]);
    const { code, err } = await convertInto('out');
    expect(code).toBe(2);
    expect(err).toBe('pmta2kumo: config holds no settings; nothing was written\n');
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the process', () => {
  let built = '';
  beforeAll(() => {
    built = mkdtempSync(join(tmpdir(), 'cli-built-'));
    const { status, stderr } = spawnSync(process.execPath, ['scripts/build.mjs', built], {
      cwd: root,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    writeFileSync(join(built, 'package.json'), '{"type":"module"}');
  });
  afterAll(() => rmSync(built, { recursive: true, force: true }));

  function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(built, 'cli.js'), ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', ...env },
    });
    return { code: status ?? -1, out: stdout, err: stderr };
  }

  function configured(): string {
    writeFileSync(join(folder, 'config'), 'host-name mail.example.com\nlog-file /var/log/pmta/log\n');
    return join(folder, 'config');
  }

  it('knows its version, quickly', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string };
    expect(start(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
    // Turn by turn and the fastest of many: other work on the machine must not decide.
    const time = (args: readonly string[]): number => {
      const before = performance.now();
      spawnSync(process.execPath, args);
      return performance.now() - before;
    };
    const rounds = Array.from({ length: 15 }, () => [time(['-e', '0']), time([join(built, 'cli.js'), '--version'])]);
    const fastest = (which: number): number => Math.min(...rounds.map((round) => round[which] ?? 0));
    expect(fastest(1)).toBeLessThan(1.5 * fastest(0));
  });

  it('says what to do when nothing is asked', () => {
    const { code, out, err } = start([]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^pmta2kumo: say what to do: .*convert CONFIG -o DIR.*\n$/);
  });

  it('converts', () => {
    const { code, out, err } = start(['convert', configured(), '-o', 'out']);
    expect(code, err).toBe(0);
    expect(out).toContain('Written to ');
    expect(readdirSync(join(folder, 'out'))).toContain('init.lua');
  });

  it('survives a reader that goes away', () => {
    configured();
    const command = `node ${join(built, 'cli.js')} convert config -o out | true; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', command], { cwd: folder, encoding: 'utf8' });
    expect(stderr).not.toContain('Error');
    expect(stdout).toBe('0\n');
    expect(existsSync(join(folder, 'out/init.lua'))).toBe(true);
  });

  it('tells when its output cannot be written', () => {
    const { stderr, status } = spawnSync('bash', ['-c', `node ${join(built, 'cli.js')} --help > /dev/full`], {
      encoding: 'utf8',
    });
    expect(status).toBe(2);
    expect(stderr).toBe('pmta2kumo: cannot write the output: ENOSPC\n');
  });

  it('tells a bug of ours in one line, and its stack only to who asks', () => {
    const broken = `data:text/javascript,JSON.stringify=()=>{throw new Error('boom%5Cn%5Cx1b[2J')}`;
    const crash = (env: Readonly<Record<string, string>>): Run => {
      const args = ['--import', broken, join(built, 'cli.js'), 'convert', configured(), '-o', 'out'];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env });
      return { code: status ?? -1, out: stdout, err: stderr };
    };
    const { code, out, err } = crash({});
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^pmta2kumo: internal error: boom [^\u001b\n]*please report[^\n]*\n$/);
    expect(crash({ PMTA2KUMO_DEBUG: '1' }).err).toContain('    at ');
    expect(readdirSync(folder)).toEqual(['config']);
  });

  it('leaves nothing half-written when interrupted', async () => {
    configured();
    for (const delay of [20, 60, 100, 140, 180]) {
      const child = spawn('bash', ['-c', `exec node ${join(built, 'cli.js')} convert config -o out`], {
        cwd: folder,
        stdio: 'ignore',
      });
      const code = shellCode(child);
      await new Promise((done) => setTimeout(done, delay));
      child.kill('SIGINT');
      expect([0, 130]).toContain(await code);
      const names = readdirSync(folder);
      expect(names.filter((name) => name.startsWith('.'))).toEqual([]);
      if (names.includes('out')) expect(readdirSync(join(folder, 'out'))).toContain('.pmta2kumo.json');
      rmSync(join(folder, 'out'), { recursive: true, force: true });
    }
  });

  /** The exit code as a shell would show it. */
  function shellCode(child: ChildProcess): Promise<number> {
    return new Promise((done) => child.on('close', (code, signal) => done(signal === 'SIGINT' ? 130 : (code ?? -1))));
  }
});
