import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const bench = join(import.meta.dirname, '..', 'bench', 'run.mjs');

describe('the benchmark', () => {
  it('runs every stage, and what it converts has no errors', () => {
    const run = spawnSync(process.execPath, [bench, '--vmtas', '7', '--stages-only'], { encoding: 'utf8' });
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    const [heads, row, ...rest] = run.stdout.trim().split('\n');
    expect(heads).toMatch(/ errors$/);
    expect(row).toMatch(/ 0$/);
    expect(rest).toEqual([]);
  }, 60_000);
});
