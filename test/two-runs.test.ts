import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readTree } from './support/converted';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const built = mkdtempSync(join(tmpdir(), 'two-runs-build-'));
const cli = join(built, 'cli.js');
beforeAll(() => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/build.mjs', built], { cwd: ROOT, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
});
afterAll(() => rmSync(built, { recursive: true, force: true }));

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'two-runs-'));
  for (const name of ['a', 'b']) {
    writeFileSync(join(folder, name), `host-name ${name}.example.com\nlog-file /var/log/pmta/log\n`);
  }
  // Stays in front of its first rename, the tree in its hands, until a file appears.
  writeFileSync(
    join(folder, 'stay.mjs'),
    `import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const real = fs.renameSync;
fs.renameSync = (from, to) => {
  while (!fs.existsSync('go')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  real(from, to);
};
syncBuiltinESMExports();
`,
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Process {
  readonly child: ChildProcess;
  readonly err: () => string;
  readonly ended: Promise<number | null>;
}

function start(config: string, ...node: readonly string[]): Process {
  const child = spawn(process.execPath, [...node, cli, 'convert', config, '-o', 'out'], { cwd: folder });
  let err = '';
  child.stdout.resume();
  child.stderr.on('data', (text) => {
    err += String(text);
  });
  return { child, err: () => err, ended: new Promise((done) => child.on('close', done)) };
}

/** A run that has the tree and stays where it is; once it has staged everything. */
async function startHolder(): Promise<Process> {
  const holder = start('a', '--import', join(folder, 'stay.mjs'));
  const isStaged = (): boolean =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).some((path) =>
      /-\w+\/new\/\.pmta2kumo\.json$/.test(path),
    );
  while (!isStaged()) await new Promise((done) => setTimeout(done, 20));
  return holder;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((done) => setTimeout(done, 20));
}

function hostNameOf(tree: string): string | undefined {
  return /'(\w)\.example\.com'|"(\w)\.example\.com"/.exec(Object.values(readTree(join(folder, tree))).join('\n'))?.[0];
}

function leftovers(): readonly string[] {
  return readdirSync(folder).filter((name) => name.startsWith('.'));
}

describe('two runs that write the same tree', () => {
  it('at once: both go through, one after the other, and the tree is that of one of them', async () => {
    for (let round = 0; round < 3; round++) {
      const runs = [start('a'), start('b'), start('a')];
      expect(await Promise.all(runs.map(({ ended }) => ended))).toEqual([0, 0, 0]);
      const texts = Object.values(readTree(join(folder, 'out'))).join('\n');
      expect(texts.includes('a.example.com')).not.toBe(texts.includes('b.example.com'));
      expect(leftovers()).toEqual([]);
    }
  });

  it('the second waits for the first, and says so', async () => {
    const first = await startHolder();
    const second = start('b');
    await until(() => second.err().includes('waiting'));
    expect(second.err()).toBe(`pmta2kumo: another run (process ${first.child.pid}) writes this tree; waiting for it\n`);
    writeFileSync(join(folder, 'go'), '');
    expect([await first.ended, await second.ended]).toEqual([0, 0]);
    expect([hostNameOf('out'), hostNameOf('out.bak')].map((name) => name?.[1])).toEqual(['b', 'a']);
    expect(leftovers()).toEqual([]);
  });

  it('the second goes on when the first is killed', async () => {
    const first = await startHolder();
    const second = start('b');
    await until(() => second.err().includes('waiting'));
    first.child.kill('SIGKILL');
    await first.ended;
    expect(await second.ended).toBe(0);
    expect(hostNameOf('out')?.[1]).toBe('b');
    expect(leftovers()).toEqual([]);
  });

  it('the second gives up when the first does not end, and touches nothing', async () => {
    const first = await startHolder();
    const before = readTree(folder);
    const second = start('b');
    expect(await second.ended).toBe(2);
    expect(second.err()).toContain(`is not replaced: another pmta2kumo (process ${first.child.pid}) is writing it`);
    expect(readTree(folder)).toEqual(before);
    writeFileSync(join(folder, 'go'), '');
    expect(await first.ended).toBe(0);
    expect(hostNameOf('out')?.[1]).toBe('a');
  });

  it('a folder left by a process whose number is in use again holds nobody up', async () => {
    // This process lives, but did not begin when that one did.
    spawnSync('mkdir', [join(folder, `.out.pmta2kumo-${process.pid}-00000000-${await machine()}-abcdef`)]);
    const run = start('a');
    expect([await run.ended, run.err()]).toEqual([0, '']);
    expect(leftovers()).toEqual([]);
  });

  it('a run on another machine is waited for within an hour, and not after that', async () => {
    const other = join(folder, '.out.pmta2kumo-1-00000000-ffffffff-abcdef');
    spawnSync('mkdir', [other]);
    spawnSync('touch', ['-d', '2 hours ago', other]);
    expect(await start('a').ended).toBe(0);
    expect(leftovers()).toEqual([]);
    spawnSync('mkdir', [other]);
    const run = start('b');
    await until(() => run.err().includes('waiting'));
    rmSync(other, { recursive: true });
    expect(await run.ended).toBe(0);
  });
});

/** The word by which runs of this machine know each other. */
async function machine(): Promise<string> {
  const first = await startHolder();
  const name = leftovers()[0] ?? '';
  first.child.kill('SIGKILL');
  await first.ended;
  rmSync(join(folder, name), { recursive: true });
  return name.split('-')[3] ?? '';
}
