import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type * as FsPromises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MANIFEST_PATH, manifestOf } from '../src/commands/manifest';
import { BACKUP_MARKER } from '../src/commands/tree-state';
import { previewTree, type WriteOptions, type WriteResult, writeTree } from '../src/commands/write-tree';
import type { EmittedFile } from '../src/emit/file';
import type { Change } from '../src/merge/decide';

/** Files whose name holds `no-space` cannot be opened: the disk is full. */
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof FsPromises>();
  const open: typeof real.open = (path, ...rest) =>
    String(path).includes('no-space')
      ? Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC', syscall: 'open' }))
      : real.open(path, ...rest);
  return { ...real, open };
});

let root = '';
let dir = '';

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'write-tree-')));
  dir = join(root, 'policy');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function file(path: string, content: string, mode: 0o600 | 0o644 = 0o644): EmittedFile {
  return { path, content, mode, origins: [] };
}

const FILES = [
  file('init.lua', 'one\n'),
  file('bounce_rules/00.toml', 'two\n'),
  file('smtp_users.toml', 's3cret\n', 0o600),
];

function optionsFor(force = false): WriteOptions {
  return { force, version: '1.2.3', conflicts: () => 'fail' };
}

function write(files: readonly EmittedFile[] = FILES, force = false, signal?: AbortSignal): Promise<WriteResult> {
  return writeTree(dir, files, { ...optionsFor(force), signal });
}

/** What happened to each path, as far as it is not unchanged. */
function changesOf(result: object): Readonly<Record<string, Change>> {
  if (!('plan' in result)) return {};
  const { changes } = (result as Extract<WriteResult, { readonly plan: unknown }>).plan;
  return Object.fromEntries(
    changes.filter(({ change }) => change !== 'unchanged').map(({ path, change }) => [path, change]),
  );
}

function modeOf(path: string): number {
  return lstatSync(join(dir, path)).mode & 0o777;
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Everything beside the tree: nothing staged may be left. */
function siblings(): readonly string[] {
  return readdirSync(root).sort();
}

describe('a new tree', () => {
  it('is written with its parents, its modes and its manifest', async () => {
    dir = join(root, 'a/b/policy');
    const old = process.umask(0o077);
    const result = await write().finally(() => process.umask(old));
    expect(result).toMatchObject({ kind: 'written', directory: dir, unchanged: false, notices: [] });
    expect(changesOf(result)).toEqual({
      'bounce_rules/00.toml': 'created',
      'init.lua': 'created',
      'smtp_users.toml': 'created',
    });
    expect(read('a/b/policy/init.lua')).toBe('one\n');
    expect(read('a/b/policy/bounce_rules/00.toml')).toBe('two\n');
    expect(['', 'bounce_rules', 'init.lua', 'smtp_users.toml', MANIFEST_PATH].map(modeOf)).toEqual([
      0o755, 0o755, 0o644, 0o600, 0o644,
    ]);
    expect(readdirSync(join(root, 'a/b'))).toEqual(['policy']);
  });

  it('replaces an empty folder without a backup', async () => {
    mkdirSync(dir);
    expect(await write()).toMatchObject({ kind: 'written', unchanged: false });
    expect(siblings()).toEqual(['policy']);
  });

  it('refuses to be the current folder or the root of everything', async () => {
    for (const path of ['.', '/', process.cwd()]) {
      dir = path;
      expect(await write()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('the current folder') });
    }
  });

  it('takes no path that leaves the tree', async () => {
    for (const path of ['../x', '/x', 'a/../../x', 'a//b', './x', 'a\\b', 'x\0']) {
      await expect(write([file(path, '')])).rejects.toThrow('unsafe');
    }
    await expect(write([file('a', ''), file('a', '')])).rejects.toThrow('repeated');
    expect(siblings()).toEqual([]);
  });
});

describe('an existing tree', () => {
  it('of an earlier run is replaced, and kept as the backup', async () => {
    await write();
    const result = await write([file('init.lua', 'new\n'), ...FILES.slice(1)]);
    expect(result).toMatchObject({ kind: 'written', unchanged: false, backup: join(root, 'policy.bak') });
    expect(read('policy/init.lua')).toBe('new\n');
    expect(read('policy.bak/init.lua')).toBe('one\n');
    expect(existsSync(join(dir, BACKUP_MARKER))).toBe(false);
    expect(siblings()).toEqual(['policy', 'policy.bak']);
  });

  it('keeps one backup, the newest', async () => {
    await write([file('init.lua', '1')]);
    await write([file('init.lua', '2')]);
    await write([file('init.lua', '3')]);
    expect([read('policy/init.lua'), read('policy.bak/init.lua')]).toEqual(['3', '2']);
    expect(siblings()).toEqual(['policy', 'policy.bak']);
  });

  it('that is already right stays untouched', async () => {
    await write();
    const before = lstatSync(dir).ino;
    expect(await write()).toMatchObject({ kind: 'written', unchanged: true });
    expect(lstatSync(dir).ino).toBe(before);
    expect(siblings()).toEqual(['policy']);
  });

  it('with a wrong mode is not right', async () => {
    await write();
    chmodSync(join(dir, 'smtp_users.toml'), 0o644);
    expect(await write()).toMatchObject({ unchanged: false });
    expect(modeOf('smtp_users.toml')).toBe(0o600);
  });

  it('keeps what is foreign, and is not written while an edit is in the way', async () => {
    await write();
    writeFileSync(join(dir, 'init.lua'), 'edited\n');
    mkdirSync(join(dir, 'own'));
    writeFileSync(join(dir, 'own/custom.lua'), 'mine\n');
    symlinkSync('/etc', join(dir, 'link'));
    const files = [file('init.lua', 'new\n'), ...FILES.slice(1)];
    const changes = { 'init.lua': 'conflict', link: 'kept-foreign', 'own/custom.lua': 'kept-foreign' };
    for (const result of [await write(files), await previewTree(dir, files, optionsFor())]) {
      expect(result.kind).toBe('conflicted');
      expect(changesOf(result)).toEqual(changes);
    }
    expect(read('policy/init.lua')).toBe('edited\n');
    expect(siblings()).toEqual(['policy']);
  });

  it('without a manifest is foreign as a whole', async () => {
    mkdirSync(dir);
    writeFileSync(join(dir, 'init.lua'), 'one\n');
    expect(await write()).toMatchObject({ kind: 'refused', foreign: ['init.lua'] });
  });

  it('with a manifest that is none is foreign too', async () => {
    mkdirSync(dir);
    writeFileSync(join(dir, MANIFEST_PATH), '{"schema":1}');
    expect(await write()).toMatchObject({ kind: 'refused', foreign: [MANIFEST_PATH] });
  });

  it('is replaced by force; foreign files come along, nothing is lost', async () => {
    await write([file('init.lua', 'one\n'), file('gone.toml', 'x')]);
    writeFileSync(join(dir, 'init.lua'), 'edited\n');
    mkdirSync(join(dir, 'own/deep'), { recursive: true });
    writeFileSync(join(dir, 'own/deep/run.sh'), 'mine\n', { mode: 0o750 });
    symlinkSync('/etc/hostname', join(dir, 'link'));
    const result = await write(FILES, true);
    expect(result).toMatchObject({ kind: 'written', notices: [] });
    expect(changesOf(result)).toEqual({
      'bounce_rules/00.toml': 'created',
      'gone.toml': 'removed',
      'init.lua': 'replaced',
      link: 'kept-foreign',
      'own/deep/run.sh': 'kept-foreign',
      'smtp_users.toml': 'created',
    });
    expect(read('policy/init.lua')).toBe('one\n');
    expect(read('policy/own/deep/run.sh')).toBe('mine\n');
    expect(modeOf('own/deep/run.sh')).toBe(0o750);
    expect(readlinkSync(join(dir, 'link'))).toBe('/etc/hostname');
    expect(existsSync(join(dir, 'gone.toml'))).toBe(false);
    expect([read('policy.bak/init.lua'), read('policy.bak/gone.toml'), read('policy.bak/own/deep/run.sh')]).toEqual([
      'edited\n',
      'x',
      'mine\n',
    ]);
  });

  it('says which foreign entries had to give way', async () => {
    mkdirSync(join(dir, 'init.lua'), { recursive: true });
    writeFileSync(join(dir, 'init.lua/odd'), 'mine');
    writeFileSync(join(dir, 'bounce_rules'), 'mine');
    const result = await write(FILES, true);
    const notices = result.kind === 'written' ? result.notices.join('\n') : '';
    for (const path of ['bounce_rules', 'init.lua/odd']) expect(notices).toContain(`${path} could not`);
    expect([read('policy.bak/init.lua/odd'), read('policy.bak/bounce_rules')]).toEqual(['mine', 'mine']);
  });

  it('does not write through links inside it', async () => {
    const outside = join(root, 'outside');
    mkdirSync(outside);
    mkdirSync(dir);
    symlinkSync(outside, join(dir, 'bounce_rules'));
    symlinkSync(join(outside, 'file'), join(dir, 'init.lua'));
    symlinkSync(join(outside, 'file'), join(dir, BACKUP_MARKER));
    expect(await write(FILES, true)).toMatchObject({ kind: 'written' });
    expect(readdirSync(outside)).toEqual([]);
    expect(lstatSync(join(dir, 'bounce_rules')).isDirectory()).toBe(true);
  });

  it('behind a link given as the target is replaced where it is', async () => {
    const real = join(root, 'real');
    mkdirSync(real);
    symlinkSync(real, dir);
    expect(await write()).toMatchObject({ kind: 'written', directory: real });
    expect(lstatSync(dir).isSymbolicLink()).toBe(true);
    expect(read('policy/init.lua')).toBe('one\n');
  });

  it('never replaces a backup that is not its own', async () => {
    await write();
    mkdirSync(join(root, 'policy.bak'));
    writeFileSync(join(root, 'policy.bak/precious'), 'x');
    const result = await write([file('init.lua', 'new\n')], true);
    expect(result).toMatchObject({ kind: 'refused', reason: expect.stringContaining('policy.bak') });
    expect(read('policy.bak/precious')).toBe('x');
    expect(read('policy/init.lua')).toBe('one\n');
  });
});

describe('when things go wrong', () => {
  it('names the reason and leaves nothing behind', async () => {
    writeFileSync(join(root, 'plain'), '');
    symlinkSync('nowhere', join(root, 'dangling'));
    const cases = [
      ['plain', { kind: 'refused', reason: 'it exists and is not a folder' }],
      ['plain/policy', { kind: 'failed', reason: 'a part of the path is not a folder' }],
      ['dangling', { kind: 'failed', reason: 'no such file or folder' }],
      [`${'x'.repeat(300)}/policy`, { kind: 'failed', reason: 'the name is too long' }],
    ] as const;
    for (const [path, expected] of cases) {
      dir = join(root, path);
      expect(await write()).toMatchObject(expected);
    }
    expect(siblings()).toEqual(['dangling', 'plain']);
  });

  it('a full disk leaves the old tree and no staging', async () => {
    await write();
    const full = [...FILES, file('no-space', 'x')];
    expect(await write(full)).toMatchObject({ kind: 'failed', reason: 'no space left on the device' });
    expect(read('policy/init.lua')).toBe('one\n');
    expect(siblings()).toEqual(['policy']);
    dir = join(root, 'new/parents/policy');
    expect(await write(full)).toMatchObject({ kind: 'failed' });
    expect(siblings()).toEqual(['policy']);
  });

  it('an interrupted run leaves nothing', async () => {
    const controller = new AbortController();
    controller.abort();
    expect(await write(FILES, false, controller.signal)).toEqual({ kind: 'interrupted' });
    expect(siblings()).toEqual([]);
  });
});

describe('manifest', () => {
  it('has hashes, modes and the source map, sorted; no hash of secrets', () => {
    const files: readonly EmittedFile[] = [
      file('z.toml', 's3cret', 0o600),
      {
        ...file('a.lua', 'x'),
        origins: [
          { line: 9, places: ['config:2'] },
          { line: 3, places: ['config:1', 'other:7'] },
          { line: 9, places: ['config:2', 'config:4'] },
        ],
      },
    ];
    const hash = createHash('sha256').update('x').digest('hex');
    const { content, mode, path } = manifestOf(files, '1.2.3');
    expect([path, mode]).toEqual(['.pmta2kumo.json', 0o644]);
    expect(JSON.parse(content)).toEqual({
      schema: 'pmta2kumo.manifest/1',
      version: '1.2.3',
      files: { 'a.lua': { mode: '0644', sha256: hash }, 'z.toml': { mode: '0600', secret: true } },
      sourceMap: { 'a.lua': { '3': ['config:1', 'other:7'], '9': ['config:2', 'config:4'] } },
    });
    expect(content.indexOf('"3"')).toBeLessThan(content.indexOf('"9"'));
    expect(content).not.toContain(createHash('sha256').update('s3cret').digest('hex'));
    expect(manifestOf([...files].reverse(), '1.2.3').content).toBe(content);
  });
});
