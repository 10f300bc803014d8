import type { Command, Option } from 'commander';

/** What a value names, as far as a shell can complete it. */
export type ValueKind = 'file' | 'folder' | 'choice' | 'text';

export interface OptionOutline {
  /** `--format`; every option has one. */
  readonly long: string;
  /** `-o`. */
  readonly short?: string;
  /** `<format>`, or `[path]` where the value may be left out; missing where the option takes none. */
  readonly value?: string;
  readonly kind: ValueKind;
  readonly choices: readonly string[];
  readonly description: string;
  /** As it is written on the command line. */
  readonly preset?: string;
}

export interface CommandOutline {
  readonly name: string;
  readonly description: string;
  /** `<config>`, `[dir]`, `<config...>`. */
  readonly arguments: readonly {
    readonly name: string;
    readonly description: string;
    readonly choices: readonly string[];
  }[];
  readonly options: readonly OptionOutline[];
}

export interface ProgramOutline {
  readonly description: string;
  readonly commands: readonly CommandOutline[];
  /** Those that stand before or after any command. */
  readonly options: readonly OptionOutline[];
}

/** The program as data, so that completions and the manual page say what it really takes. */
export function outlineOf(program: Command): ProgramOutline {
  return {
    description: program.description(),
    commands: program.commands.map(outlineCommand),
    options: visibleOptions(program),
  };
}

function outlineCommand(command: Command): CommandOutline {
  return {
    name: command.name(),
    description: command.description(),
    arguments: command.registeredArguments.map((argument) => {
      const name = argument.name() + (argument.variadic ? '...' : '');
      return {
        name: argument.required ? `<${name}>` : `[${name}]`,
        description: argument.description,
        choices: argument.argChoices ?? [],
      };
    }),
    options: visibleOptions(command),
  };
}

function visibleOptions(command: Command): readonly OptionOutline[] {
  return command.createHelp().visibleOptions(command).map(outlineOption);
}

function outlineOption(option: Option): OptionOutline {
  const { flags, short, long, argChoices, description } = option;
  const value = /[<[][^>\]]*[>\]]/.exec(flags)?.[0];
  const preset: unknown = option.defaultValue;
  return {
    long: long ?? flags,
    ...(short === undefined ? {} : { short }),
    ...(value === undefined ? {} : { value }),
    kind: kindOf(option),
    choices: argChoices ?? [],
    description,
    ...(typeof preset === 'string' && preset !== '' ? { preset } : {}),
  };
}

const FILES: ReadonlySet<string> = new Set(['file', 'config', 'path']);

/** By what the value is called in the flags: `<dir>` is a folder of this machine, `<file>`, `<config>`, `[path]` a file. */
export function kindOf({ flags, long, argChoices }: Option): ValueKind {
  if (argChoices !== undefined) return 'choice';
  // It names a folder of the server that the tree is for.
  if (long === '--install-dir') return 'text';
  const value = /[<[]([^>\]]*)[>\]]/.exec(flags)?.[1];
  if (value === 'dir') return 'folder';
  return value !== undefined && FILES.has(value) ? 'file' : 'text';
}
