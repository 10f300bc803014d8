import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completionScript } from '../src/cli-completion-script';
import { outlineOf } from '../src/cli-outline';
import { testProgram } from './support/program';

const program = testProgram();
const commands = program.commands.map((command) => command.name());

const ASK = join(import.meta.dirname, 'support/complete.zsh');

const folder = mkdtempSync(join(tmpdir(), 'completion-'));
beforeAll(() => {
  mkdirSync(join(folder, 'pmta old'));
  mkdirSync(join(folder, 'policy'));
  writeFileSync(join(folder, 'pmta.conf'), '');
  for (const shell of ['bash', 'zsh', 'fish'] as const)
    writeFileSync(join(folder, shell), completionScript(program, shell));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function has(shell: string): boolean {
  return spawnSync(shell, ['-c', 'true']).error === undefined;
}

/** What a shell said, line by line. Complaints fail. */
function shell(name: string, args: readonly string[]): readonly string[] {
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, TERM: 'dumb', LC_ALL: 'C.UTF-8' };
  const { stdout, stderr, status } = spawnSync(name, args, { cwd: folder, encoding: 'utf8', env, timeout: 30_000 });
  expect({ status, stderr }, stdout).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').filter((line) => line !== '');
}

/** A line up to the cursor, what has to be offered, and what must not. */
const CASES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['', commands, ['--help']],
  ['con', ['convert'], ['check', 'completion']],
  ['convert --base-s', ['--base-shaping'], ['--dkim']],
  ['convert --dkim ', ['helper', 'lua'], ['policy']],
  ['audit --format ', ['markdown', 'sarif'], ['fish']],
  ['trace x --format ', ['text', 'json'], ['sarif']],
  ['completion ', ['bash', 'zsh', 'fish'], ['policy']],
  ['explain tree-pool-', ['tree-pool-undefined'], ['tree-limit']],
  ['explain max-smtp-o', ['max-smtp-out'], ['max-msg-rate']],
  ['convert --conf', ['--config-file'], []],
  ['convert p', ['pmta.conf'], ['audit']],
];

describe.skipIf(!has('bash'))('in bash', () => {
  /** Asks as readline does: the words, and which of them the cursor stands in. */
  function completed(line: string): readonly string[] {
    const words = `pmta2kumo ${line}`.split(/ |(=)/).filter((word) => word !== undefined);
    const quoted = words.map((word) => `'${word}'`).join(' ');
    const script = `source ./bash; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _pmta2kumo; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return shell('bash', ['--norc', '-c', script]);
  }

  it.each(CASES)('%j', (line, offered, kept) => {
    const found = completed(line);
    expect(found).toEqual(expect.arrayContaining([...offered]));
    expect(found.filter((word) => kept.includes(word))).toEqual([]);
  });

  it('offers every option of every command', () => {
    const { commands: all, options } = outlineOf(program);
    for (const { name, options: own } of all) {
      expect(completed(`${name} --`)).toEqual(expect.arrayContaining([...own, ...options].map(({ long }) => long)));
    }
  });

  it('takes values after =, folders where they are wanted, and names with blanks', () => {
    expect(completed('convert --dkim=l')).toEqual(['lua']);
    expect(completed('convert --root p').toSorted()).toEqual(['pmta old', 'policy']);
    expect(completed('convert -o p').toSorted()).toEqual(['pmta old', 'policy']);
    expect(completed('convert pmta')).toEqual(expect.arrayContaining(['pmta old', 'pmta.conf']));
    expect(completed('trace x --vmta p')).toEqual([]);
  });
});

describe.skipIf(!has('fish'))('in fish', () => {
  it.each(CASES)('%j', (line, offered, kept) => {
    const found = shell('fish', ['--no-config', '-c', `source ./fish; complete -C 'pmta2kumo ${line}'`]);
    const words = found.map((answer) => answer.split('\t')[0] ?? '');
    expect(words).toEqual(expect.arrayContaining([...offered]));
    expect(words.filter((word) => kept.includes(word))).toEqual([]);
  });
});

describe.skipIf(!has('zsh'))('in zsh', () => {
  it.each(CASES)('%j', (line, offered, kept) => {
    const found = shell('zsh', ['-f', ASK, './zsh', line]);
    const words = found.flatMap((answer) => /hit:(\S+)/.exec(answer)?.[1] ?? []);
    expect(words, found.join('\n')).toEqual(expect.arrayContaining([...offered]));
    expect(words.filter((word) => kept.includes(word))).toEqual([]);
  });
});
