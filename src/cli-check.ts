import { type Command, Option } from 'commander';
import { absolutePath, type ColorMode, path, redisUrls, release } from './cli-options';
import type { CheckRequest } from './commands/check';
import { DEFAULT_OPTIONS } from './passes/pass';

type CheckFlags = Omit<CheckRequest, 'dir'> & { readonly color: ColorMode };

/** Adds `check DIR`. */
export function addCheck(program: Command, run: (request: CheckRequest, color: ColorMode) => Promise<void>): void {
  program
    .command('check')
    .description('check a KumoMTA policy tree, also one written by hand')
    .argument('<dir>', 'the folder with init.lua', path)
    .option('--source <config>', 'is the tree what this PowerMTA configuration converts to?', path)
    .option('--kumod [path]', 'let kumod --validate check it, too')
    .option('--install-dir <dir>', 'where the tree will live', absolutePath, DEFAULT_OPTIONS.installDir)
    .option('--target <version>', 'KumoMTA release it is for', release, DEFAULT_OPTIONS.target)
    .option('--mx-snapshot <file>', 'which domains share mail exchangers', path)
    .addOption(new Option('--format <format>', 'of the results').choices(['text', 'json']).default('text'))
    .addOption(
      new Option('--color <when>', 'colours in diagnostics').choices(['auto', 'always', 'never']).default('auto'),
    )
    .option('--strict', 'warnings fail too', false)
    .option('--quiet', 'say only what makes the run fail', false)
    .optionsGroup('With --source, as they were given to convert:')
    .option('--root <dir>', 'where /etc/pmta was copied to', path)
    .addOption(new Option('--dkim <form>', 'as for convert').choices(['helper', 'lua']).default(DEFAULT_OPTIONS.dkim))
    .addOption(
      new Option('--pmta-defaults <mode>', 'as for convert')
        .choices(['write', 'skip'])
        .default(DEFAULT_OPTIONS.pmtaDefaults),
    )
    .addOption(
      new Option('--base-shaping <files>', 'as for convert')
        .choices(['none', 'stock', 'community'])
        .default(DEFAULT_OPTIONS.baseShaping),
    )
    .option('--redis <urls>', 'as for convert', redisUrls, DEFAULT_OPTIONS.redis)
    .addOption(
      new Option('--acct-format <form>', 'as for convert').choices(['csv', 'json']).default(DEFAULT_OPTIONS.acctFormat),
    )
    .option('--dsn', 'as for convert', DEFAULT_OPTIONS.dsn)
    .option('--allow-open-relay', 'as for convert', false)
    .action(async (dir: string, { color, ...flags }: CheckFlags) => run({ ...flags, dir }, color));
}
