import { spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Finding } from '../kumo/runtime/finding';
import type { CommandIo } from './command';
import { isErrno } from './environment';
import { type KumodRun, kumodFindings } from './kumod-output';
import { type DiskTree, isInPlace } from './read-tree';

export interface KumodResult {
  readonly program: string;
  readonly status: 'passed' | 'failed' | 'not-run';
  /** Why it was not run. */
  readonly reason?: string;
  readonly findings: readonly Finding[];
}

/** Where KumoMTA's package puts it. */
const INSTALLED = '/opt/kumomta/sbin/kumod';
/** milliseconds; it may wait for Redis and DNS. */
const LONGEST = 120_000;
/** bytes */
const MOST_OUTPUT = 2 ** 20;

/**
 * Runs `kumod --validate` on the tree; when it is not where it will live, on a private copy with the paths rewritten.
 * Trouble with the program itself is `not-run`.
 */
export async function runKumod(
  wanted: true | string,
  dir: string,
  installDir: string,
  tree: DiskTree,
  io: Pick<CommandIo, 'interrupts'>,
): Promise<KumodResult> {
  const program = wanted === true ? (existsSync(INSTALLED) ? INSTALLED : 'kumod') : programAt(wanted);
  if (!tree.files.has('init.lua')) return notRun(program, 'the tree has no init.lua');
  const copy = isInPlace(dir, installDir) ? undefined : mkdtempSync(join(tmpdir(), 'pmta2kumo-check-'));
  try {
    // The copy holds secrets, and does not outlive an interrupt.
    const interrupt = io.interrupts();
    if (copy !== undefined) writeCopy(copy, installDir, tree);
    const home = copy ?? installDir;
    const run = await validate(program, join(home, 'init.lua'), interrupt);
    if ('reason' in run) return notRun(program, run.reason);
    const findings = kumodFindings(run, home, tree);
    return { program, status: run.code === 0 ? 'passed' : 'failed', findings };
  } finally {
    if (copy !== undefined) rmSync(copy, { recursive: true, force: true });
  }
}

/** It is started in another folder. */
function programAt(wanted: string): string {
  return wanted.includes('/') ? resolve(wanted) : wanted;
}

function notRun(program: string, reason: string): KumodResult {
  return { program, status: 'not-run', reason, findings: [] };
}

/** Secrets are in it, too: for its owner only. */
function writeCopy(copy: string, installDir: string, tree: DiskTree): void {
  chmodSync(copy, 0o700);
  const owner = process.getuid?.() === 0 ? kumodUser() : undefined;
  const own = (path: string) => owner && chownSync(path, owner.uid, owner.gid);
  own(copy);
  for (const [path, text] of tree.files) {
    const target = join(copy, path);
    for (const folder of foldersOf(path)) {
      if (existsSync(join(copy, folder))) continue;
      mkdirSync(join(copy, folder), { mode: 0o700 });
      own(join(copy, folder));
    }
    const moved = /\.(?:lua|toml|json|yaml|yml)$/.test(path) ? text.replaceAll(installDir, copy) : text;
    const whole = path === 'init.lua' ? prologue(copy, tree) + moved : moved;
    writeFileSync(target, whole, { mode: 0o600 });
    own(target);
  }
}

function foldersOf(path: string): readonly string[] {
  const parts = dirname(path) === '.' ? [] : dirname(path).split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
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

interface User {
  readonly uid: number;
  readonly gid: number;
}

function kumodUser(): User | undefined {
  try {
    const line = /^kumod:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'));
    return line === null ? undefined : { uid: Number(line[1]), gid: Number(line[2]) };
  } catch {
    return undefined;
  }
}

/** kumod refuses to run as root without being told as whom. */
function argumentsFor(policy: string): readonly string[] {
  return ['--validate', '--policy', policy, ...(process.getuid?.() === 0 ? ['--user', 'kumod'] : [])];
}

function validate(
  program: string,
  policy: string,
  interrupt: AbortSignal,
): Promise<KumodRun | { readonly reason: string }> {
  return new Promise((settle) => {
    let output = '';
    const child = spawn(program, argumentsFor(policy), { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' });
    const kill = () => child.kill('SIGKILL');
    interrupt.addEventListener('abort', kill);
    const timer = setTimeout(kill, LONGEST);
    const take = (chunk: Buffer) => {
      if (output.length < MOST_OUTPUT) output += chunk.toString('utf8');
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => {
      clearTimeout(timer);
      const missing = isErrno(error, 'ENOENT');
      settle({ reason: missing ? 'there is no such program here' : `it cannot be started (${error.message})` });
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === null) settle({ reason: `it was ended by ${signal ?? 'a signal'}` });
      else if (code !== 0 && /unexpected argument|unrecognized option|Usage:/.test(output)) {
        settle({ reason: 'it does not know --validate; KumoMTA does since 2024.09.02' });
      } else settle({ code, output });
    });
  });
}
