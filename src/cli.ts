import type { CommandIo } from './commands/command';

/** Reports a bug of ours in one line; the stack only for who asks for it. */
function reportCrash(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const shown = message.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
  process.stderr.write(
    `pmta2kumo: internal error: ${shown}; please report it (PMTA2KUMO_DEBUG=1 shows the stack, which may hold parts of your configuration)\n`,
  );
  if (process.env['PMTA2KUMO_DEBUG'] === '1' && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  process.exitCode = 2;
}

/** Whether something that was said got lost; the run then fails, whatever else it achieved. */
let outputFailed = false;

/**
 * A reader that went away (`| head`) has seen enough, and the run goes on: ending it here could leave a tree half
 * written and exit with 0. Any other trouble with an output is told and fails the run, at its end for the same reason.
 */
function watchOutput(stream: NodeJS.WriteStream, name: string): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || outputFailed) return;
    outputFailed = true;
    process.exitCode = 2;
    if (name === 'output') process.stderr.write(`pmta2kumo: cannot write the output: ${error.code ?? error.message}\n`);
  });
}

/** An empty write is an error on a device that is full. */
function write(stream: NodeJS.WriteStream, text: string): void {
  if (text !== '') stream.write(text);
}

/**
 * An interrupt ends the process at once, as it always does, until something is being written: from then on it aborts
 * the signal, and the writer cleans up after itself.
 */
function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  return controller.signal;
}

async function main(args: readonly string[]): Promise<void> {
  watchOutput(process.stdout, 'output');
  watchOutput(process.stderr, 'errors');
  // Answered before anything else is loaded.
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    process.stdout.write(`${__VERSION__}\n`);
    return;
  }
  if (args.length === 0) {
    process.stderr.write(
      'pmta2kumo: say what to do: `pmta2kumo audit CONFIG` tells how much converts, `pmta2kumo convert CONFIG -o DIR` converts, `pmta2kumo --help` lists everything\n',
    );
    process.exitCode = 2;
    return;
  }
  const [{ runProgram }, { diskHost }] = await Promise.all([import('./cli-program'), import('./host-disk')]);
  const io: Omit<CommandIo, 'color' | 'outColor'> = {
    host: diskHost(),
    version: __VERSION__,
    stdout: (text) => write(process.stdout, text),
    stderr: (text) => write(process.stderr, text),
    width: process.stderr.columns ?? 100,
    interrupts: interruptSignal,
    runCheck: async (job) => (await import('./cli-check-thread')).checkInThread(job),
    runDiff: async (job) => (await import('./cli-check-thread')).diffInThread(job),
  };
  const terminal = {
    isTty: process.stderr.isTTY === true,
    outIsTty: process.stdout.isTTY === true,
    env: process.env,
  };
  const exit = await runProgram(args, io, terminal);
  process.exitCode = outputFailed ? 2 : exit;
}

main(process.argv.slice(2)).catch(reportCrash);
