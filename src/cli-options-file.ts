import { dirname, isAbsolute, join, normalize, resolve } from 'node:path';
import { type Command, CommanderError, type Option } from 'commander';
import type { CommandIo } from './commands/command';

/** Looked for in the current folder. */
export const OPTIONS_FILE = 'pmta2kumo.toml';

/** An options file as the command line names it, or as it was found. */
export interface OptionsFile {
  readonly path: string;
  /** Whether somebody asked for this file; one that only lies here may do less. */
  readonly isNamed: boolean;
}

type FileIo = Pick<CommandIo, 'host' | 'stderr' | 'color' | 'width'>;

/**
 * Gives every command the options of the file, unless the command line says otherwise. They are put in before the
 * command reads its arguments, so that those win.
 */
export function useOptionsFile(program: Command, io: FileIo): void {
  let used: OptionsFile | undefined;
  program.hook('preSubcommand', async (_program, command) => {
    if (program.args.some((argument) => argument === '--help' || argument === '-h')) return;
    used = chosenFile(program, io);
    if (used === undefined) return;
    const { applyOptionsFile } = await import('./cli-options-file-read');
    if (!applyOptionsFile(used, program, command, io)) throw new CommanderError(2, 'pmta2kumo.options-file', '');
  });
  program.hook('preAction', (_program, command) => {
    const names = command.options.filter((option) => command.getOptionValueSource(option.attributeName()) === 'config');
    if (used === undefined || names.length === 0 || command.opts()['quiet'] === true) return;
    io.stderr(`pmta2kumo: options from ${used.path}: ${names.map(({ long }) => long ?? '').join(', ')}\n`);
  });
}

function chosenFile(program: Command, { host }: FileIo): OptionsFile | undefined {
  const named: unknown = program.opts()['configFile'];
  if (named === false) return undefined;
  if (typeof named !== 'string') {
    return host.stat(resolve(OPTIONS_FILE)) === 'file' ? { path: OPTIONS_FILE, isNamed: false } : undefined;
  }
  if (host.stat(resolve(named)) === 'file') return { path: named, isNamed: true };
  return program.error(`error: option '--config-file <file>': there is no file ${named}`);
}

/** Options that replace files of others or start a program: they have to be asked for. */
const ASKED_FOR: ReadonlySet<string> = new Set(['--force', '--kumod']);

/**
 * Why a file that was not named may not set an option to a value; undefined where it may. Whoever runs the tool in
 * somebody else's folder must not have a program started or files elsewhere read or written.
 */
export function beyondReach({ isNamed }: OptionsFile, { long }: Option, path: string | undefined): string | undefined {
  if (isNamed) return undefined;
  if (ASKED_FOR.has(long ?? '')) return 'it replaces files of others or starts a program';
  if (path === undefined) return undefined;
  const leaves = isAbsolute(path) || normalize(path).split('/')[0] === '..';
  return leaves ? 'it leads out of the folder of the file' : undefined;
}

/** A path of the file as seen from here. */
export function fromHere({ path }: OptionsFile, value: string): string {
  return isAbsolute(value) || value === '' ? value : join(dirname(path), value);
}
