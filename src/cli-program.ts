import { Command, CommanderError, Option } from 'commander';
import { addAudit } from './cli-audit';
import { addCheck } from './cli-check';
import { addTrace, addVerify } from './cli-compare';
import { addExplain } from './cli-explain';
import {
  addColor,
  addConversion,
  addVerdict,
  CONFIG_HELP,
  type ColorMode,
  type CommonFlags,
  checkConversion,
  path,
} from './cli-options';
import type { CommandIo, ExitCode } from './commands/command';
import type { ConvertRequest } from './commands/convert';
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
  const program = createProgram(io);
  const painted = (mode: ColorMode): CommandIo => ({
    ...io,
    color: wantsColor(mode, terminal),
    isTerminal: terminal.isTty,
    outColor: wantsColor(mode, { ...terminal, isTty: terminal.outIsTty === true }),
  });
  addAudit(program, async (request, color) => {
    const { auditCommand } = await import('./commands/audit');
    exit = await auditCommand(request, painted(color));
  });
  addConvert(program, async (request, color) => {
    const { convertCommand } = await import('./commands/convert');
    exit = await convertCommand(request, painted(color));
  });
  addCheck(program, async (request, color) => {
    const { checkCommand } = await import('./commands/check');
    exit = await checkCommand(request, painted(color));
  });
  addTrace(program, async (request, color) => {
    const { traceCommand } = await import('./commands/trace');
    exit = await traceCommand(request, painted(color));
  });
  addVerify(program, async (request, color) => {
    const { verifyCommand } = await import('./commands/verify');
    exit = await verifyCommand(request, painted(color));
  });
  addExplain(program, async (request, color) => {
    const { explainCommand } = await import('./commands/explain');
    exit = await explainCommand(request, painted(color));
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exit;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}

/** `--color` wins over `NO_COLOR` (any value but the empty one, no-color.org), which wins over the terminal. */
export function wantsColor(mode: ColorMode, { isTty, env }: Terminal): boolean {
  if (mode !== 'auto') return mode === 'always';
  return isTty && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

function createProgram(io: BaseIo): Command {
  return new Command('pmta2kumo')
    .description('Converts a PowerMTA configuration into a KumoMTA policy tree, and says what it could not convert.')
    .version(io.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 findings, 2 wrong usage or environment, 3 a validation could not be carried out.',
    )
    .exitOverride()
    .configureOutput({
      writeOut: io.stdout,
      writeErr: io.stderr,
      outputError: (text, write) => write(oneLine(text)),
    });
}

type RunConvert = (request: ConvertRequest, color: ColorMode) => Promise<void>;

/** The options of `convert` as commander hands them over. */
type ConvertFlags = Omit<ConvertRequest, 'config' | 'out' | 'format'> &
  CommonFlags & { readonly output?: string; readonly format: 'text' | 'json' };

function addConvert(program: Command, run: RunConvert): void {
  const command = program
    .command('convert')
    .description('write the policy tree and the migration report')
    .argument('<config>', CONFIG_HELP, path)
    .option('-o, --output <dir>', 'where to write the tree', path)
    .option('--dry-run', 'say what would be written, and write nothing', false)
    .option('--force', 'replace a tree with files of others or edited ones; they are kept', false)
    .option('--keep-going', 'write the tree in spite of errors; the exit code stays 1', false);
  addConversion(command);
  command.addOption(new Option('--format <format>', 'of the summary').choices(['text', 'json']).default('text'));
  addColor(command);
  addVerdict(command);
  command.action(async (config: string, { output, color, ...flags }: ConvertFlags) => {
    if (output === undefined && !flags.dryRun) {
      command.error("error: option '-o, --output <dir>' is missing: it says where to write the tree");
    }
    checkConversion(command, flags);
    await run({ ...flags, config, ...(output === undefined ? {} : { out: output }) }, color);
  });
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
