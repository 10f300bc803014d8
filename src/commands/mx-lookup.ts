import { Resolver } from 'node:dns/promises';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { HostError } from '../host';
import {
  BUILT_IN_MX,
  isMailHost,
  type MxRecords,
  type MxSnapshot,
  parseSnapshot,
  snapshotOf,
  snapshotText,
} from '../kumo/mx-snapshot';
import { quoteTerminal } from '../report/quote-terminal';
import type { CommandIo } from './command';
import { failureOf } from './environment';

export interface MxRequest {
  /** File of a snapshot, as given. */
  readonly mxSnapshot?: string;
  /** Ask DNS, and keep what it says in the file. */
  readonly resolveMx: boolean;
  readonly dryRun: boolean;
}

type MxIo = Pick<CommandIo, 'host' | 'stderr' | 'resolveMx'>;

/** At once: a resolver of an office must not take it for an attack. */
const PARALLEL = 16;

/** What the options say about mail exchangers; a text when the environment does not have it. `domains`: those to ask for. */
export async function mxSnapshot(
  request: MxRequest,
  io: MxIo,
  domains: () => readonly string[],
): Promise<MxSnapshot | string> {
  const known = readSnapshot(request, io);
  if (typeof known === 'string') return known;
  if (!request.resolveMx) return known.size === 0 ? BUILT_IN_MX : snapshotOf(known);
  const { records, failed } = await lookUp(domains(), io);
  if (failed.length > 0 && records.size === 0) return `--resolve-mx: no name server answers (${failed[0] ?? ''})`;
  if (failed.length > 0)
    io.stderr(`pmta2kumo: ${failed.length} domains could not be looked up; they keep what was known\n`);
  const merged = new Map([...known, ...records]);
  if (request.mxSnapshot === undefined || request.dryRun) return snapshotOf(merged);
  const path = resolve(request.mxSnapshot);
  try {
    writeFileSync(path, snapshotText(merged));
  } catch (error) {
    return `${quoteTerminal(path)}: ${failureOf(error, path).reason}`;
  }
  return snapshotOf(merged);
}

function readSnapshot({ mxSnapshot: file, resolveMx }: MxRequest, io: MxIo): MxRecords | string {
  if (file === undefined) return new Map();
  const path = resolve(file);
  // With --resolve-mx the file may be about to be made.
  if (resolveMx && io.host.stat(path) === undefined) return new Map();
  try {
    const parsed = parseSnapshot(new TextDecoder().decode(io.host.read(path)));
    return 'records' in parsed ? parsed.records : quoteTerminal(`--mx-snapshot: ${path} ${parsed.fault}`);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return `--mx-snapshot: ${quoteTerminal(path)}: ${error.reason}`;
  }
}

async function lookUp(
  domains: readonly string[],
  io: MxIo,
): Promise<{ readonly records: MxRecords; readonly failed: readonly string[] }> {
  const records = new Map<string, readonly (readonly [number, string])[]>();
  const failed: string[] = [];
  const waiting = [...domains];
  const ask = io.resolveMx ?? resolveByDns();
  const work = async (): Promise<void> => {
    for (let domain = waiting.pop(); domain !== undefined; domain = waiting.pop()) {
      const answer = await ask(domain);
      if (typeof answer === 'string') failed.push(answer);
      else if (answer.every(([, host]) => isMailHost(host))) records.set(domain, answer);
      else failed.push('a name that is no host name');
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return { records, failed };
}

/** MX records of a domain; a text when the question was not answered. */
export type ResolveMx = (domain: string) => Promise<readonly (readonly [number, string])[] | string>;

function resolveByDns(): ResolveMx {
  const resolver = new Resolver({ timeout: 3_000, tries: 2 });
  return async (domain) => {
    try {
      const answers = await resolver.resolveMx(domain);
      return answers.map(({ priority, exchange }) => [priority, exchange] as const);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      return code === 'ENODATA' || code === 'ENOTFOUND' ? [] : code;
    }
  };
}
