import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Input } from '../fuzz/inputs';
import { inputAt, inputs } from '../fuzz/inputs';
import { minimise } from '../fuzz/minimise';
import { readSeeds } from '../fuzz/seeds';
import { FIXTURES } from './support/converted';

let state = '';
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'fuzz-state-'));
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

function fuzz(...args: readonly string[]): { readonly code: number | null; readonly out: string } {
  const program = join(import.meta.dirname, '..', 'fuzz', 'run.mjs');
  const run = spawnSync(process.execPath, [program, '--state', state, '--corpus', '/nowhere', ...args], {
    encoding: 'utf8',
  });
  return { code: run.status, out: run.stdout + run.stderr };
}

/** Inputs that went through each layer. */
function countsIn(out: string): readonly number[] {
  return [...out.matchAll(/^ *(\d+) {2}(?:read|emit|run|check)/gm)].map(([, count]) => Number(count));
}

describe('the fuzzer', () => {
  it('finds nothing in the first inputs, and goes on where it was stopped', () => {
    const first = fuzz('--runs', '600', '--seed', '11');
    expect(first.out).toContain('no faults');
    expect(first.code).toBe(0);
    expect(countsIn(first.out)).toEqual([600, 60, 6, 1]);
    const more = fuzz('--resume', '--runs', '1001');
    expect(more.out).toContain('seed 11, inputs 600 to 1000;');
    expect(countsIn(more.out)).toEqual([1001, 101, 11, 2]);
  });

  it('saves what fails, once, and runs it again', () => {
    const { code, out } = fuzz('--runs', '5', '--seed', '11', '--plant', 'throw:3');
    expect(code).toBe(1);
    expect(out).toContain('FAULT at input 3: planted');
    const folder = join(state, 'failures', '11-3');
    expect(readFileSync(join(folder, 'fault.txt'), 'utf8')).toBe('planted\n\nas asked for\n');
    expect(out).toContain(`--replay ${join(folder, 'smallest')}`);
    expect(fuzz('--replay', join(folder, 'smallest'))).toEqual({ code: 0, out: 'passes\n' });
  });

  it('ends what hangs, saves it, and goes on behind it', () => {
    const { code, out } = fuzz('--runs', '5', '--seed', '11', '--plant', 'hang:3', '--patience', '3000');
    expect(code).toBe(1);
    expect(out).toContain('FAULT at input 3: does not come back within 3000 ms');
    expect(out).toContain('seed 11: inputs 0 to 4\n');
    expect(readFileSync(join(state, 'failures', '11-3', 'fault.txt'), 'utf8')).toContain('does not come back');
  });

  it('says what is wrong with its arguments', () => {
    expect(fuzz('--runs', 'x')).toEqual({ code: 2, out: 'fuzz: --runs takes a whole number\n' });
    expect(fuzz('--resume')).toEqual({ code: 2, out: `fuzz: there is nothing to resume in ${state}\n` });
  });
});

describe('an input', () => {
  it('depends on its seed and number alone, and differs from the next', () => {
    const arbitrary = inputs(readSeeds([FIXTURES]));
    expect(inputAt(arbitrary, 5, 7)).toEqual(inputAt(arbitrary, 5, 7));
    expect(inputAt(arbitrary, 5, 7)).not.toEqual(inputAt(arbitrary, 5, 8));
    expect(inputAt(arbitrary, 5, 7)).not.toEqual(inputAt(arbitrary, 6, 7));
  });

  it('that fails is made small', async () => {
    const input: Input = { files: { config: 'a\nb\nbad 17 x\nc\n', 'other.conf': 'd' }, options: {} };
    const fails = async ({ files }: Input) => String(files['config']).includes('bad 17');
    expect((await minimise(input, fails, { tries: 500, ms: 10_000 })).files).toEqual({ config: 'bad 17' });
  });
});
