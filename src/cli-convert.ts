import { type Command, Option } from 'commander';
import { addExamples } from './cli-examples';
import {
  addColor,
  addConversion,
  addVerdict,
  CONFIG_HELP,
  type ColorMode,
  type CommonFlags,
  checkConversion,
  conflictChoice,
  path,
} from './cli-options';
import type { ConvertRequest } from './commands/convert';

type RunConvert = (request: ConvertRequest, color: ColorMode) => Promise<void>;

/** The options of `convert` as commander hands them over. */
type ConvertFlags = Omit<ConvertRequest, 'config' | 'out' | 'format'> &
  CommonFlags & { readonly output?: string; readonly format: 'text' | 'json' };

/** Adds `convert CONFIG -o DIR`. */
export function addConvert(program: Command, run: RunConvert): void {
  const command = program
    .command('convert')
    .description('write the policy tree and the migration report')
    .argument('<config>', CONFIG_HELP, path)
    .option('-o, --output <dir>', 'where to write the tree', path)
    .option('--dry-run', 'say what would be written, and write nothing', false)
    .addOption(
      new Option(
        '--conflicts <choice>',
        'where hand edits and the conversion do not go together: fail, mark both in the file, or take ours (the edit) or theirs; PATH=CHOICE for one file',
      )
        .argParser(conflictChoice)
        .default([], 'fail'),
    )
    .option('--force', 'take a folder that is not from here, and replace edited files; they stay in DIR.bak', false)
    .option('--keep-going', 'write the tree in spite of errors; the exit code stays 1', false)
    .option('--compare', 'run the tree, and compare both sides in migration.html; takes a second', false);
  addConversion(command);
  command.addOption(new Option('--format <format>', 'of the summary').choices(['text', 'json']).default('text'));
  addColor(command);
  addVerdict(command);
  addExamples(command, [
    { line: 'pmta2kumo convert /etc/pmta -o policy', does: 'write the tree and MIGRATION.md into policy/' },
    { line: 'pmta2kumo convert /etc/pmta --dry-run', does: 'what would be written, and what would be said' },
    {
      line: 'pmta2kumo convert etc-pmta/config --root etc-pmta -o policy',
      does: 'a copy of /etc/pmta; absolute includes are found',
    },
    {
      line: 'pmta2kumo convert /etc/pmta -o policy --conflicts ours',
      does: 'again, onto an edited tree; where both changed a line the edit wins',
    },
    { line: 'pmta2kumo convert pmta -o policy --target 2024.11.08', does: 'for an older release of KumoMTA' },
  ]);
  command.action(async (config: string, { output, color, ...flags }: ConvertFlags) => {
    if (output === undefined && !flags.dryRun) {
      command.error("error: option '-o, --output <dir>' is missing: it says where to write the tree");
    }
    checkConversion(command, flags);
    await run({ ...flags, config, ...(output === undefined ? {} : { out: output }) }, color);
  });
}
