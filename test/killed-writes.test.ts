import type * as Fs from 'node:fs';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type * as FsPromises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BACKUP_MARKER } from '../src/commands/tree-state';
import { previewTree, type WriteOptions, type WriteResult, writeTree } from '../src/commands/write-tree';
import type { EmittedFile } from '../src/emit/file';

/** A process that dies at one of its changes to the disk: nothing that it does from then on has an effect. */
const life = vi.hoisted(() => {
  class Killed extends Error {}
  const state = { isDead: false, left: Number.POSITIVE_INFINITY, done: 0 };
  return {
    Killed,
    state,
    /** Whether the process dies in this change. */
    step(): boolean {
      if (state.isDead) throw new Killed();
      state.done++;
      state.left--;
      if (state.left > 0) return false;
      state.isDead = true;
      return true;
    },
  };
});

/** What changes the disk; each either happens or does not, but for {@link FsPromises.FileHandle.writeFile} and `rm`. */
const CHANGES = vi.hoisted(
  () => ['chmod', 'lchown', 'mkdir', 'mkdtemp', 'rmdir', 'symlink', 'utimes', 'writeFile'] as const,
);

vi.mock('node:fs', async (original) => {
  const real = await original<typeof Fs>();
  // Only what the writer does in one go; the tests' own use of the disk has other functions or a live process.
  const renameSync: typeof real.renameSync = (from, to) => {
    if (life.step()) throw new life.Killed();
    real.renameSync(from, to);
  };
  return { ...real, renameSync };
});

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof FsPromises>();
  const mortal = Object.fromEntries(
    CHANGES.map((name) => [
      name,
      (...args: readonly unknown[]) => {
        if (life.step()) throw new life.Killed();
        return Reflect.apply(real[name], real, args);
      },
    ]),
  );
  const open = async (...args: Parameters<typeof real.open>) => {
    if (life.step()) throw new life.Killed();
    const handle = await real.open(...args);
    const { writeFile, chmod } = handle;
    handle.writeFile = async (data, ...rest) => {
      const dies = life.step();
      const bytes = Buffer.from(data as string);
      await writeFile.call(handle, dies ? bytes.subarray(0, bytes.length / 2) : bytes, ...rest);
      if (dies) throw new life.Killed();
    };
    handle.chmod = async (mode) => {
      if (life.step()) throw new life.Killed();
      await chmod.call(handle, mode);
    };
    // Whoever kills a process does not take the disk's power.
    handle.sync = async () => {};
    return handle;
  };
  /** One entry after the other, since a folder does not go at once. */
  const rm = async (path: string): Promise<void> => {
    const stats = await real.lstat(path).catch(() => undefined);
    if (stats === undefined) return;
    if (stats.isDirectory()) for (const name of await real.readdir(path)) await rm(join(path, name));
    if (life.step()) throw new life.Killed();
    await (stats.isDirectory() ? real.rmdir(path) : real.unlink(path));
  };
  return { ...real, ...mortal, open, rm };
});

let root = '';
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'killed-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function file(path: string, content: string, mode: 0o600 | 0o644 = 0o644): EmittedFile {
  return { path, content, mode, origins: [] };
}

function files(name: string): readonly EmittedFile[] {
  return [
    file('init.lua', `-- top\n-- middle\n-- ${name}\n`),
    file('bounce_rules/00.toml', `# ${name}\n`),
    file('smtp_users.toml', 'secret\n', 0o600),
    ...(name === 'new' ? [file('added.toml', '')] : [file('gone.toml', '')]),
  ];
}

const OPTIONS: WriteOptions = { force: false, version: '1.2.3', conflicts: () => 'fail' };

function write(folder: string, name: string): Promise<WriteResult> {
  return writeTree(join(folder, 'policy'), files(name), OPTIONS);
}

/** Everything in a tree: path → kind, mode and content; without the mark that it is a backup. */
function picture(folder: string): Readonly<Record<string, string>> | undefined {
  if (!existsSync(folder)) return undefined;
  const shown: Record<string, string> = {};
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const [full, stats] = [join(folder, path), lstatSync(join(folder, path))];
    const content = stats.isFile() ? readFileSync(full, 'utf8') : stats.isSymbolicLink() ? readlinkSync(full) : '';
    if (path !== BACKUP_MARKER) shown[path] = `${stats.mode.toString(8)} ${content}`;
  }
  return shown;
}

/** A tree of the third conversion, edited by hand and with files of somebody else, and its backup. */
async function prepare(folder: string): Promise<void> {
  mkdirSync(folder);
  await write(folder, 'older');
  await write(folder, 'old');
  const tree = join(folder, 'policy');
  writeFileSync(join(tree, 'init.lua'), '-- mine\n-- top\n-- middle\n-- old\n');
  mkdirSync(join(tree, 'own'));
  writeFileSync(join(tree, 'own/run.sh'), 'x', { mode: 0o750 });
  chmodSync(join(tree, 'own/run.sh'), 0o750);
  symlinkSync('/nowhere', join(tree, 'link'));
}

/** The process that the tests simulate is this one: its folders get the name of one that began at another time. */
function bury(folder: string): void {
  for (const name of readdirSync(folder).filter((one) => one.startsWith('.policy.pmta2kumo-'))) {
    renameSync(join(folder, name), join(folder, name.replace(/(pmta2kumo-\d+-)\w+/, '$100000000')));
  }
}

/** Runs `action` and kills it in its n-th change to the disk; whether it came that far. */
async function killAt(n: number, action: () => Promise<unknown>): Promise<boolean> {
  Object.assign(life.state, { isDead: false, left: n, done: 0 });
  await action().catch((error: unknown) => {
    if (!life.state.isDead) throw error;
  });
  const { isDead } = life.state;
  Object.assign(life.state, { isDead: false, left: Number.POSITIVE_INFINITY });
  return isDead;
}

interface Pictures {
  readonly older: ReturnType<typeof picture>;
  readonly old: ReturnType<typeof picture>;
  readonly fresh: ReturnType<typeof picture>;
}

async function pictures(template: string): Promise<Pictures> {
  const done = join(root, 'done');
  cpSync(template, done, { recursive: true, verbatimSymlinks: true });
  expect(await write(done, 'new')).toMatchObject({ kind: 'written' });
  const older = picture(join(template, 'policy.bak'));
  const old = picture(join(template, 'policy'));
  const fresh = picture(join(done, 'policy'));
  expect(fresh?.['init.lua']).toContain('-- mine\n-- top\n-- middle\n-- new\n');
  return { older, old, fresh };
}

/** After a kill: the old tree or the new one, as a whole; nowhere else while the old one waits to be put back. */
async function expectWhole(folder: string, { old, fresh }: Pictures): Promise<'old' | 'new' | 'stranded'> {
  const found = picture(join(folder, 'policy'));
  if (found === undefined) {
    expect(picture(join(folder, 'policy.bak'))).toEqual(old);
    expect(await previewTree(join(folder, 'policy'), files('new'), OPTIONS)).toMatchObject({
      kind: 'planned',
      notices: [expect.stringContaining('would be put back')],
    });
    return 'stranded';
  }
  expect([old, fresh]).toContainEqual(found);
  return found['added.toml'] === undefined ? 'old' : 'new';
}

function expectDone(folder: string, tree: Pictures[keyof Pictures], backup: Pictures[keyof Pictures]): void {
  expect(picture(join(folder, 'policy'))).toEqual(tree);
  expect(picture(join(folder, 'policy.bak'))).toEqual(backup);
  expect(existsSync(join(folder, 'policy', BACKUP_MARKER))).toBe(false);
  expect(readdirSync(folder).sort()).toEqual(['policy', 'policy.bak']);
}

describe('a run that is killed at any of its changes to the disk', () => {
  it('leaves the old tree or the new one, and the next run goes through with nothing lost', async () => {
    const template = join(root, 'template');
    await prepare(template);
    const all = await pictures(template);
    const seen: string[] = [];
    for (let n = 1; ; n++) {
      const folder = join(root, `run${n}`);
      cpSync(template, folder, { recursive: true, verbatimSymlinks: true });
      const killed = await killAt(n, () => write(folder, 'new'));
      bury(folder);
      const state = await expectWhole(folder, all);
      seen.push(state);
      const again = join(root, `again${n}`);
      cpSync(folder, again, { recursive: true, verbatimSymlinks: true });
      expect(await write(folder, 'new'), `killed at ${n}`).toMatchObject({ kind: 'written' });
      expectDone(folder, all.fresh, all.old);
      // Whoever goes back to the old configuration finds the old tree, and its backup.
      if (state !== 'new') {
        expect(await write(again, 'old'), `killed at ${n}`).toMatchObject({ kind: 'written', unchanged: true });
        expectDone(again, all.old, all.older);
      }
      for (const path of [folder, again]) rmSync(path, { recursive: true });
      if (!killed) break;
    }
    expect(seen.length).toBeGreaterThan(60);
    expect([...new Set(seen)]).toEqual(['old', 'stranded', 'new']);
  });

  it('may be the one that puts the old tree back, too', async () => {
    const template = join(root, 'template');
    await prepare(template);
    const all = await pictures(template);
    let n = 0;
    for (let state = 'old'; state !== 'stranded'; ) {
      n++;
      rmSync(join(root, 'stranded'), { recursive: true, force: true });
      cpSync(template, join(root, 'stranded'), { recursive: true, verbatimSymlinks: true });
      await killAt(n, () => write(join(root, 'stranded'), 'new'));
      bury(join(root, 'stranded'));
      state = await expectWhole(join(root, 'stranded'), all);
    }
    for (let m = 1; ; m++) {
      const folder = join(root, `run${m}`);
      cpSync(join(root, 'stranded'), folder, { recursive: true, verbatimSymlinks: true });
      const killed = await killAt(m, () => write(folder, 'new'));
      bury(folder);
      await expectWhole(folder, all);
      expect(await write(folder, 'new'), `killed at ${m}`).toMatchObject({ kind: 'written' });
      expectDone(folder, all.fresh, all.old);
      rmSync(folder, { recursive: true });
      if (!killed) break;
    }
  });

  it('leaves no tree or a whole one where there was none', async () => {
    let n = 1;
    for (; ; n++) {
      const folder = join(root, `run${n}`);
      mkdirSync(folder);
      const killed = await killAt(n, () => write(folder, 'new'));
      bury(folder);
      const found = picture(join(folder, 'policy'));
      if (found !== undefined) expect(Object.keys(found)).toContain('.pmta2kumo.json');
      expect(await write(folder, 'new')).toMatchObject({ kind: 'written', notices: [] });
      expect(readdirSync(folder)).toEqual(['policy']);
      if (!killed) break;
    }
    expect(n).toBeGreaterThan(30);
  });
});
