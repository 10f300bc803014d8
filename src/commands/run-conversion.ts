import { dirname, resolve } from 'node:path';
import { createDiagnostics, type Diagnostic, type Diagnostics } from '../diagnostics/diagnostic';
import { HostError } from '../host';
import { BUILT_IN_MX, type MxSnapshot } from '../kumo/mx-snapshot';
import type { ConvertOptions } from '../passes/pass';
import { type Conversion, convert } from '../pipeline';
import { namedDomains } from '../pmta/domain-blocks';
import { quoteTerminal } from '../report/quote-terminal';
import { summarise } from '../report/summarise';
import type { LoadOptions } from '../syntax/load';
import type { CommandIo } from './command';
import { type MxRequest, mxSnapshot } from './mx-lookup';
import type { TellProgress } from './progress';

/** What every command asks for that converts a configuration. */
export interface ConversionRequest extends Omit<ConvertOptions, 'mx'>, MxRequest {
  /** Main file of the configuration or its folder, as given. */
  readonly config: string;
  readonly root?: string;
  /** Folders outside the configuration's own from which it may include, as given. */
  readonly allowOutside?: readonly string[];
}

/** A conversion with what was said about it. */
export interface Converted {
  readonly conversion: Conversion;
  /** Later steps may add to them. */
  readonly diagnostics: Diagnostics;
  /** Which domains share mail exchangers. */
  readonly mx: MxSnapshot;
}

/** Which diagnostics make a run fail. */
export interface FailingLevel {
  /** Warnings fail. */
  readonly strict: boolean;
}

/** Reads and converts; what is unreadable is told on the standard error, and gives undefined. */
export async function runConversion(
  request: ConversionRequest,
  io: CommandIo,
  tell: TellProgress = () => {},
): Promise<Converted | undefined> {
  const { installDir, target, allowOpenRelay, dkim, dsn, pmtaDefaults, acctFormat, baseShaping, redis } = request;
  const folders = readFolders(request, io);
  if (folders === undefined) return undefined;
  const given: Omit<ConvertOptions, 'mx'> & LoadOptions = {
    installDir,
    target,
    allowOpenRelay,
    dkim,
    dsn,
    pmtaDefaults,
    baseShaping,
    redis,
    acctFormat,
    ...folders,
  };
  const diagnostics = createDiagnostics();
  try {
    const path = resolve(request.config);
    const mx = await mxSnapshot(request, io, () => {
      const first = convert(io.host, path, { ...given, mx: BUILT_IN_MX }, createDiagnostics(), tell);
      tell('asking for mail exchangers');
      return namedDomains(first.config);
    });
    if (typeof mx === 'string') {
      io.stderr(`pmta2kumo: ${mx}\n`);
      return undefined;
    }
    return { conversion: convert(io.host, path, { ...given, mx }, diagnostics, tell), diagnostics, mx };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    io.stderr(`pmta2kumo: ${quoteTerminal(error.path)}: ${quoteTerminal(error.reason)}\n`);
    return undefined;
  }
}

/** The folders that includes may come from, absolute; one that is none is told. */
function readFolders({ root, allowOutside = [] }: ConversionRequest, io: CommandIo): LoadOptions | undefined {
  const named = [
    ...(root === undefined ? [] : [{ option: '--root', folder: resolve(root) }]),
    ...allowOutside.map((folder) => ({ option: '--allow-outside', folder: resolve(folder) })),
  ];
  const wrong = named.find(({ folder }) => io.host.stat(folder) !== 'directory');
  if (wrong !== undefined) {
    io.stderr(`pmta2kumo: ${wrong.option}: ${quoteTerminal(wrong.folder)} is not a folder\n`);
    return undefined;
  }
  return {
    ...(root === undefined ? {} : { root: resolve(root) }),
    ...(allowOutside.length === 0 ? {} : { allowOutside: allowOutside.map((folder) => resolve(folder)) }),
  };
}

/** Whether there is nothing to look at, which is told. */
export function holdsNothing(
  { conversion }: Converted,
  { config }: Pick<ConversionRequest, 'config'>,
  io: CommandIo,
): boolean {
  if (summarise(conversion).total > 0) return false;
  io.stderr(`pmta2kumo: ${quoteTerminal(config)} holds no settings\n`);
  return true;
}

/** The absolute folder that relative paths of the configuration's sources start from. */
export function configFolder(config: string, io: CommandIo): string {
  const path = resolve(config);
  return io.host.stat(path) === 'directory' ? path : dirname(path);
}

/** Whether a diagnostic makes the run fail: errors do, and warnings where it is strict. */
export function isFailing({ severity }: Diagnostic, { strict }: FailingLevel): boolean {
  return severity === 'error' || (strict && severity === 'warning');
}
