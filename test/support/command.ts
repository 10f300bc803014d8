import { runProgram } from '../../src/cli-program';
import { diskHost } from '../../src/host-disk';

export interface CommandRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the program on the real disk, in this process. */
export async function runCommand(...args: readonly string[]): Promise<CommandRun> {
  let out = '';
  let err = '';
  const io = {
    host: diskHost(),
    version: '1.2.3',
    stdout: (text: string) => {
      out += text;
    },
    stderr: (text: string) => {
      err += text;
    },
    width: 100,
    interrupts: () => new AbortController().signal,
  };
  const code = await runProgram(args, io, { isTty: false, env: {} });
  return { code, out, err };
}
