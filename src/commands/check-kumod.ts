import { join } from 'node:path';
import type { Finding } from '../kumo/runtime/finding';
import type { CommandIo } from './command';
import { kumodProgram, kumodUserArguments, movedText, type PrivateFolder, privateFolder } from './kumod-copy';
import { kumodFindings } from './kumod-output';
import { type DiskTree, isInPlace } from './read-tree';
import { runProgram } from './run-program';

export interface KumodResult {
  readonly program: string;
  readonly status: 'passed' | 'failed' | 'not-run';
  /** Why it was not run. */
  readonly reason?: string;
  readonly findings: readonly Finding[];
}

/** milliseconds; it may wait for Redis and DNS. */
const LONGEST = 120_000;
/** bytes */
const MOST_OUTPUT = 2 ** 20;

/**
 * Runs `kumod --validate` on the tree; when it is not where it will live, on a private copy with the paths rewritten.
 * Trouble with the program itself is `not-run`; an interrupt ends the program and says so.
 */
export async function runKumod(
  wanted: true | string,
  dir: string,
  installDir: string,
  tree: DiskTree,
  io: Pick<CommandIo, 'interrupts'>,
): Promise<KumodResult | 'interrupted'> {
  const program = kumodProgram(wanted);
  if (!tree.files.has('init.lua')) return notRun(program, 'the tree has no init.lua');
  const copy = isInPlace(dir, installDir) ? undefined : privateFolder();
  try {
    // The copy holds secrets, and does not outlive an interrupt.
    const interrupt = io.interrupts();
    if (copy !== undefined) writeCopy(copy, installDir, tree);
    const home = copy?.path ?? installDir;
    const args = ['--validate', '--policy', join(home, 'init.lua'), ...kumodUserArguments()];
    const limits = { longest: LONGEST, mostOutput: MOST_OUTPUT, cutOutput: true, interrupt };
    const run = await runProgram(program, args, limits);
    if (run.status === 'interrupted') return 'interrupted';
    if (run.status === 'failed') return notRun(program, run.reason);
    if (run.code !== 0 && /unexpected argument|unrecognized option|Usage:/.test(run.both))
      return notRun(program, 'it does not know --validate; KumoMTA does since 2024.09.02');
    const findings = kumodFindings({ code: run.code, output: run.both }, home, tree);
    return { program, status: run.code === 0 ? 'passed' : 'failed', findings };
  } finally {
    copy?.remove();
  }
}

function notRun(program: string, reason: string): KumodResult {
  return { program, status: 'not-run', reason, findings: [] };
}

/** Secrets are in it, too: for its owner only. */
function writeCopy(copy: PrivateFolder, installDir: string, tree: DiskTree): void {
  for (const [path, text] of tree.files) {
    const moved = movedText(path, text, installDir, copy.path);
    copy.write(path, path === 'init.lua' ? prologue(copy.path, tree) + moved : moved);
  }
}

/** Lua looks for modules, and KumoMTA for changed files, in the usual place only. On the first line, so that lines stay. */
function prologue(copy: string, tree: DiskTree): string {
  const path = `package.path = '${copy}/?.lua;${copy}/?/init.lua;' .. package.path; `;
  const asks = [...tree.files].some(
    ([name, text]) => name.endsWith('.lua') && text.includes('set_config_monitor_globs'),
  );
  if (asks) return path;
  return `${path}require('kumo').on('pre_init', function() local k = require 'kumo'; if k.set_config_monitor_globs then k.set_config_monitor_globs { '${copy}/**' } end end); `;
}
