import { posix } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ConflictChoice } from './commands/convert-tree';
import { compareReleases, isReleaseName, oldestRelease, releaseDate } from './kumo/api/release';
import type { ConflictPolicy } from './merge/decide';
import { type ConvertOptions, DEFAULT_OPTIONS } from './passes/pass';

const CONFLICT_POLICIES: readonly ConflictPolicy[] = ['fail', 'mark', 'ours', 'theirs'];

export type ColorMode = 'auto' | 'always' | 'never';

/** Flags that are no part of a request. */
export interface CommonFlags {
  readonly color: ColorMode;
}

/** What a configuration may be named by, for the help. */
export const CONFIG_HELP = "PowerMTA's main file, or the folder that holds it";

/** Oldest KumoMTA release that can make delivery reports (kumo.generate_rfc3464_message). */
const DSN_SINCE = '2025.10.06';

/** The options that decide what a configuration is converted to: those of every command that converts one. */
export function addConversion(command: Command): void {
  command
    .option('--root <dir>', 'where /etc/pmta was copied to', path)
    .option('--allow-outside <dir>', 'read includes from this folder too; may be given several times', paths)
    .option('--install-dir <dir>', 'where the tree will live', absolutePath, DEFAULT_OPTIONS.installDir)
    .option('--target <version>', 'KumoMTA release to write for', release, DEFAULT_OPTIONS.target)
    .addOption(
      new Option('--dkim <form>', "sign by KumoMTA's helper where it is enough, or always by PowerMTA's rule in Lua")
        .choices(['helper', 'lua'])
        .default(DEFAULT_OPTIONS.dkim),
    )
    .addOption(
      new Option('--pmta-defaults <mode>', "PowerMTA's defaults where KumoMTA's differ")
        .choices(['write', 'skip'])
        .default(DEFAULT_OPTIONS.pmtaDefaults),
    )
    .addOption(
      new Option(
        '--base-shaping <files>',
        "load KumoMTA's own shaping files below the tree's, with PowerMTA's limits over theirs",
      )
        .choices(['none', 'stock', 'community'])
        .default(DEFAULT_OPTIONS.baseShaping),
    )
    .option(
      '--mx-snapshot <file>',
      'which domains share mail exchangers (JSON: domain to [[preference, host], …])',
      path,
    )
    .option('--resolve-mx', 'ask DNS for it; what writes a tree also keeps the answers in that file', false)
    .option(
      '--redis <urls>',
      'count limits and rates for all nodes together, in Redis',
      redisUrls,
      DEFAULT_OPTIONS.redis,
    )
    .addOption(
      new Option('--acct-format <form>', "accounting files as PowerMTA's CSV, or as KumoMTA's JSON")
        .choices(['csv', 'json'])
        .default(DEFAULT_OPTIONS.acctFormat),
    )
    .option('--dsn', 'send delivery reports to senders, which KumoMTA does not by itself', false)
    .option('--allow-open-relay', 'relay for everybody where the input does', false);
}

/** Ends the program where the options of {@link addConversion} do not go together. */
export function checkConversion(
  command: Command,
  { redis, dsn, target }: Pick<ConvertOptions, 'redis' | 'dsn' | 'target'>,
): void {
  // init.lua is readable; and commander's own message would show the value.
  if (redis.some((url) => new URL(url).password !== '')) {
    command.error('error: --redis: init.lua is no place for a password; leave it out here and add it by hand');
  }
  if (dsn && compareReleases(DSN_SINCE, target) > 0) {
    command.error(`error: option '--dsn' needs KumoMTA ${DSN_SINCE}; '--target' asks for ${target}`);
  }
}

export function addColor(command: Command): void {
  command.addOption(
    new Option('--color <when>', 'colours in diagnostics').choices(['auto', 'always', 'never']).default('auto'),
  );
}

/** What fails, and how much is said about the rest. */
export function addVerdict(command: Command): void {
  command
    .option('--strict', 'warnings fail too', false)
    .option('--quiet', 'say only what makes the run fail', false)
    .option('--all', 'show each diagnostic, also where many are alike and told together', false);
}

/** An empty one is most likely a shell variable without a value, and must not become the current folder. */
export function path(value: string): string {
  if (value === '' || value.includes('\0')) throw new InvalidArgumentError('It has to be a path.');
  return value;
}

/** For an option or argument that may be given several times. */
export function paths(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), path(value)];
}

function absolutePath(value: string): string {
  if (!value.startsWith('/') || /[\p{Cc}]/u.test(value))
    throw new InvalidArgumentError('It has to be an absolute path.');
  return posix.normalize(value).replace(/(?<=.)\/$/, '');
}

/** `ours`, or `init.lua=ours`; what is given later adds to what was given before. */
export function conflictChoice(value: string, before: readonly ConflictChoice[]): readonly ConflictChoice[] {
  const at = value.lastIndexOf('=');
  const policy = CONFLICT_POLICIES.find((known) => known === value.slice(at + 1));
  if (policy === undefined || at === 0) {
    throw new InvalidArgumentError(`Allowed choices are ${CONFLICT_POLICIES.join(', ')}, or PATH= and one of them.`);
  }
  return [...before, at < 0 ? { policy } : { path: value.slice(0, at), policy }];
}

/** Comma-separated, as for kumo.configure_redis_throttles. */
function redisUrls(value: string): readonly string[] {
  return value.split(',').map((part) => {
    const url = URL.canParse(part) ? new URL(part) : undefined;
    if (url === undefined || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '')
      throw new InvalidArgumentError('It has to be redis://HOST[:PORT][/DB], several separated by commas.');
    return part;
  });
}

function release(value: string): string {
  if (!isReleaseName(value)) throw new InvalidArgumentError(`Releases are named like ${oldestRelease}.`);
  if (compareReleases(value, oldestRelease) < 0)
    throw new InvalidArgumentError(`The oldest release that can be written for is ${oldestRelease}.`);
  return releaseDate(value);
}
