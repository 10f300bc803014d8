import { Command, CommanderError, Option } from 'commander';
import { addCheck } from './cli-check';
import { absolutePath, type ColorMode, path, redisUrls, release } from './cli-options';
import type { CommandIo, ExitCode } from './commands/command';
import type { ConvertRequest } from './commands/convert';
import { visibleText } from './diagnostics/visible';
import { compareReleases } from './kumo/api/release';
import { DEFAULT_OPTIONS } from './passes/pass';

/** What decides about colours besides `--color`. */
export interface Terminal {
  /** Of the standard error. */
  readonly isTty: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

type BaseIo = Omit<CommandIo, 'color'>;

/** Oldest KumoMTA release that can make delivery reports (kumo.generate_rfc3464_message). */
const DSN_SINCE = '2025.10.06';

/**
 * Parses the arguments (without `node` and script) and runs the command, which is loaded only now. Wrong usage is
 * told in one line and gives 2.
 */
export async function runProgram(args: readonly string[], io: BaseIo, terminal: Terminal): Promise<ExitCode> {
  let exit: ExitCode = 0;
  const program = createProgram(io);
  addConvert(program, async (request, color) => {
    const { convertCommand } = await import('./commands/convert');
    exit = await convertCommand(request, { ...io, color: wantsColor(color, terminal) });
  });
  addCheck(program, async (request, color) => {
    const { checkCommand } = await import('./commands/check');
    exit = await checkCommand(request, { ...io, color: wantsColor(color, terminal) });
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
type ConvertFlags = Omit<ConvertRequest, 'config' | 'out' | 'format'> & {
  readonly output?: string;
  readonly format: 'text' | 'json';
  readonly color: ColorMode;
};

function addConvert(program: Command, run: RunConvert): void {
  const command = program
    .command('convert')
    .description('write the policy tree and the migration report')
    .argument('<config>', "PowerMTA's main file, or the folder that holds it", path)
    .option('-o, --output <dir>', 'where to write the tree', path)
    .option('--dry-run', 'say what would be written, and write nothing', false)
    .option('--force', 'replace a tree with files of others or edited ones; they are kept', false)
    .option('--keep-going', 'write the tree in spite of errors; the exit code stays 1', false)
    .option('--root <dir>', 'where /etc/pmta was copied to', path)
    .option('--install-dir <dir>', 'where the tree will live', absolutePath, DEFAULT_OPTIONS.installDir)
    .option('--target <version>', 'KumoMTA release to write for', release, DEFAULT_OPTIONS.target)
    .addOption(
      new Option('--dkim <form>', "sign by KumoMTA's helper where it is enough, or always by PowerMTA's rule in Lua")
        .choices(['helper', 'lua'])
        .default(DEFAULT_OPTIONS.dkim),
    )
    .addOption(
      new Option('--pmta-defaults <mode>', "PowerMTA's defaults where KumoMTA's differ")
        .choices(['write', 'skip'])
        .default(DEFAULT_OPTIONS.pmtaDefaults),
    )
    .addOption(
      new Option(
        '--base-shaping <files>',
        "load KumoMTA's own shaping files below the tree's, with PowerMTA's limits over theirs",
      )
        .choices(['none', 'stock', 'community'])
        .default(DEFAULT_OPTIONS.baseShaping),
    )
    .option(
      '--mx-snapshot <file>',
      'which domains share mail exchangers (JSON: domain to [[preference, host], …])',
      path,
    )
    .option('--resolve-mx', 'ask DNS for it, and keep the answers in that file', false)
    .option(
      '--redis <urls>',
      'count limits and rates for all nodes together, in Redis',
      redisUrls,
      DEFAULT_OPTIONS.redis,
    )
    .addOption(
      new Option('--acct-format <form>', "accounting files as PowerMTA's CSV, or as KumoMTA's JSON")
        .choices(['csv', 'json'])
        .default(DEFAULT_OPTIONS.acctFormat),
    )
    .option('--dsn', 'send delivery reports to senders, which KumoMTA does not by itself', false)
    .option('--allow-open-relay', 'relay for everybody where the input does', false)
    .addOption(new Option('--format <format>', 'of the summary').choices(['text', 'json']).default('text'))
    .addOption(
      new Option('--color <when>', 'colours in diagnostics').choices(['auto', 'always', 'never']).default('auto'),
    )
    .option('--strict', 'warnings fail too', false)
    .option('--quiet', 'say only what makes the run fail', false);
  command.action(async (config: string, { output, color, ...flags }: ConvertFlags) => {
    if (output === undefined && !flags.dryRun) {
      command.error("error: option '-o, --output <dir>' is missing: it says where to write the tree");
    }
    // init.lua is readable; and commander's own message would show the value.
    if (flags.redis.some((url) => new URL(url).password !== '')) {
      command.error('error: --redis: init.lua is no place for a password; leave it out here and add it by hand');
    }
    if (flags.dsn && compareReleases(DSN_SINCE, flags.target) > 0) {
      command.error(`error: option '--dsn' needs KumoMTA ${DSN_SINCE}; '--target' asks for ${flags.target}`);
    }
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
