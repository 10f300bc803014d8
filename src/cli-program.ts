import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { addAudit } from './cli-audit';
import { addCheck } from './cli-check';
import { addTrace, addVerify } from './cli-compare';
import { addCompletion } from './cli-completion';
import { addConvert } from './cli-convert';
import { addDiff } from './cli-diff';
import { addExamples, EXIT_CODES } from './cli-examples';
import { addExplain } from './cli-explain';
import { type ColorMode, path } from './cli-options';
import { OPTIONS_FILE, useOptionsFile } from './cli-options-file';
import type { CommandIo, ExitCode } from './commands/command';
import { didYouMean } from './diagnostics/likeness';
import { visibleText } from './diagnostics/visible';

/** What decides about colours besides `--color`. */
export interface Terminal {
  /** Of the standard error. */
  readonly isTty: boolean;
  /** Of the standard output; missing when it is none. */
  readonly outIsTty?: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

type BaseIo = Omit<CommandIo, 'color' | 'outColor'>;

/**
 * Parses the arguments (without `node` and script) and runs the command, which is loaded only now. Wrong usage is
 * told in one line and gives 2.
 */
export async function runProgram(args: readonly string[], io: BaseIo, terminal: Terminal): Promise<ExitCode> {
  let exit: ExitCode = 0;
  const program = buildProgram(io, terminal, (code) => {
    exit = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exit;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}

/** The program with all its commands, for running and for describing it. `setExit` is told how a command ended. */
export function buildProgram(io: BaseIo, terminal: Terminal, setExit: (code: ExitCode) => void): Command {
  const program = createProgram(io);
  const painted = (mode: ColorMode): CommandIo => ({
    ...io,
    color: wantsColor(mode, terminal),
    isTerminal: terminal.isTty,
    outIsTerminal: terminal.outIsTty === true,
    outColor: wantsColor(mode, { ...terminal, isTty: terminal.outIsTty === true }),
  });
  addAudit(program, async (request, color) => {
    const { auditCommand } = await import('./commands/audit');
    setExit(await auditCommand(request, painted(color)));
  });
  addConvert(program, async (request, color) => {
    const { convertCommand } = await import('./commands/convert');
    setExit(await convertCommand(request, painted(color)));
  });
  addCheck(program, async (request, color) => {
    const { checkCommand } = await import('./commands/check');
    setExit(await checkCommand(request, painted(color)));
  });
  addDiff(program, async (request, color) => {
    const { diffCommand } = await import('./commands/diff');
    setExit(await diffCommand(request, painted(color)));
  });
  addTrace(program, async (request, color) => {
    const { traceCommand } = await import('./commands/trace');
    setExit(await traceCommand(request, painted(color)));
  });
  addVerify(program, async (request, color) => {
    const { verifyCommand } = await import('./commands/verify');
    setExit(await verifyCommand(request, painted(color)));
  });
  addExplain(program, async (request, color) => {
    const { explainCommand } = await import('./commands/explain');
    setExit(await explainCommand(request, painted(color)));
  });
  addCompletion(program, io);
  suggestChoices(program);
  useOptionsFile(program, { ...io, color: wantsColor('auto', terminal) });
  return program;
}

/** `--color` wins over `NO_COLOR` (any value but the empty one, no-color.org), which wins over the terminal. */
export function wantsColor(mode: ColorMode, { isTty, env }: Terminal): boolean {
  if (mode !== 'auto') return mode === 'always';
  return isTty && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

function createProgram(io: BaseIo): Command {
  const program = new Command('pmta2kumo')
    .description('Converts a PowerMTA configuration into a KumoMTA policy tree, and says what it could not convert.')
    .version(io.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--config-file <file>', `options from this TOML file, in place of a ${OPTIONS_FILE} that lies here`, path)
    .addOption(new Option('--no-config-file', `leave out a ${OPTIONS_FILE} that lies here`))
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({
      writeOut: io.stdout,
      writeErr: io.stderr,
      outputError: (text, write) => write(oneLine(text)),
    });
  addExamples(program, [
    { line: 'pmta2kumo audit /etc/pmta', does: 'how much converts, and what is left to do' },
    { line: 'pmta2kumo convert /etc/pmta -o policy', does: 'convert it' },
    { line: 'pmta2kumo check policy --source /etc/pmta', does: 'is the tree sound, and current?' },
    { line: 'pmta2kumo explain max-smtp-out', does: 'what becomes of a directive, or what a message means' },
    { line: 'pmta2kumo help convert', does: 'all options of a command, with examples' },
  ]);
  const codes = EXIT_CODES.map(([code, meaning]) => `  ${String(code).padEnd(3)}  ${meaning}`);
  return program.addHelpText('after', `\nExit codes:\n${codes.join('\n')}`);
}

/** Lets commander's message about a value that is none of the choices name the one that was meant. */
function suggestChoices(program: Command): void {
  const chosen = program.commands.flatMap(({ options, registeredArguments }) => [...options, ...registeredArguments]);
  for (const one of chosen) {
    const { argChoices } = one;
    if (argChoices === undefined) continue;
    one.argParser((value: string) => {
      if (argChoices.includes(value)) return value;
      const near = didYouMean(value, argChoices);
      throw new InvalidArgumentError(`Allowed choices are ${argChoices.join(', ')}${near === '' ? '.' : near}`);
    });
  }
}

/** Commander's message on one line, in the tool's form. Arguments in it are somebody's input. */
function oneLine(text: string): string {
  const [first = '', ...rest] = text.trim().split('\n');
  const message = [
    first.replace(/^error: /, ''),
    ...rest.map((line) => line.replace('(Did you mean', '(did you mean')),
  ].join(' ');
  return `pmta2kumo: ${visibleText(message)}; --help lists commands and options\n`;
}
