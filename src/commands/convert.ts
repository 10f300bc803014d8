import { countDiagnostics } from '../diagnostics/render';
import { expectedTables } from '../emit/expected';
import type { EmittedFile } from '../emit/file';
import { type ReleaseNeeds, releaseNeeds } from '../kumo/runtime/release-needs';
import type { Conversion } from '../pipeline';
import { type ConvertReport, convertJson, convertText } from '../report/convert-report';
import { migrationJson } from '../report/migration-json';
import { migrationMarkdown } from '../report/migration-markdown';
import { quoteTerminal } from '../report/quote-terminal';
import { type Migration, summarise } from '../report/summarise';
import type { CommandIo, ExitCode } from './command';
import { putTree, type TreeOutcome, type TreeRequest } from './convert-tree';
import { htmlReport } from './html-report';
import { createProgress, type Progress } from './progress';
import { type ConversionRequest, type Converted, isFailing, runConversion } from './run-conversion';
import { type TellFlags, tellDiagnostics } from './tell-diagnostics';

export interface ConvertRequest extends ConversionRequest, Omit<TreeRequest, keyof ConversionRequest>, TellFlags {
  readonly format: 'text' | 'json';
  /** Only what makes the run fail. */
  readonly quiet: boolean;
  /** Warnings fail. */
  readonly strict: boolean;
  /** Compare the effective settings of both sides in migration.html. */
  readonly compare: boolean;
}

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
  if (request.format === 'text') tellDiagnostics(shown, io, request);
  const summary = summarise(conversion);
  if (summary.total === 0) {
    io.stderr(`pmta2kumo: ${quoteTerminal(request.config)} holds no settings; nothing was written\n`);
    return 2;
  }
  const { renames, systemFiles } = conversion.policy;
  const copies = [...conversion.policy.copies.values()];
  tell('finding the release that the tree needs');
  const release = treeRelease(conversion, request);
  tell('making the reports');
  const migration: Migration = { summary, renames, copies, systemFiles, diagnostics, release };
  const files: readonly EmittedFile[] = [
    ...conversion.files,
    { path: 'MIGRATION.md', content: migrationMarkdown(migration), mode: 0o644, origins: [] },
    { path: 'migration.json', content: migrationJson(migration), mode: 0o644, origins: [] },
    await htmlReport(converted, migration, request),
  ];
  tell('writing');
  const failing = diagnostics.some((diagnostic) => isFailing(diagnostic, request));
  const outcome = failing && !request.keepGoing ? FAILING : await putTree(request, files, io);
  if (outcome === undefined) return 130;
  const { status } = outcome;
  if (request.format === 'text') tellDiagnostics(outcome.diagnostics, io, request);
  const all = [...diagnostics, ...outcome.diagnostics];
  say(request, { ...migration, diagnostics: all, files, status, installDir: request.installDir }, io);
  if (status.kind === 'unchecked') return 3;
  if (status.kind === 'refused' || status.kind === 'failed') return 2;
  return failing || outcome.diagnostics.length > 0 ? 1 : 0;
}

const FAILING: TreeOutcome = { status: { kind: 'failing-diagnostics' }, diagnostics: [] };

/** What release the tree needs. */
function treeRelease({ files, policy }: Conversion, { installDir, target }: ConvertRequest): ReleaseNeeds {
  const contents = new Map(files.map(({ path, content }) => [path, content]));
  return releaseNeeds(contents, expectedTables(policy), { installDir, target });
}

function say(request: ConvertRequest, report: ConvertReport, io: CommandIo): void {
  if (request.format === 'json') {
    io.stdout(convertJson(report));
    return;
  }
  if (!request.quiet) io.stdout(convertText(report, io.width));
  else if (report.status.kind === 'failing-diagnostics') {
    io.stderr(`pmta2kumo: nothing was written: ${countDiagnostics(report.diagnostics)}\n`);
  }
  const wasWritten = report.status.kind === 'written' || report.status.kind === 'unchanged';
  if (wasWritten && request.keepGoing && report.diagnostics.some((diagnostic) => isFailing(diagnostic, request))) {
    io.stderr(`pmta2kumo: written in spite of ${countDiagnostics(report.diagnostics)} (--keep-going)\n`);
  }
}
