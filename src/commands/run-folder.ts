import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { lstat, mkdtemp, readdir, rmdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Interrupted } from './staging';

/** Another run that writes the same tree, and does not end. */
export interface Busy {
  readonly kind: 'busy';
  /** Its folder. */
  readonly path: string;
  readonly pid: number;
}

/** Milliseconds to wait for another run. */
const PATIENCE = 10_000;
/** Milliseconds after which a run on another machine, which cannot be asked, is taken for dead. */
const FOREIGN_LIFE = 3_600_000;

/**
 * Makes this run's folder beside `target`: private (0700), on the same file system, and the lock on the tree. A run has
 * the tree when its folder is there and no other living run's is; since each makes its folder before it looks, two never
 * have it. Nothing has to be taken over from a run that died, because names are never used twice. Waits for others, and
 * tells so once by `onWait`. Throws system errors and Interrupted.
 */
export async function enterRun(
  target: string,
  { signal, onWait }: { readonly signal?: AbortSignal | undefined; readonly onWait?: (other: Busy) => void },
): Promise<string | Busy> {
  const until = Date.now() + PATIENCE;
  let told = false;
  for (;;) {
    const own = await mkdtemp(join(dirname(target), `${prefixOf(target)}${SELF}-`));
    const other = (await runsAt(target)).find(({ path, living }) => living && path !== own);
    if (other === undefined) return own;
    await rmdir(own);
    const busy: Busy = { kind: 'busy', path: other.path, pid: other.pid };
    if (signal?.aborted === true) throw new Interrupted();
    if (Date.now() >= until) return busy;
    if (!told) onWait?.(busy);
    told = true;
    // By chance, so that two that wait for each other do not do so for ever.
    await pause(20 + Math.random() * 100);
  }
}

/** Folders of runs that were killed while they wrote `target`. */
export async function deadRuns(target: string): Promise<readonly string[]> {
  return (await runsAt(target)).filter(({ living }) => !living).map(({ path }) => path);
}

interface Run {
  readonly path: string;
  readonly pid: number;
  readonly living: boolean;
}

async function runsAt(target: string): Promise<readonly Run[]> {
  const prefix = prefixOf(target);
  // A parent that may be entered but not listed is no reason to fail.
  const names = await readdir(dirname(target)).catch(() => []);
  const runs: Run[] = [];
  for (const name of names) {
    const match = name.startsWith(prefix) ? /^(\d+)-(\w+)-(\w+)-/.exec(name.slice(prefix.length)) : null;
    if (match === null) continue;
    const [, pid = '', start = '', machine = ''] = match;
    const path = join(dirname(target), name);
    const living = machine === MACHINE ? startOf(pid) === start : await isYoung(path);
    runs.push({ path, pid: Number(pid), living });
  }
  return runs;
}

function prefixOf(target: string): string {
  return `.${basename(target)}.pmta2kumo-`;
}

/** What only processes of the same machine, or container, have in common; numbers of others say nothing here. */
const MACHINE = short(`${hostname()} ${readOr('', () => readlinkSync('/proc/self/ns/pid'))}`);
const BOOT = readOr('', () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
const SELF = `${process.pid}-${startOf(String(process.pid)) ?? ''}-${MACHINE}`;

/**
 * When a process began, as a word that no other process with the same number has; undefined for none. Where the system
 * does not tell (there is no /proc), the number has to do.
 */
function startOf(pid: string): string | undefined {
  // The name in brackets may hold anything; the start is the 20th field behind it (proc(5), starttime).
  const stat = readOr('', () => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  if (ticks !== undefined) return short(`${BOOT} ${ticks}`);
  if (BOOT !== '') return undefined;
  return isAlive(Number(pid)) ? 'running' : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: somebody else's process has the number.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function isYoung(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  return stats !== undefined && Date.now() - stats.mtimeMs < FOREIGN_LIFE;
}

function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

function readOr(fallback: string, read: () => string): string {
  try {
    return read();
  } catch {
    return fallback;
  }
}
