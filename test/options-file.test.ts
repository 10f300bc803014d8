import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runProgram } from '../src/cli-program';
import type { AuditRequest } from '../src/commands/audit-request';
import type { CheckRequest } from '../src/commands/check-request';
import type { CommandIo } from '../src/commands/command';
import type { ConvertRequest } from '../src/commands/convert';
import { diskHost } from '../src/host-disk';

type Request = Partial<ConvertRequest & CheckRequest & AuditRequest>;

/** What a command was asked to do. */
const seen = vi.hoisted(() => ({ request: undefined as undefined | Request }));
function note(request: Request): number {
  seen.request = request;
  return 0;
}
vi.mock('../src/commands/convert', () => ({ convertCommand: note }));
vi.mock('../src/commands/check', () => ({ checkCommand: note }));
vi.mock('../src/commands/audit', () => ({ auditCommand: note }));

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'options-'));
  vi.spyOn(process, 'cwd').mockReturnValue(folder);
  seen.request = undefined;
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  readonly code: number;
  readonly err: string;
  readonly request: Request | undefined;
}

async function run(...args: readonly string[]): Promise<Run> {
  let err = '';
  const io: Omit<CommandIo, 'color' | 'outColor'> = {
    host: diskHost(),
    version: '1.2.3',
    stdout: () => {},
    stderr: (text) => {
      err += text;
    },
    width: 100,
    interrupts: () => new AbortController().signal,
  };
  const code = await runProgram(args, io, { isTty: false, env: {} });
  return { code, err, request: seen.request };
}

function found(...lines: readonly string[]): void {
  writeFileSync(join(folder, 'pmta2kumo.toml'), `${lines.join('\n')}\n`);
}

describe('the options file', () => {
  it('sets options of all commands and of one, and says so', async () => {
    found(
      'target = "2025.10.06"',
      'strict = true',
      'dkim = "lua"',
      '[convert]',
      'output = "policy"',
      'dkim = "helper"',
    );
    const { code, err, request } = await run('convert', 'config');
    expect(request).toMatchObject({
      config: 'config',
      out: 'policy',
      target: '2025.10.06',
      strict: true,
      dkim: 'helper',
    });
    expect({ code, err }).toEqual({
      code: 0,
      err: 'pmta2kumo: options from pmta2kumo.toml: --output, --target, --dkim, --strict\n',
    });
    expect((await run('audit', 'config')).request).toMatchObject({ dkim: 'lua', strict: true });
  });

  it('gives way to the command line', async () => {
    found('target = "2025.10.06"', 'dkim = "lua"', 'output = "there"', 'redis = "redis://a"');
    const { request, err } = await run('convert', 'c', '-o', 'here', '--dkim', 'helper', '--redis', 'redis://b');
    expect(request).toMatchObject({ out: 'here', dkim: 'helper', target: '2025.10.06', redis: ['redis://b'] });
    expect(err).toContain(': --target\n');
  });

  it('is silent with --quiet, also its own, and where it sets nothing', async () => {
    found('quiet = true', 'strict = false');
    expect(await run('audit', 'c')).toMatchObject({ err: '', request: { quiet: true, strict: false } });
    found('[check]', 'strict = true');
    expect(await run('audit', 'c')).toMatchObject({ err: '', request: { strict: false } });
  });

  it('is left out with --no-config-file, and for help', async () => {
    found('nonsense');
    expect((await run('audit', 'c', '--no-config-file')).request).toMatchObject({ strict: false });
    expect(await run('audit', '--help')).toMatchObject({ code: 0, err: '' });
  });

  it('may be named, and its paths start where it lies', async () => {
    mkdirSync(join(folder, 'ci'));
    writeFileSync(join(folder, 'ci/options.toml'), '[check]\nsource = "../pmta"\nkumod = true\nroot = "/srv/pmta"\n');
    const { request } = await run('check', '--config-file', 'ci/options.toml', 'policy');
    expect(request).toMatchObject({ dir: 'policy', source: 'pmta', kumod: true, root: '/srv/pmta' });
    const missing = await run('check', 'policy', '--config-file', 'no.toml');
    expect(missing).toMatchObject({ code: 2, err: expect.stringMatching(/^[^\n]*there is no file no\.toml[^\n]*\n$/) });
  });

  it('keeps the format of a command that does not have that one', async () => {
    found('format = "sarif"');
    expect((await run('check', 'policy')).request).toMatchObject({ format: 'sarif' });
    expect((await run('convert', 'c', '-o', 'x')).request).toMatchObject({ format: 'text' });
  });
});

describe('what is wrong in an options file is told at its place, and nothing runs', () => {
  it.each([
    [['strikt = true'], 'options-file-key', 1, 1, 'no option of any command; did you mean strict?'],
    [['', '[chek]', 'strict = true'], 'options-file-key', 2, 2, 'no command; did you mean check?'],
    [['[audit]', 'output = "x"'], 'options-file-key', 2, 1, "says 'output', which is no option of audit"],
    [['strict = "yes"'], 'options-file-value', 1, 1, 'true or false'],
    [['root = ["a"]'], 'options-file-value', 1, 1, 'a text, in quotes'],
    [['target = "2023.01.01"'], 'options-file-value', 1, 1, 'The oldest release'],
    [['[check]', 'format = "sarfi"'], 'options-file-value', 2, 1, 'did you mean sarif?'],
    [['root = ""'], 'options-file-value', 1, 1, 'It has to be a path'],
    [['install-dir = "x"'], 'options-file-value', 1, 1, 'absolute path'],
    [['strict ='], 'options-file-syntax', 1, undefined, 'is not TOML'],
    [['[convert]', 'force = true'], 'options-file-reach', 2, 1, "may not set 'force'"],
    [['[check]', 'kumod = true'], 'options-file-reach', 2, 1, "may not set 'kumod'"],
    [['[check]', 'kumod = "./evil"'], 'options-file-reach', 2, 1, "may not set 'kumod'"],
    [['allow-outside = "sub"'], 'options-file-reach', 1, 1, "may not set 'allow-outside'"],
    [['root = "away"'], 'options-file-reach', 1, 1, 'out of the folder'],
    [['output = "away/new/x"'], 'options-file-reach', 1, 1, 'out of the folder'],
    [['output = "../x"'], 'options-file-reach', 1, 1, 'out of the folder'],
    [['output = "a/../../x"'], 'options-file-reach', 1, 1, 'out of the folder'],
    [['mx-snapshot = "/etc/x"'], 'options-file-reach', 1, 1, 'out of the folder'],
  ] as const)('%j', async (lines, code, line, column, text) => {
    found(...lines);
    symlinkSync('/etc', join(folder, 'away'));
    const { code: exit, err, request } = await run('audit', 'config');
    expect({ exit, request }).toEqual({ exit: 2, request: undefined });
    expect(err).toContain(`error[${code}]`);
    expect(err).toContain(` --> pmta2kumo.toml:${line}:${column ?? ''}`);
    expect(err).toContain(text);
  });

  it('takes no password, and shows none', async () => {
    found('redis = "redis://me:geheim@host/"');
    const refused = await run('audit', 'config');
    expect(refused).toMatchObject({ code: 2, request: undefined });
    expect(refused.err).toContain('no place for a password');
    found('redis = "http://me:geheim@host/"');
    const wrong = await run('audit', 'config');
    expect(wrong.err).toContain('error[options-file-value]');
    expect(refused.err + wrong.err).not.toContain('geheim');
  });

  it('is not UTF-8, or too large', async () => {
    writeFileSync(join(folder, 'pmta2kumo.toml'), Buffer.from([0x23, 0xff, 0x0a]));
    expect((await run('audit', 'c')).err).toContain('cannot be read: it is not UTF-8');
    found('#'.repeat(70_000));
    expect((await run('audit', 'c')).err).toContain('more than 65536 bytes');
  });
});
