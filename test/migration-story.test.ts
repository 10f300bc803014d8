import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandRun, runCommand } from './support/command';
import { readTree } from './support/converted';

const CHAPTERS = join(dirname(fileURLToPath(import.meta.url)), 'stories/migration');

let folder = '';
let config = '';
let tree = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'story-')));
  config = join(folder, 'pmta');
  tree = join(folder, 'policy');
  mkdirSync(config);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** PowerMTA's configuration becomes that of a chapter. */
function configure(chapter: string): void {
  copyFileSync(join(CHAPTERS, `${chapter}.conf`), join(config, 'config'));
}

function convert(...flags: readonly string[]): Promise<CommandRun> {
  return runCommand('convert', config, '-o', tree, ...flags);
}

function read(path: string): string {
  return readFileSync(join(tree, path), 'utf8');
}

function edit(path: string, from: string, to: string): void {
  expect(read(path)).toContain(from);
  writeFileSync(join(tree, path), read(path).replace(from, to));
}

/** `diff` ends with this exit code and names each of these. */
async function expectDiff(code: number, ...names: readonly string[]): Promise<void> {
  const run = await runCommand('diff', config, tree);
  expect(run.code, run.err).toBe(code);
  for (const name of names) expect(run.out).toContain(name);
}

/** The tree loads, means something, and does nothing looser than PowerMTA would. */
async function expectSound(): Promise<void> {
  const check = await runCommand('check', tree, '--source', config);
  expect(check.code, check.err + check.out).toBe(0);
  const verify = await runCommand('verify', config, tree);
  expect(verify.code, verify.err + verify.out).toBe(0);
  expect(verify.out).toContain('  looser            0\n  differs           0\n');
}

/** What somebody has added to the policy by hand. */
const CUSTOMER = "  msg:set_meta('customer', msg:get_first_named_header_value 'X-Customer' or 'nobody')\n";

function expectEdits(): void {
  expect(read('init.lua')).toContain(`${CUSTOMER}  queue_helper:apply(msg)\n`);
  expect(read('shaping.toml')).toContain('idle_timeout = "90s" # ours are patient\n');
  expect(read('customers.lua')).toBe('return {}\n');
}

describe.sequential('a migration', () => {
  it('begins with a conversion', async () => {
    configure('1-first');
    expect(await convert()).toMatchObject({ code: 0, err: '' });
    await expectDiff(0);
    await expectSound();
  });

  it("goes on with edits by hand, in Lua and in TOML, and a file of one's own", async () => {
    edit('init.lua', '  queue_helper:apply(msg)\n', `${CUSTOMER}  queue_helper:apply(msg)\n`);
    edit(
      'shaping.toml',
      'idle_timeout = "60s" # at least this for rate limits\n',
      'idle_timeout = "90s" # ours are patient\n',
    );
    edit(
      'shaping.toml',
      '["small.test"]\nconnection_limit = 10\n',
      '["small.test"]\n# They asked us for less.\nconnection_limit = 4\n',
    );
    writeFileSync(join(tree, 'customers.lua'), 'return {}\n');
    await expectSound();
    await expectDiff(1, 'small.test');
    const again = await convert();
    expect(again.code).toBe(0);
    expect(again.out).toContain('is already up to date');
    expectEdits();
  });

  it("sees PowerMTA's configuration change, and shows what that would change", async () => {
    configure('2-changed');
    await expectDiff(1, 'alerts', 'other.test');
    const before = readTree(folder);
    const dry = await convert('--dry-run');
    expect(dry.code).toBe(0);
    expect(dry.out).toMatch(/ init\.lua +merged with your edits\n/);
    expect(dry.out).toMatch(/ sources\.toml +\d+ lines, replaced\n/);
    expect(dry.out).toMatch(/ shaping\.toml +merged with your edits\n/);
    expect(dry.out).toMatch(/ customers\.lua +yours, not touched\n/);
    expect(readTree(folder)).toEqual(before);
  });

  it('converts again, and keeps the edits', async () => {
    expect(await convert()).toMatchObject({ code: 0, err: '' });
    expectEdits();
    expect(read('shaping.toml')).toContain('# They asked us for less.\nconnection_limit = 4\n');
    expect(read('shaping.toml')).toMatch(/\["big.test"\]\nconnection_limit = 60\n/);
    expect(read('shaping.toml')).toMatch(/\["other.test"\]\nconnection_limit = 5\n/);
    expect(read('sources.toml')).toContain('192.0.2.30');
    expect(read('init.lua')).toContain("'10.0.0.1:587'");
    expect(read('../policy.bak/shaping.toml')).toContain('connection_limit = 40\n');
    await expectSound();
    expect((await convert()).out).toContain('is already up to date');
  });

  it('comes to a conflict, which changes nothing', async () => {
    configure('3-same-limit');
    const before = readTree(folder);
    const { code, out, err } = await convert();
    expect(code).toBe(1);
    expect(err).toContain('error[edit-conflict]: these lines of shaping.toml were edited by hand');
    expect(out).toContain(
      '    yours | # They asked us for less.\n    yours | connection_limit = 4\n    new   | connection_limit = 12\n',
    );
    expect(readTree(folder)).toEqual(before);
  });

  it('has the conflict marked, and resolved by a person', async () => {
    expect((await convert('--conflicts', 'mark')).code).toBe(1);
    expect((await runCommand('check', tree)).code).toBe(1);
    expect((await convert()).err).toContain('error[edit-unresolved]');
    const open = /<{7} [^\n]*\n([\s\S]*?)\|{7} [\s\S]*?\n={7}\n[\s\S]*?>{7} [^\n]*\n/;
    expect(open.exec(read('shaping.toml'))?.[1]).toBe('# They asked us for less.\nconnection_limit = 4\n');
    writeFileSync(
      join(tree, 'shaping.toml'),
      read('shaping.toml').replace(open, '# They asked us for less.\nconnection_limit = 6\n'),
    );
    expect(await convert()).toMatchObject({ code: 0, err: '' });
    expect(read('shaping.toml')).toContain('["small.test"]\n# They asked us for less.\nconnection_limit = 6\n');
    expectEdits();
  });

  it('ends with a tree that is sound, and a conversion that has nothing left to do', async () => {
    await expectSound();
    const [before, again] = [readTree(tree), await convert()];
    expect(again.code).toBe(0);
    expect(again.out).toContain('is already up to date');
    expect(readTree(tree)).toEqual(before);
    expect(existsSync(join(folder, 'policy.bak/.pmta2kumo.json'))).toBe(true);
  });
});
