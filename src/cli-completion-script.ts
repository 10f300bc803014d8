import type { Command } from 'commander';
import { bashScript } from './cli-completion-bash';
import { fishScript } from './cli-completion-fish';
import { zshScript } from './cli-completion-zsh';
import { outlineOf } from './cli-outline';
import { catalogue } from './diagnostics/catalogue';
import { DIRECTIVES } from './directives/table';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** The script for a shell. It needs nothing but the shell, and starts the tool at no time. */
export function completionScript(program: Command, shell: keyof typeof SCRIPTS): string {
  return SCRIPTS[shell](outlineOf(program), explainable());
}

/** What `explain` takes: codes and directives; tags stand in brackets, which no shell takes unquoted. */
function explainable(): readonly string[] {
  const words = [...Object.keys(catalogue), ...DIRECTIVES.map(({ name }) => name)];
  return [...new Set(words)].filter((word) => /^[a-z][\w-]*$/.test(word)).sort();
}
