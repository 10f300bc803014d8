import { type Command, Option } from 'commander';
import { addExamples } from './cli-examples';
import {
  addColor,
  addConversion,
  CONFIG_HELP,
  type ColorMode,
  type CommonFlags,
  checkConversion,
  path,
} from './cli-options';
import { DIFF_FORMATS, DIFF_VIEWS, type DiffRequest } from './commands/diff-request';

type DiffFlags = Omit<DiffRequest, 'config' | 'dir'> & CommonFlags;

/** Adds `diff CONFIG DIR`. */
export function addDiff(program: Command, run: (request: DiffRequest, color: ColorMode) => Promise<void>): void {
  const command = program
    .command('diff')
    .description('what convert would change in a KumoMTA tree that exists, whoever wrote it; writes nothing')
    .argument('<config>', CONFIG_HELP, path)
    .argument('<dir>', 'the tree: a folder with init.lua', path)
    .addOption(
      new Option('--view <view>', 'differences of meaning, of text, or both').choices(DIFF_VIEWS).default('meaning'),
    )
    .addOption(
      new Option('--format <format>', 'of the report; unified is for patch -p1').choices(DIFF_FORMATS).default('text'),
    )
    .option('--stat', 'counts only', false)
    .option('--keep-going', 'compare in spite of errors of the configuration', false);
  addConversion(command);
  addColor(command);
  addExamples(command, [
    { line: 'pmta2kumo diff /etc/pmta policy', does: 'what would change, with what is risky first' },
    { line: 'pmta2kumo diff /etc/pmta policy --view text', does: 'the same as lines of files' },
    { line: 'pmta2kumo diff /etc/pmta policy --format unified | patch -p1 -d policy', does: 'take it over' },
  ]);
  command.action(async (config: string, dir: string, { color, ...flags }: DiffFlags) => {
    checkConversion(command, flags);
    await run({ ...flags, config, dir }, color);
  });
}
