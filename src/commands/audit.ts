import { relative } from 'node:path';
import { type Audit, auditOf } from '../audit/audit';
import { auditJson } from '../audit/audit-json';
import { sectionsMarkdown } from '../audit/render-markdown';
import { sectionsText } from '../audit/render-text';
import { auditSections, totalSections } from '../audit/sections';
import { totalOf } from '../audit/total';
import { githubAnnotations, githubNotice } from '../diagnostics/github';
import { junitReport } from '../diagnostics/junit';
import type { DiagnosticSet } from '../diagnostics/located';
import { sarifLog } from '../diagnostics/sarif';
import { toDeepJsonText } from '../report/json-text';
import { quoteTerminal } from '../report/quote-terminal';
import { percent } from '../report/summarise';
import type { AuditRequest } from './audit-request';
import type { CommandIo, ExitCode } from './command';
import { configFolder, isFailing, runConversion } from './run-conversion';
import { tellDiagnostics } from './tell-diagnostics';

/**
 * Says how much of each configuration converts and what is left to do. Writes nothing. A configuration that cannot be
 * read or is empty ends the run with 2 and without a report: a total that lacks one would be quoted all the same.
 */
export async function auditCommand(request: AuditRequest, io: CommandIo): Promise<ExitCode> {
  const audits: (Audit | undefined)[] = [];
  for (const config of request.configs) audits.push(await auditOne(request, config, io));
  const done = audits.filter((audit) => audit !== undefined);
  if (done.length < audits.length) return 2;
  tellAll(request, done, io);
  if (!request.quiet || request.format !== 'text') io.stdout(reportOf(request, done, io));
  return done.some(({ diagnostics }) => diagnostics.some((one) => isFailing(one, request))) ? 1 : 0;
}

async function auditOne(request: AuditRequest, config: string, io: CommandIo): Promise<Audit | undefined> {
  // A dry run, so that not even what DNS answered is written.
  const converted = await runConversion({ ...request, config, dryRun: true }, io);
  if (converted === undefined) return undefined;
  if (converted.conversion.config.settings.length === 0) {
    io.stderr(`pmta2kumo: ${quoteTerminal(config)} holds no settings\n`);
    return undefined;
  }
  return auditOf(config, { ...converted.conversion, mx: converted.mx }, converted.diagnostics);
}

/** Findings of the second opinion are in the report; with `--quiet` there is none, and what fails has to be told. */
function tellAll(request: AuditRequest, audits: readonly Audit[], io: CommandIo): void {
  if (request.format !== 'text') return;
  for (const { config, findings, diagnostics } of audits) {
    const reported = new Set(findings.map(({ code }) => code));
    const shown = diagnostics.filter((one) =>
      request.quiet ? isFailing(one, request) : one.severity === 'error' || !reported.has(one.code),
    );
    if (shown.length > 0 && audits.length > 1) io.stderr(`${quoteTerminal(config)}:\n\n`);
    tellDiagnostics(shown, io, request);
  }
}

function reportOf(request: AuditRequest, audits: readonly Audit[], io: CommandIo): string {
  const total = totalOf(audits);
  const sets = (): readonly DiagnosticSet[] => audits.map((audit) => setOf(audit, io));
  const sections = () => [...audits.flatMap(auditSections), ...(audits.length > 1 ? totalSections(total) : [])];
  switch (request.format) {
    case 'text':
      return sectionsText(sections(), { color: io.outColor === true, width: io.width });
    case 'markdown':
      return sectionsMarkdown(sections());
    case 'json':
      return auditJson(audits, total);
    case 'sarif':
      return toDeepJsonText(sarifLog(io.version, 'audit', sets()));
    case 'junit':
      return junitReport('audit', sets(), (diagnostic) => isFailing(diagnostic, request));
    case 'github': {
      const { automatic, total: settings } = total.share;
      const share = `${automatic} of ${settings} settings (${percent(automatic, settings)} %) convert by themselves`;
      return githubAnnotations(sets()) + githubNotice('pmta2kumo audit', share);
    }
  }
}

/** Paths from the current folder, where the repository is checked out in a workflow. */
function setOf({ config, diagnostics }: Audit, io: CommandIo): DiagnosticSet {
  const folder = relative('', configFolder(config, io));
  return { subject: config, base: folder === '' ? '' : `${folder}/`, diagnostics };
}
