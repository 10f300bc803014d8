import { countDiagnostics, renderDiagnostics } from '../diagnostics/render';
import type { EmittedFile } from '../emit/file';
import { type ConvertReport, type ConvertStatus, convertJson, convertText } from '../report/convert-report';
import { migrationJson } from '../report/migration-json';
import { migrationMarkdown } from '../report/migration-markdown';
import { quoteTerminal } from '../report/quote-terminal';
import { type Migration, summarise } from '../report/summarise';
import type { CommandIo, ExitCode } from './command';
import { htmlReport } from './html-report';
import { createProgress, type Progress } from './progress';
import { type ConversionRequest, type Converted, isFailing, runConversion } from './run-conversion';
import type { Obstacle } from './tree-state';
import { checkTree, type WriteOptions, type WriteResult, writeTree } from './write-tree';

export interface ConvertRequest extends ConversionRequest {
  /** Where to write; may be missing for a dry run only. */
  readonly out?: string;
  readonly format: 'text' | 'json';
  /** Only what makes the run fail. */
  readonly quiet: boolean;
  /** Warnings fail. */
  readonly strict: boolean;
  readonly force: boolean;
  readonly keepGoing: boolean;
}

/** Of the files in the way, this many are listed. */
const LISTED_OBSTACLES = 20;

const OBSTACLE: Readonly<Record<Obstacle['why'], string>> = {
  foreign: 'not written by pmta2kumo',
  edited: 'edited since',
  secret: 'differs, and no hash of secrets is kept that could tell by whom',
};

/** Reads, converts, and writes the tree with its reports. */
export async function convertCommand(request: ConvertRequest, outside: CommandIo): Promise<ExitCode> {
  const progress = createProgress(outside, request.quiet);
  try {
    const converted = await runConversion(request, progress.io, progress.tell);
    if (converted === undefined) return 2;
    return await finishConvert(request, converted, progress);
  } finally {
    progress.end();
  }
}

/** Everything after the pipeline: reports, writing, what is said. */
async function finishConvert(request: ConvertRequest, converted: Converted, { io, tell }: Progress): Promise<ExitCode> {
  const { conversion } = converted;
  const diagnostics = converted.diagnostics.list;
  tell('making the reports');
  const shown = request.quiet ? diagnostics.filter((diagnostic) => isFailing(diagnostic, request)) : diagnostics;
  if (request.format === 'text') io.stderr(renderDiagnostics(shown, { color: io.color, width: io.width }));
  const summary = summarise(conversion);
  if (summary.total === 0) {
    io.stderr(`pmta2kumo: ${quoteTerminal(request.config)} holds no settings; nothing was written\n`);
    return 2;
  }
  const { renames, systemFiles } = conversion.policy;
  const copies = [...conversion.policy.copies.values()];
  tell('finding the release that the tree needs');
  const release = await treeRelease(conversion.files, request, io);
  tell('making the reports');
  const migration: Migration = { summary, renames, copies, systemFiles, diagnostics, ...release };
  const files: readonly EmittedFile[] = [
    ...conversion.files,
    { path: 'MIGRATION.md', content: migrationMarkdown(migration), mode: 0o644, origins: [] },
    { path: 'migration.json', content: migrationJson(migration), mode: 0o644, origins: [] },
    await htmlReport(converted, migration, request),
  ];
  tell('writing');
  const failing = diagnostics.some((diagnostic) => isFailing(diagnostic, request));
  const status = failing && !request.keepGoing ? FAILING : await putTree(request, files, io);
  if (status === undefined) return 130;
  const report: ConvertReport = { ...migration, files, status, installDir: request.installDir };
  say(request, report, io);
  if (status.kind === 'refused' || status.kind === 'failed') return 2;
  return failing ? 1 : 0;
}

/**
 * What release the tree needs. The model of KumoMTA that tells it is loaded only here: it holds a Lua interpreter, and
 * where that cannot be had the tree is written all the same.
 */
async function treeRelease(
  files: readonly EmittedFile[],
  { installDir, target }: ConvertRequest,
  io: CommandIo,
): Promise<Pick<Migration, 'release'>> {
  try {
    const { releaseNeeds } = await import('../kumo/runtime/release-needs');
    const contents = new Map(files.map(({ path, content }) => [path, content]));
    return { release: await releaseNeeds(contents, { installDir, target }) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    io.stderr(`pmta2kumo: which release of KumoMTA the tree needs cannot be told: ${quoteTerminal(reason)}\n`);
    return {};
  }
}

const FAILING: ConvertStatus = { kind: 'failing-diagnostics' };

/** Writes the tree, or for a dry run looks whether it could be; undefined when the user interrupted. */
async function putTree(
  request: ConvertRequest,
  files: readonly EmittedFile[],
  io: CommandIo,
): Promise<ConvertStatus | undefined> {
  const options: WriteOptions = { force: request.force, version: io.version };
  const wet = request.out !== undefined && !request.dryRun;
  if (wet) return statusOf(await writeTree(request.out, files, { ...options, signal: io.interrupts() }), io);
  const hindrance = request.out === undefined ? undefined : await checkTree(request.out, files, options);
  return hindrance === undefined ? { kind: 'dry-run' } : statusOf(hindrance, io);
}

function statusOf(result: WriteResult, io: CommandIo): ConvertStatus | undefined {
  switch (result.kind) {
    case 'interrupted':
      io.stderr('pmta2kumo: interrupted; nothing was written\n');
      return undefined;
    case 'written': {
      for (const notice of result.notices) io.stderr(`pmta2kumo: ${quoteTerminal(notice)}\n`);
      const { directory, unchanged, backup, kept } = result;
      return {
        kind: unchanged ? 'unchanged' : 'written',
        directory,
        kept,
        ...(backup === undefined ? {} : { backup }),
      };
    }
    case 'refused':
      io.stderr(refusedText(result.directory, result.reason, result.obstacles));
      return { kind: 'refused', directory: result.directory, reason: result.reason };
    case 'failed':
      io.stderr(`pmta2kumo: cannot write ${quoteTerminal(result.path)}: ${result.reason}\n`);
      return { kind: 'failed', directory: result.path, reason: result.reason };
  }
}

function refusedText(directory: string, reason: string, obstacles: readonly Obstacle[]): string {
  const listed = obstacles
    .slice(0, LISTED_OBSTACLES)
    .map(({ path, why }) => `  ${quoteTerminal(path)} (${OBSTACLE[why]})\n`);
  const more = obstacles.length - listed.length;
  const rest = more > 0 ? `  … and ${more} more\n` : '';
  const help =
    obstacles.length > 0
      ? '; --force replaces the tree, carries foreign files over and keeps the old tree as a backup'
      : '';
  return `pmta2kumo: ${quoteTerminal(directory)} is not replaced: ${quoteTerminal(reason)}${help}\n${listed.join('')}${rest}`;
}

function say(request: ConvertRequest, report: ConvertReport, io: CommandIo): void {
  if (request.format === 'json') {
    io.stdout(convertJson(report));
    return;
  }
  if (!request.quiet) io.stdout(convertText(report));
  else if (report.status.kind === 'failing-diagnostics') {
    io.stderr(`pmta2kumo: nothing was written: ${countDiagnostics(report.diagnostics)}\n`);
  }
  const wasWritten = report.status.kind === 'written' || report.status.kind === 'unchanged';
  if (wasWritten && report.diagnostics.some((diagnostic) => isFailing(diagnostic, request))) {
    io.stderr(`pmta2kumo: written in spite of ${countDiagnostics(report.diagnostics)} (--keep-going)\n`);
  }
}
