import type { Command } from 'commander';

/** A command line, and what it does. */
export interface Example {
  readonly line: string;
  readonly does: string;
}

const EXAMPLES = new WeakMap<Command, readonly Example[]>();

/** Ends the help of a command with examples, and keeps them for the manual page. */
export function addExamples(command: Command, examples: readonly Example[]): void {
  EXAMPLES.set(command, examples);
  const width = Math.max(...examples.map(({ line }) => line.length));
  const lines = examples.map(({ line, does }) => `  ${line.padEnd(width)}   ${does}`);
  command.addHelpText('after', `\n${examples.length === 1 ? 'Example' : 'Examples'}:\n${lines.join('\n')}`);
}

export function examplesOf(command: Command): readonly Example[] {
  return EXAMPLES.get(command) ?? [];
}

/** The same for every command. */
export const EXIT_CODES: readonly (readonly [number, string])[] = [
  [0, 'done, nothing at the failing level'],
  [1, 'errors (with --strict also warnings), or differences'],
  [2, 'wrong usage or environment: unreadable, unwritable, refused to overwrite'],
  [3, 'a validation that was asked for could not be carried out'],
  [130, 'interrupted; nothing is left half-written'],
];
