import { type ChildProcess, spawn } from 'node:child_process';
import { isErrno } from './environment';

/** How a program of somebody else ended. */
export type ProgramRun =
  | { readonly status: 'ended'; readonly code: number; readonly stdout: string; readonly both: string }
  /** `reason` is fit for a message. */
  | { readonly status: 'failed'; readonly reason: string; readonly both: string }
  | { readonly status: 'interrupted' };

export interface ProgramLimits {
  /** milliseconds */
  readonly longest: number;
  /** bytes of each output */
  readonly mostOutput: number;
  /** The rest of a longer output is thrown away instead of ending the program. */
  readonly cutOutput?: boolean;
  readonly interrupt: AbortSignal;
}

/** Runs a program without input, with an end to its time and its output; what it has started ends with it. */
export function runProgram(program: string, args: readonly string[], limits: ProgramLimits): Promise<ProgramRun> {
  const { interrupt, longest, mostOutput } = limits;
  return new Promise((settle) => {
    if (interrupt.aborted) return settle({ status: 'interrupted' });
    const texts = { stdout: '', both: '' };
    let stopped: string | undefined;
    const child = spawn(program, [...args], { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/', detached: true });
    const stop = (why: string) => {
      stopped ??= why;
      killGroup(child);
    };
    const onInterrupt = () => stop('interrupt');
    interrupt.addEventListener('abort', onInterrupt);
    const timer = setTimeout(() => stop(`it was ended after ${longest / 1_000} seconds`), longest);
    const end = (run: ProgramRun) => {
      clearTimeout(timer);
      interrupt.removeEventListener('abort', onInterrupt);
      settle(interrupt.aborted ? { status: 'interrupted' } : run);
    };
    const taking = (own: boolean) => (chunk: Buffer) => {
      const text = chunk.toString('latin1');
      if (own && texts.stdout.length < mostOutput) texts.stdout += text;
      if (texts.both.length < mostOutput) texts.both += text;
      else if (limits.cutOutput !== true) stop(`it said more than ${mostOutput / 2 ** 20} MiB`);
    };
    child.stdout.on('data', taking(true));
    child.stderr.on('data', taking(false));
    child.on('error', (error) => end({ status: 'failed', reason: startFailure(error), both: '' }));
    child.on('close', (code, signal) => {
      const both = utf8(texts.both);
      if (stopped !== undefined) end({ status: 'failed', reason: stopped, both });
      else if (code === null) end({ status: 'failed', reason: `it was ended by ${signal ?? 'a signal'}`, both });
      else end({ status: 'ended', code, stdout: utf8(texts.stdout), both });
    });
  });
}

/** Bytes are gathered as they come: a character may be split between two of them. */
function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

function startFailure(error: Error): string {
  return isErrno(error, 'ENOENT') ? 'there is no such program here' : `it cannot be started (${error.message})`;
}

/** Its own group, so that nothing it has started keeps the outputs open. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}
