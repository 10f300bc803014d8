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

/** A reader that went away (`| head`) ends the run quietly; any other trouble with an output is told and fails it. */
function watchOutput(stream: NodeJS.WriteStream, name: string): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    if (name === 'output') process.stderr.write(`pmta2kumo: cannot write the output: ${error.code ?? error.message}\n`);
    process.exit(2);
  });
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
      'pmta2kumo: say what to do: `pmta2kumo convert CONFIG -o DIR` converts, `pmta2kumo --help` lists everything\n',
    );
    process.exitCode = 2;
    return;
  }
  const [{ runProgram }, { diskHost }] = await Promise.all([import('./cli-program'), import('./host-disk')]);
  const io: Omit<CommandIo, 'color'> = {
    host: diskHost(),
    version: __VERSION__,
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    width: process.stderr.columns ?? 100,
    interrupts: interruptSignal,
  };
  const terminal = { isTty: process.stderr.isTTY === true, env: process.env };
  process.exitCode = await runProgram(args, io, terminal);
}

main(process.argv.slice(2)).catch(reportCrash);
