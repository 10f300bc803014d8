import { Argument, type Command } from 'commander';
import { addExamples } from './cli-examples';
import type { CommandIo } from './commands/command';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** Adds `completion SHELL`, which prints a script made from the commands and options of the program itself. */
export function addCompletion(program: Command, io: Pick<CommandIo, 'stdout'>): void {
  const command = program
    .command('completion')
    .description('print a script with which the shell completes commands, options and their values')
    .addArgument(new Argument('<shell>', 'whose script').choices(SHELLS));
  addExamples(command, [
    { line: 'source <(pmta2kumo completion bash)', does: 'for this shell; in ~/.bashrc for all' },
    { line: 'pmta2kumo completion zsh > ~/.zfunc/_pmta2kumo', does: 'a folder that is in fpath' },
    { line: 'pmta2kumo completion fish > ~/.config/fish/completions/pmta2kumo.fish', does: 'where fish looks' },
  ]);
  command.action(async (shell: (typeof SHELLS)[number]) => {
    const { completionScript } = await import('./cli-completion-script');
    io.stdout(completionScript(program, shell));
  });
}
