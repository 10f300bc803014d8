import { type Command, Option } from 'commander';
import { addExamples } from './cli-examples';
import { addColor, type ColorMode, type CommonFlags } from './cli-options';
import type { ExplainRequest } from './commands/explain';

type RunExplain = (request: ExplainRequest, color: ColorMode) => Promise<void>;
type ExplainFlags = Omit<ExplainRequest, 'word'> & CommonFlags;

/** Adds `explain CODE|DIRECTIVE`. */
export function addExplain(program: Command, run: RunExplain): void {
  const command = program
    .command('explain')
    .description('what a diagnostic or a PowerMTA directive means, and what becomes of it')
    .argument('<code|directive>', 'code of a diagnostic, or name of a directive or tag, in any case')
    .addOption(new Option('--format <format>', 'of the answer').choices(['text', 'json']).default('text'));
  addColor(command);
  addExamples(command, [
    { line: 'pmta2kumo explain tree-pool-undefined', does: 'what a diagnostic means, and what to do' },
    { line: 'pmta2kumo explain max-smtp-out', does: 'what becomes of a PowerMTA directive' },
    { line: "pmta2kumo explain '<virtual-mta>'", does: 'or of a tag' },
  ]);
  command.action(async (word: string, { color, ...flags }: ExplainFlags) => {
    await run({ ...flags, word }, color);
  });
}
