import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, type Option } from 'commander';
import { parse, TomlError } from 'smol-toml';
import { beyondReach, fromHere, type OptionsFile } from './cli-options-file';
import { kindOf } from './cli-outline';
import type { CommandIo } from './commands/command';
import { createDiagnostics, type Diagnostics } from './diagnostics/diagnostic';
import { didYouMean } from './diagnostics/likeness';
import { renderDiagnostics } from './diagnostics/render';
import { createSource, type Source, type Span } from './diagnostics/span';
import { type Host, HostError } from './host';
import { type KeyRanges, pathKey, tomlKeyRanges } from './kumo/runtime/toml-places';

/** Bytes; options take a few lines. */
const LARGEST = 2 ** 16;

interface Reading {
  readonly file: OptionsFile;
  readonly host: Host;
  readonly program: Command;
  /** Is given its options; the others' are only looked at, so that mistakes show early. */
  readonly command: Command;
  readonly diagnostics: Diagnostics;
  readonly spanOf: (path: readonly string[]) => Span | undefined;
}

/** What an option is set to, or why it cannot be. */
type Outcome = { readonly value: unknown } | { readonly wrong: string } | { readonly reach: string };

/** Reads the file and sets the options of the command; false when something is wrong with it, which is told then. */
export function applyOptionsFile(
  file: OptionsFile,
  program: Command,
  command: Command,
  io: Pick<CommandIo, 'host' | 'stderr' | 'color' | 'width'>,
): boolean {
  const diagnostics = createDiagnostics();
  const text = readText(file, io, diagnostics);
  if (text !== undefined) {
    const source = createSource(file.path, text);
    const document = readToml(source, diagnostics);
    const spanOf = spansOf(source, document === undefined ? new Map() : tomlKeyRanges(text));
    if (document !== undefined) readAll(document, { file, host: io.host, program, command, diagnostics, spanOf });
  }
  io.stderr(renderDiagnostics(diagnostics.list, io));
  return !diagnostics.hasErrors;
}

function readText(
  { path }: OptionsFile,
  { host }: Pick<CommandIo, 'host'>,
  diagnostics: Diagnostics,
): string | undefined {
  try {
    const bytes = host.read(resolve(path));
    if (bytes.length <= LARGEST) return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    diagnostics.report('options-file-unreadable', undefined, { path, reason: `it has more than ${LARGEST} bytes` });
  } catch (error) {
    if (!(error instanceof HostError) && !(error instanceof TypeError)) throw error;
    const reason = error instanceof HostError ? error.reason : 'it is not UTF-8';
    diagnostics.report('options-file-unreadable', undefined, { path, reason });
  }
  return undefined;
}

function readToml(source: Source, diagnostics: Diagnostics): Readonly<Record<string, unknown>> | undefined {
  try {
    return parse(source.text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const start = (source.lineStarts()[error.line - 1] ?? 0) + error.column - 1;
    const [reason = ''] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    diagnostics.report('options-file-syntax', { source, start, end: start + 1 }, { reason });
    return undefined;
  }
}

function spansOf(source: Source, ranges: KeyRanges): Reading['spanOf'] {
  return (path) => {
    const range = ranges.get(pathKey(path));
    return range === undefined ? undefined : { source, ...range };
  };
}

/** At the top, options of every command that has them; in a table, those of the command of that name. */
function readAll(document: Readonly<Record<string, unknown>>, reading: Reading): void {
  const { program, diagnostics, spanOf } = reading;
  const tables: [Command, Readonly<Record<string, unknown>>][] = [];
  for (const [key, value] of Object.entries(document)) {
    const owner = program.commands.find((command) => command.name() === key);
    if (owner !== undefined && isTable(value)) tables.push([owner, value]);
    else if (isTable(value)) {
      const near = didYouMean(
        key,
        program.commands.map((command) => command.name()),
      );
      diagnostics.report('options-file-key', spanOf([key]), { what: 'command', key, near });
    } else readOption([key], value, program.commands, reading);
  }
  // What a table says wins over the top.
  for (const [owner, table] of tables) {
    for (const [key, value] of Object.entries(table)) readOption([owner.name(), key], value, [owner], reading);
  }
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** Sets one option. Of several commands one has to take it; those that do not, as with a format, keep their own. */
function readOption(path: readonly string[], value: unknown, owners: readonly Command[], reading: Reading): void {
  const { diagnostics, spanOf, command } = reading;
  const key = path.at(-1) ?? '';
  const found = owners.flatMap((owner) => {
    const option = owner.options.find(({ long }) => long === `--${key}`);
    return option === undefined ? [] : [{ owner, option, outcome: outcomeOf(option, value, reading) }];
  });
  const [first] = found;
  if (first === undefined) {
    const names = owners.flatMap(({ options }) => options.map(({ long }) => long?.slice(2) ?? ''));
    const what = path.length === 1 ? 'option of any command' : `option of ${path[0]}`;
    diagnostics.report('options-file-key', spanOf(path), { what, key, near: didYouMean(key, names) });
    return;
  }
  if (!found.some(({ outcome }) => 'value' in outcome)) {
    const { outcome } = first;
    if ('reach' in outcome) diagnostics.report('options-file-reach', spanOf(path), { key, reason: outcome.reach });
    if ('wrong' in outcome) diagnostics.report('options-file-value', spanOf(path), { key, reason: outcome.wrong });
  }
  for (const { owner, option, outcome } of found) {
    if (owner === command && 'value' in outcome) {
      command.setOptionValueWithSource(option.attributeName(), outcome.value, 'config');
    }
  }
}

function outcomeOf(option: Option, value: unknown, { file, host }: Reading): Outcome {
  if (option.isBoolean() || (option.optional && typeof value === 'boolean')) {
    if (typeof value !== 'boolean') return { wrong: 'it has to be true or false' };
    const reach = value ? beyondReach(file, option, undefined, host) : undefined;
    return reach === undefined ? { value: value ? true : option.defaultValue } : { reach };
  }
  if (typeof value !== 'string' && typeof value !== 'number') return { wrong: 'it has to be a text, in quotes' };
  const kind = kindOf(option);
  const isPath = kind === 'file' || kind === 'folder';
  const text = isPath ? fromHere(file, String(value)) : String(value);
  const reach = beyondReach(file, option, isPath ? String(value) : undefined, host);
  if (reach !== undefined) return { reach };
  try {
    return { value: option.parseArg === undefined ? text : option.parseArg(text, undefined) };
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    return { wrong: error.message.replace(/\.$/, '') };
  }
}
