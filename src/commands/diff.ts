import { resolve } from 'node:path';
import type { Comparison } from '../changes/change';
import { compareTexts, type TextChange } from '../changes/text';
import type { Diagnostic } from '../diagnostics/diagnostic';
import { namedDomains } from '../pmta/domain-blocks';
import { vmtaSettings } from '../pmta/match';
import type { PmtaConfig } from '../pmta/model';
import { diffJson } from '../report/diff-json';
import { type DiffReport, diffText, patchText } from '../report/diff-report';
import { quoteTerminal } from '../report/quote-terminal';
import { checkFiles } from './check-files';
import type { CommandIo, ExitCode } from './command';
import { type DiffJob, diffFiles } from './diff-files';
import type { DiffRequest } from './diff-request';
import { passwordsIn, withoutPasswords } from './diff-secrets';
import { MANIFEST_PATH, readManifest } from './manifest';
import { type DiskTree, openTree } from './read-tree';
import { type Converted, holdsNothing, isFailing, runConversion } from './run-conversion';
import { tellDiagnostics } from './tell-diagnostics';
import { diagnosticsOf, readingFaults } from './tree-diagnostics';

/** Says what `convert` would change in a tree, by meaning and by text. Writes nothing. */
export async function diffCommand(given: DiffRequest, io: CommandIo): Promise<ExitCode> {
  const request: DiffRequest = given.format === 'unified' ? { ...given, view: 'text' } : given;
  const tree = openTree(request.dir, io);
  if (tree === undefined) return 2;
  const converted = await runConversion({ ...request, dryRun: true }, io);
  if (converted === undefined || holdsNothing(converted, request, io)) return 2;
  const failing = converted.diagnostics.list.filter((one) => isFailing(one, { strict: false }));
  tellDiagnostics(failing, io);
  if (failing.length > 0 && !request.keepGoing) {
    const config = quoteTerminal(request.config);
    io.stderr(`pmta2kumo: ${config} does not convert without errors; --keep-going compares in spite of them\n`);
    return 2;
  }
  const sides = sidesOf(converted, tree);
  const meaning = request.view === 'text' ? undefined : await meaningOf(request, converted, tree, sides, io);
  if (meaning === 'trouble') return 2;
  const diagnostics = [...failing, ...(meaning?.broken ?? [])];
  const report: DiffReport = {
    config: request.config,
    directory: request.dir,
    view: request.view,
    stat: request.stat,
    texts: compareTexts({ ...sides, before: tree.files }),
    kept: keptFiles(tree, sides),
    unread: [...tree.unread.keys()].filter((path) => !REPORT.test(path)).sort(),
    diagnostics,
    ...(meaning?.comparison === undefined ? {} : { comparison: meaning.comparison }),
  };
  return say(request, report, meaning?.broken !== undefined, io);
}

/** What both views compare. */
interface Sides {
  readonly after: ReadonlyMap<string, string>;
  readonly secret: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
  readonly passwords: readonly string[];
}

/** Reports tell of a conversion; they configure nothing. */
const REPORT = /^(?:MIGRATION\.md|migration\.(?:json|html)|\.pmta2kumo\.json)$/;

function sidesOf({ conversion }: Converted, tree: DiskTree): Sides {
  const after = new Map(conversion.files.map(({ path, content }) => [path, content] as const));
  const own = conversion.files.flatMap(({ path, mode }) => (mode === 0o600 ? [path] : []));
  const written = readManifest(tree.files.get(MANIFEST_PATH) ?? '');
  const gone = [...tree.files.keys()].filter((path) => written?.has(path) && !after.has(path) && !REPORT.test(path));
  return {
    after,
    secret: new Set([...tree.secret, ...own]),
    gone: new Set(gone),
    passwords: [...new Set([...passwordsIn(tree.files, tree.secret), ...passwordsIn(after, own)])],
  };
}

/** Files of the tree that `convert` would leave alone. */
function keptFiles(tree: DiskTree, { after, gone }: Sides): readonly string[] {
  return [...tree.files.keys()].filter((path) => !after.has(path) && !gone.has(path) && !REPORT.test(path)).sort();
}

interface Meaning {
  readonly comparison?: Comparison;
  /** What is wrong with a tree that could not be compared. */
  readonly broken?: readonly Diagnostic[];
}

async function meaningOf(
  request: DiffRequest,
  { conversion }: Converted,
  tree: DiskTree,
  { secret, gone, passwords }: Sides,
  io: CommandIo,
): Promise<Meaning | 'trouble'> {
  const { installDir, target, mxSnapshot } = request;
  const job: DiffJob = {
    before: tree.files,
    after: conversion.files,
    secret,
    gone,
    installDir,
    target,
    domains: namedDomains(conversion.config),
    authors: authorsOf(conversion.config),
    ...(mxSnapshot === undefined ? {} : { mxSnapshot }),
  };
  const compared = await (io.runDiff ?? ((wanted) => diffFiles(wanted, io)))(job);
  if (typeof compared === 'string') {
    io.stderr(`pmta2kumo: ${compared}\n`);
    return 'trouble';
  }
  if (compared.kind === 'compared') return { comparison: withoutPasswords(compared.comparison, passwords) };
  if (compared.which === 'after') {
    io.stderr(
      'pmta2kumo: the converted tree does not load in the model of KumoMTA; check tells more of a written one\n',
    );
    return 'trouble';
  }
  return { broken: await findingsOf(request, tree, compared.findings, io) };
}

/** The findings of `check`, since what stopped the comparison may only follow from something else. */
async function findingsOf(
  { dir, installDir, target, mxSnapshot }: DiffRequest,
  tree: DiskTree,
  known: Parameters<typeof diagnosticsOf>[0],
  io: CommandIo,
): Promise<readonly Diagnostic[]> {
  const job = {
    files: tree.files,
    dir: resolve(dir),
    installDir,
    target,
    ...(mxSnapshot === undefined ? {} : { mxSnapshot }),
  };
  const found = await (io.runCheck ?? ((wanted) => checkFiles(wanted, io)))(job);
  const findings = typeof found === 'string' || found.length === 0 ? known : found;
  const all = diagnosticsOf([...findings, ...readingFaults(tree)], tree, dir);
  return all.filter((one) => isFailing(one, { strict: false }));
}

function authorsOf(config: PmtaConfig): readonly string[] {
  const all = [undefined, ...config.virtualMtas.values()].flatMap((vmta) => vmtaSettings(config, vmta, 'domain-key'));
  const domains = all.flatMap(({ value }) => (value.kind === 'domain-key' ? [value.domain.toLowerCase()] : []));
  return [...new Set(domains)].filter((domain) => domain !== '*');
}

function say(request: DiffRequest, report: DiffReport, broken: boolean, io: CommandIo): ExitCode {
  const color = io.outColor === true;
  if (broken) {
    const found = report.diagnostics.filter(({ code }) => code.startsWith('tree-'));
    tellDiagnostics(found, io);
    const dir = quoteTerminal(request.dir);
    io.stderr(`pmta2kumo: ${dir} cannot be compared by meaning: it does not load; --view text compares its files\n`);
  }
  const texts: readonly TextChange[] = report.texts;
  if (request.format === 'json') io.stdout(diffJson(report));
  else if (request.format === 'unified') io.stdout(patchText(report, { color, visible: io.outIsTerminal === true }));
  else if (!broken || request.view === 'both') io.stdout(diffText(report, { color, width: io.width }));
  if (broken) return 2;
  const byMeaning = (report.comparison?.changes.length ?? 0) > 0;
  return byMeaning || (request.view !== 'meaning' && texts.length > 0) ? 1 : 0;
}
