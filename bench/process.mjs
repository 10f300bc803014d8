// Whole processes: how long they take from start to end, and the most memory they held.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const TOOL = join(import.meta.dirname, '..', 'bin', 'pmta2kumo.js');

/** Writes the largest resident memory of the process, in kilobytes, when it ends. */
const NOTE_MEMORY = `process.on('exit', () =>
  require('node:fs').writeFileSync(process.env.BENCH_MEMORY, String(process.resourceUsage().maxRSS)));`;

export function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** Milliseconds that Node with these arguments takes from start to end; throws when it ends with another code. */
export function timeOf(args, codes = [0]) {
  const before = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (!codes.includes(status)) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr.slice(0, 500)}`);
  return performance.now() - before;
}

/** The same with the most memory in MB. */
export function timeAndMemoryOf(args, codes = [0]) {
  const folder = mkdtempSync(join(tmpdir(), 'pmta2kumo-bench-'));
  try {
    const [hook, note] = [join(folder, 'hook.cjs'), join(folder, 'memory')];
    writeFileSync(hook, NOTE_MEMORY);
    process.env.BENCH_MEMORY = note;
    const ms = timeOf(['--require', hook, ...args], codes);
    return { ms, megabytes: Number(readFileSync(note, 'utf8')) / 1024 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
