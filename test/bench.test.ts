import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const bench = join(import.meta.dirname, '..', 'bench', 'run.mjs');

describe('the benchmark', () => {
  it('runs every stage of every shape, and the start', () => {
    const run = spawnSync(process.execPath, [bench, '--quick'], { encoding: 'utf8' });
    expect(run.stderr).toBe(
      ['virtual-mtas', 'domains', 'includes']
        .flatMap((shape) => [300, 1000].map((size) => `${shape}, ${size} lines: done\n`))
        .join(''),
    );
    expect(run.status).toBe(0);
    const tables = run.stdout.trim().split('\n\n');
    expect(tables.map((table) => table.split('\n').length)).toEqual([8, 8, 8, 5 + 1, 3, 4]);
  }, 300_000);
});
