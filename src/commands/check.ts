import { resolve } from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic';
import { githubAnnotations, githubNotice } from '../diagnostics/github';
import { junitReport } from '../diagnostics/junit';
import { sarifLog } from '../diagnostics/sarif';
import { type CheckReport, checkJson, checkText } from '../report/check-report';
import { toDeepJsonText } from '../report/json-text';
import { type CheckJob, checkFiles } from './check-files';
import { type KumodResult, runKumod } from './check-kumod';
import type { CheckRequest } from './check-request';
import { checkSource, type SourceResult } from './check-source';
import type { CommandIo, ExitCode } from './command';
import { type DiskTree, openTree } from './read-tree';
import { isFailing } from './run-conversion';
import { tellDiagnostics } from './tell-diagnostics';
import { diagnosticsOf, readingFaults } from './tree-diagnostics';

/** Checks a policy tree: does it compile, load, mean something, is it current, does kumod take it. */
export async function checkCommand(request: CheckRequest, io: CommandIo): Promise<ExitCode> {
  const dir = resolve(request.dir);
  const tree = openTree(request.dir, io);
  if (tree === undefined) return 2;
  const source = request.source === undefined ? undefined : await checkSource(request, tree, io);
  if (source === 'unreadable') return 2;
  const job = { files: tree.files, dir, installDir: request.installDir, target: request.target };
  const run = io.runCheck ?? ((wanted: CheckJob) => checkFiles(wanted, io));
  const own = await run(request.mxSnapshot === undefined ? job : { ...job, mxSnapshot: request.mxSnapshot });
  if (typeof own === 'string') {
    io.stderr(`pmta2kumo: ${own}\n`);
    return 2;
  }
  const kumod =
    request.kumod === undefined ? undefined : await runKumod(request.kumod, dir, request.installDir, tree, io);
  if (kumod === 'interrupted') {
    io.stderr('pmta2kumo: interrupted\n');
    return 130;
  }
  const findings = [...own, ...readingFaults(tree), ...(source?.findings ?? []), ...(kumod?.findings ?? [])];
  return say(request, tree, diagnosticsOf(findings, tree, request.dir), source, kumod, io);
}

function say(
  request: CheckRequest,
  tree: DiskTree,
  diagnostics: readonly Diagnostic[],
  source: SourceResult | undefined,
  kumod: KumodResult | undefined,
  io: CommandIo,
): ExitCode {
  const failing = diagnostics.some((one) => isFailing(one, request));
  const shown = request.quiet ? diagnostics.filter((one) => isFailing(one, request)) : diagnostics;
  if (request.format === 'text') tellDiagnostics(shown, io, request);
  const report: CheckReport = {
    directory: request.dir,
    files: tree.files.size,
    target: request.target,
    passed: !failing && kumod?.status !== 'not-run',
    diagnostics,
    ...(source === undefined ? {} : { source: { config: source.config, current: source.current } }),
    ...(kumod === undefined ? {} : { kumod }),
  };
  if (request.format !== 'text' || !request.quiet || !report.passed) io.stdout(documentOf(request, report, io));
  if (kumod?.status === 'not-run') return 3;
  return failing ? 1 : 0;
}

function documentOf(request: CheckRequest, report: CheckReport, io: CommandIo): string {
  const sets = [{ subject: request.dir, base: '', diagnostics: report.diagnostics }];
  switch (request.format) {
    case 'text':
      return checkText(report);
    case 'json':
      return checkJson(report);
    case 'sarif':
      return toDeepJsonText(sarifLog(io.version, 'check', sets));
    case 'junit':
      return junitReport('check', sets, (one) => isFailing(one, request));
    case 'github':
      return githubAnnotations(sets) + githubNotice('pmta2kumo check', checkText(report).trimEnd());
  }
}
