import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const STOCK = join(ROOT, 'fixtures/stock/input');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };

const folder = mkdtempSync(join(tmpdir(), 'package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program to its end, in the temporary folder, and gives its standard output. Fails when it does. */
function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env, cwd = folder): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, env, encoding: 'utf8', timeout: 110_000 });
  expect({ error, status }, `${program} ${args.join(' ')}\n${stdout}${stderr}`).toEqual({
    error: undefined,
    status: 0,
  });
  return stdout;
}

/** What has to work wherever the tool is installed: reading, writing, Lua, and the thread that checks. */
function worksAs(program: string, env: NodeJS.ProcessEnv): void {
  const tree = join(mkdtempSync(join(folder, 'tree-')), 'policy');
  expect(run(program, ['--version'], env)).toBe(`${version}\n`);
  expect(run(program, ['--help'], env)).toContain('convert [options] <config>');
  expect(run(program, ['convert', STOCK, '-o', tree], env)).toContain('MIGRATION.md');
  expect(run(program, ['check', tree, '--source', STOCK], env)).toContain('nothing found');
  expect(run(program, ['audit', STOCK], env)).toContain('32 settings in, 32 outcomes out');
  expect(run(program, ['verify', STOCK], env)).toContain('Nothing is looser, and nothing differs.');
  expect(run(program, ['explain', 'max-smtp-out'], env)).toContain('max-smtp-out');
  expect(run(program, ['completion', 'bash'], env)).toContain('complete -F _pmta2kumo pmta2kumo');
}

describe('the npm package', () => {
  const clone = join(folder, 'clone');
  const installed = join(folder, 'installed');
  beforeAll(() => {
    // A copy, because packing builds, and other tests use what is built here.
    const left = new Set(['node_modules', '.git', 'dist', 'dist-executable', 'fixtures', 'test', 'bench']);
    cpSync(ROOT, clone, { recursive: true, filter: (path) => !left.has(basename(path)) });
    run(process.execPath, ['scripts/build.mjs', join(clone, 'dist')], process.env, ROOT);
    run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], process.env, clone);
    mkdirSync(installed);
    const flags = ['--ignore-scripts', '--offline', '--no-audit', '--no-fund', '--silent'];
    run('npm', ['install', ...flags, '--prefix', installed, join(folder, `pmta2kumo-${version}.tgz`)]);
  }, 120_000);

  it('installs without a network, and brings nothing of others along', () => {
    const modules = readdirSync(join(installed, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(modules).toEqual(['pmta2kumo']);
  });

  it('holds what runs, what is to be read, and nothing else', () => {
    const found = readdirSync(join(installed, 'node_modules/pmta2kumo'), { recursive: true, encoding: 'utf8' });
    const names = found.filter((name) => !/^dist\/[\w-]+\.js$/.test(name)).sort();
    expect(names).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SUPPORT.md',
      'bin',
      'bin/pmta2kumo.js',
      'dist',
      'dist/THIRD-PARTY-NOTICES.txt',
      'man',
      'man/pmta2kumo.1',
      'package.json',
    ]);
  });

  it('works from there', () => {
    worksAs(join(installed, 'node_modules/.bin/pmta2kumo'), process.env);
  }, 120_000);

  it('names the licence of everything that is bundled', () => {
    const notices = readFileSync(join(installed, 'node_modules/pmta2kumo/dist/THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const name of ['chevrotain', 'commander', 'handlebars', 'smol-toml', 'wasmoon']) {
      expect(notices).toMatch(new RegExp(`^${name} [\\d.]+: (?:MIT|BSD-3-Clause|Apache-2\\.0)$`, 'm'));
    }
    expect(notices).toContain('PUC-Rio');
  });
});

describe.skipIf(process.platform !== 'linux')('the executable', () => {
  const out = join(folder, 'executable');
  const program = join(out, 'pmta2kumo');
  beforeAll(() => {
    run(process.execPath, ['scripts/executable.mjs', out], process.env, ROOT);
  }, 120_000);

  it('works where there is no Node', () => {
    expect(statSync(program).mode & 0o111).toBe(0o111);
    worksAs(program, { PATH: '/nonexistent' });
  }, 120_000);

  it('says one line of wrong usage, and 2', () => {
    const { status, stderr } = spawnSync(program, ['conver'], { env: {}, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringMatching(/^pmta2kumo: [^\n]*convert[^\n]*\n$/),
    });
  });

  it('has its licences beside it', () => {
    expect(existsSync(join(out, 'LICENSE'))).toBe(true);
    expect(readFileSync(join(out, 'THIRD-PARTY-NOTICES.txt'), 'utf8')).toContain('Node.js ');
  });
});
