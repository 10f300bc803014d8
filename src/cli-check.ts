import { type Command, Option } from 'commander';
import { addExamples } from './cli-examples';
import {
  addColor,
  addConversion,
  addVerdict,
  type ColorMode,
  type CommonFlags,
  checkConversion,
  path,
} from './cli-options';
import { CHECK_FORMATS, type CheckRequest } from './commands/check-request';

type CheckFlags = Omit<CheckRequest, 'dir'> & CommonFlags;

/** Adds `check DIR`. */
export function addCheck(program: Command, run: (request: CheckRequest, color: ColorMode) => Promise<void>): void {
  const command = program
    .command('check')
    .description('check a KumoMTA policy tree, also one written by hand')
    .argument('<dir>', 'the folder with init.lua', path)
    .option('--source <config>', 'is the tree what this PowerMTA configuration converts to?', path)
    .option('--kumod [path]', 'let kumod --validate check it, too', path)
    .addOption(new Option('--format <format>', 'of the results').choices(CHECK_FORMATS).default('text'));
  addColor(command);
  addVerdict(command);
  command.optionsGroup('As they were given to convert (only the tree: --install-dir, --target, --mx-snapshot):');
  addConversion(command);
  addExamples(command, [
    { line: 'pmta2kumo check policy', does: 'does it compile, load and mean something?' },
    {
      line: 'pmta2kumo check policy --source pmta --strict',
      does: 'is it also what this PowerMTA configuration converts to?',
    },
    { line: 'pmta2kumo check /opt/kumomta/etc/policy --kumod', does: 'what does the installed KumoMTA say?' },
    { line: 'pmta2kumo check policy --source pmta --format github', does: 'annotations of a workflow' },
  ]);
  command.action(async (dir: string, { color, ...flags }: CheckFlags) => {
    checkConversion(command, flags);
    await run({ ...flags, dir }, color);
  });
}
