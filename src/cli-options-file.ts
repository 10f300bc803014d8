import { dirname, isAbsolute, join, normalize, resolve } from 'node:path';
import { type Command, CommanderError, type Option } from 'commander';
import type { CommandIo } from './commands/command';
import type { Host } from './host';

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

/** Options that have to be asked for, and why. */
const ASKED_FOR: ReadonlyMap<string, string> = new Map([
  ['--allow-outside', 'it reads files elsewhere'],
  ['--conflicts', 'it replaces edited files'],
  ['--force', 'it replaces files of others or starts a program'],
  ['--kumod', 'it replaces files of others or starts a program'],
]);

/**
 * Why a file that was not named may not set an option to a value; undefined where it may. Whoever runs the tool in
 * somebody else's folder must not have a program started or files elsewhere read or written.
 */
export function beyondReach(
  file: OptionsFile,
  { long }: Option,
  path: string | undefined,
  host: Host,
): string | undefined {
  if (file.isNamed) return undefined;
  const reason = ASKED_FOR.get(long ?? '');
  if (reason !== undefined || path === undefined) return reason;
  const leaves = isAbsolute(path) || normalize(path).split('/')[0] === '..' || isLinkedOut(file, path, host);
  return leaves ? 'it leads out of the folder of the file' : undefined;
}

/** Whether the path, or as much of it as is there, really lies elsewhere. */
function isLinkedOut(file: OptionsFile, path: string, host: Host): boolean {
  const folder = host.realPath(resolve(dirname(file.path)));
  const parts = normalize(path).split('/');
  const real = parts
    .map((_, index) => host.realPath(resolve(fromHere(file, parts.slice(0, parts.length - index).join('/')))))
    .find((found) => found !== undefined);
  if (folder === undefined || real === undefined) return false;
  return real !== folder && !real.startsWith(folder === '/' ? '/' : `${folder}/`);
}

/** A path of the file as seen from here. */
export function fromHere({ path }: OptionsFile, value: string): string {
  return isAbsolute(value) || value === '' ? value : join(dirname(path), value);
}
