import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { examplesOf } from '../src/cli-examples';
import { manualPage } from '../src/cli-manual';
import { kindOf, outlineOf } from '../src/cli-outline';
import { testProgram } from './support/program';

const ROOT = join(import.meta.dirname, '..');
const PAGE = join(ROOT, 'man/pmta2kumo.1');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };
const program = testProgram();
const page = manualPage(program, version);

describe('the manual page', () => {
  it('is what the program says of itself (npm run man rewrites it)', () => {
    if (process.env['UPDATE_MAN'] === '1') writeFileSync(PAGE, page);
    expect(readFileSync(PAGE, 'utf8')).toBe(page);
  });

  it.skipIf(spawnSync('mandoc', ['-V']).error !== undefined)('has no mistakes (mandoc)', () => {
    const { stdout } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', PAGE], { encoding: 'utf8' });
    // There is no date, so that the page follows from the program alone.
    expect(stdout.split('\n').filter((line) => !/missing date|^$/.test(line))).toEqual([]);
  });

  it.skipIf(spawnSync('man', ['--version']).error !== undefined)('is shown with every command and option (man)', () => {
    const env = { ...process.env, MANWIDTH: '100', LC_ALL: 'C.UTF-8' };
    const { stdout, stderr } = spawnSync('man', ['-l', '--warnings=w', PAGE], { encoding: 'utf8', env });
    expect(stderr).toBe('');
    const { commands, options } = outlineOf(program);
    const shown = stdout.replace(/.\u0008/g, '');
    for (const { name } of commands) expect(shown).toMatch(new RegExp(`^   ${name}$`, 'm'));
    for (const { long } of [...options, ...commands.flatMap((command) => command.options)]) {
      expect(shown).toMatch(new RegExp(`^ {7}(?:-\\w, )?${long}\\b`, 'm'));
    }
    expect(shown).toContain("pmta2kumo explain '<virtual-mta>'");
  });
});

describe('every command', () => {
  it.each(program.commands.map((command) => [command.name(), command] as const))(
    '%s has examples that it takes',
    (name, command) => {
      const examples = examplesOf(command);
      expect(examples.length).toBeGreaterThan(0);
      const known = new Set([...command.options, ...program.options].flatMap(({ long, short }) => [long, short]));
      for (const { line } of examples) {
        expect(line).toContain(`pmta2kumo ${name}`);
        const used = line.split('|')[0]?.match(/(?<=\s)--?[a-z][\w-]*/g) ?? [];
        expect(
          used.filter((option) => !known.has(option)),
          line,
        ).toEqual([]);
      }
    },
  );

  it('calls its values by words that tell which are paths (src/cli-outline.ts)', () => {
    const texts = program.commands.flatMap(({ options }) => options).filter((option) => kindOf(option) === 'text');
    const words = new Set(texts.map(({ flags }) => /[<[]([^>\]]*)/.exec(flags)?.[1] ?? ''));
    expect([...words].sort()).toEqual(['', 'choice', 'dir', 'domain', 'name', 'urls', 'version']);
  });
});
