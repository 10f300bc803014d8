import type { Diagnostic } from '../diagnostics/diagnostic';
import type { EmittedFile } from '../emit/file';
import type { ConflictPolicy } from '../merge/decide';
import type { ConvertStatus } from '../report/convert-report';
import { quoteTerminal } from '../report/quote-terminal';
import type { CheckJob } from './check-files';
import { newErrors, type RunCheck } from './check-merge';
import type { CommandIo } from './command';
import { mergeDiagnostics } from './merge-diagnostics';
import type { Refused } from './target-folder';
import { type Planned, previewTree, type WriteOptions, type WriteResult, writeTree } from './write-tree';

/** Who wins where hand edits and the new conversion do not go together: for one path, or for all others. */
export interface ConflictChoice {
  readonly path?: string;
  readonly policy: ConflictPolicy;
}

export interface TreeRequest {
  /** Where to write; may be missing for a dry run only. */
  readonly out?: string;
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly keepGoing: boolean;
  /** The last one that fits a path counts. */
  readonly conflicts: readonly ConflictChoice[];
  readonly installDir: string;
  readonly target: string;
  readonly mxSnapshot?: string;
}

/** What became of the tree, and what has to be said of it. */
export interface TreeOutcome {
  readonly status: ConvertStatus;
  readonly diagnostics: readonly Diagnostic[];
}

/** Of the files in the way, this many are listed. */
const LISTED_FILES = 20;

/** Writes the tree, or for a dry run looks what would become of it; undefined when the user interrupted. */
export async function putTree(
  request: TreeRequest,
  files: readonly EmittedFile[],
  io: CommandIo,
): Promise<TreeOutcome | undefined> {
  const { out, dryRun, force } = request;
  if (out === undefined) return { status: { kind: 'dry-run' }, diagnostics: [] };
  const broken: Diagnostic[] = [];
  const { installDir, target, mxSnapshot } = request;
  const job = { installDir, target, ...(mxSnapshot === undefined ? {} : { mxSnapshot }) };
  const options: WriteOptions = {
    force,
    version: io.version,
    conflicts: (path) => policyFor(path, request.conflicts),
    onWait: ({ pid }) => io.stderr(`pmta2kumo: another run (process ${pid}) writes this tree; waiting for it\n`),
    async check(plan, dir) {
      const found = await newErrors(plan, dir, job, io.runCheck ?? ((one) => checkHere(one, io)));
      if (!request.keepGoing || typeof found === 'string') return found;
      broken.push(...(await mergeDiagnostics(dir, { ...plan, changes: [] }, found)));
      return [];
    },
  };
  const result = dryRun
    ? await previewTree(out, files, options)
    : await writeTree(out, files, { ...options, signal: io.interrupts() });
  const outcome = await outcomeOf(result, io);
  return outcome === undefined ? undefined : { ...outcome, diagnostics: [...outcome.diagnostics, ...broken] };
}

/** Loaded only where there is something to check: it holds a Lua interpreter. */
async function checkHere(job: CheckJob, io: CommandIo): ReturnType<RunCheck> {
  const { checkFiles } = await import('./check-files');
  return checkFiles(job, io);
}

function policyFor(path: string, choices: readonly ConflictChoice[]): ConflictPolicy {
  const own = choices.findLast((choice) => choice.path === path);
  return (own ?? choices.findLast((choice) => choice.path === undefined))?.policy ?? 'fail';
}

async function outcomeOf(result: WriteResult | Planned, io: CommandIo): Promise<TreeOutcome | undefined> {
  switch (result.kind) {
    case 'interrupted':
      io.stderr('pmta2kumo: interrupted; nothing was written\n');
      return undefined;
    case 'refused':
      io.stderr(refusedText(result));
      return { status: { kind: 'refused', directory: result.directory, reason: result.reason }, diagnostics: [] };
    case 'failed':
      io.stderr(`pmta2kumo: cannot write ${quoteTerminal(result.path)}: ${result.reason}\n`);
      return { status: { kind: 'failed', directory: result.path, reason: result.reason }, diagnostics: [] };
    case 'unchecked': {
      const reason = `whether the tree loads with the hand edits in it cannot be told: ${result.reason}`;
      io.stderr(`pmta2kumo: ${quoteTerminal(reason)}\n`);
      return { status: { kind: 'unchecked', directory: result.directory, reason }, diagnostics: [] };
    }
    default:
      return planOutcome(result, io);
  }
}

async function planOutcome(
  result: Exclude<WriteResult | Planned, { readonly kind: 'interrupted' | 'refused' | 'failed' | 'unchecked' }>,
  io: CommandIo,
): Promise<TreeOutcome> {
  const { directory, plan } = result;
  const { changes } = plan;
  const notices = 'notices' in result ? result.notices : [];
  for (const notice of notices) io.stderr(`pmta2kumo: ${quoteTerminal(notice)}\n`);
  const diagnostics = await mergeDiagnostics(directory, plan, result.kind === 'broken' ? result.findings : []);
  switch (result.kind) {
    case 'planned':
      return { status: { kind: 'dry-run', directory, changes }, diagnostics };
    case 'conflicted':
      return { status: { kind: 'conflict', directory, changes }, diagnostics };
    case 'broken':
      return { status: { kind: 'does-not-load', directory, changes }, diagnostics };
    case 'written': {
      const { unchanged, backup } = result;
      const status = { kind: unchanged ? 'unchanged' : 'written', directory, changes } as const;
      return { status: backup === undefined ? status : { ...status, backup }, diagnostics };
    }
  }
}

function refusedText({ directory, reason, foreign }: Refused): string {
  const listed = foreign.slice(0, LISTED_FILES).map((path) => `  ${quoteTerminal(path)}\n`);
  const more = foreign.length - listed.length;
  const rest = more > 0 ? `  … and ${more} more\n` : '';
  const help =
    foreign.length > 0
      ? '; --force writes the tree there, carries foreign files over and keeps the old tree as a backup'
      : '';
  return `pmta2kumo: ${quoteTerminal(directory)} is not replaced: ${quoteTerminal(reason)}${help}\n${listed.join('')}${rest}`;
}
