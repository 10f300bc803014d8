import { catalogue } from '../diagnostics/catalogue';
import type { EmittedFile } from '../emit/file';
import type { Finding, FindingCode, Place } from '../kumo/runtime/finding';
import { quoteTerminal } from '../report/quote-terminal';
import type { CommandIo } from './command';
import { hashOf, MANIFEST_PATH, type ManifestFiles, readManifest } from './manifest';
import type { DiskTree } from './read-tree';
import { type ConversionRequest, runConversion } from './run-conversion';

export interface SourceRequest extends Omit<ConversionRequest, 'config' | 'dryRun'> {
  /** The configuration that the tree should come from. */
  readonly source?: string;
}

export interface SourceResult {
  readonly config: string;
  /** Every file of the tree is what the configuration converts to now. */
  readonly current: boolean;
  readonly findings: readonly Finding[];
}

/** Files that tell of the conversion and configure nothing. */
const REPORTS = ['MIGRATION.md', 'migration.html', 'migration.json', MANIFEST_PATH];

/** Converts again, and compares file by file; the manifest tells who changed what. */
export async function checkSource(
  request: SourceRequest,
  tree: DiskTree,
  io: CommandIo,
): Promise<SourceResult | 'unreadable'> {
  const config = request.source ?? '';
  const converted = await runConversion({ ...request, config, dryRun: true }, io);
  if (converted === undefined) return 'unreadable';
  const errors = converted.diagnostics.list.filter(({ severity }) => severity === 'error').length;
  if (errors > 0) {
    io.stderr(`pmta2kumo: ${quoteTerminal(config)} does not convert without errors; pmta2kumo convert shows them\n`);
  }
  const findings = compareTrees(converted.conversion.files, tree, config);
  return { config, current: findings.every(({ severity }) => severity === 'info'), findings };
}

function compareTrees(wanted: readonly EmittedFile[], tree: DiskTree, config: string): readonly Finding[] {
  const manifest = readManifest(tree.files.get(MANIFEST_PATH) ?? '');
  const names = new Set(wanted.map(({ path }) => path));
  const others = [...tree.files.keys()].filter((path) => !names.has(path) && !REPORTS.includes(path));
  return [
    ...wanted.flatMap((file) => compareFile(file, tree, manifest, config)),
    ...others.map((path) =>
      manifest?.has(path)
        ? finding('tree-differs', `${config} no longer converts to ${path}`, { path, line: 1 })
        : finding('tree-file-added', `${path} is not from ${config}`, { path, line: 1 }),
    ),
  ];
}

function compareFile(
  { path, content, mode }: EmittedFile,
  tree: DiskTree,
  manifest: ManifestFiles | undefined,
  config: string,
): readonly Finding[] {
  const found = tree.files.get(path);
  if (found === content) return [];
  if (found === undefined) {
    return [finding('tree-file-lacking', `${config} converts to a file ${path}, which the tree does not have`)];
  }
  const place = firstDifference(path, found, content);
  const written = manifest?.get(path);
  const drifted = written !== hashOf(Buffer.from(content));
  if (written !== undefined && written !== hashOf(Buffer.from(found))) {
    const edited = `${path} was edited by hand since it was written`;
    return drifted
      ? [finding('tree-edited', `${edited}, and ${config} converts to something else by now`, place)]
      : [finding('tree-hand-edits', `${edited}; for the rest it is what ${config} converts to`, place)];
  }
  const byWhom =
    written !== undefined
      ? `: ${config} changed since the tree was written`
      : mode === 0o600 && manifest !== undefined
        ? '; no hash of secrets is kept that could tell who changed it'
        : '';
  return [finding('tree-differs', `${path} differs from what ${config} converts to${byWhom}`, place)];
}

/** Where two texts part, in the first of them. */
function firstDifference(path: string, found: string, wanted: string): Place {
  let at = 0;
  while (at < found.length && found[at] === wanted[at]) at++;
  const before = found.slice(0, at).split('\n');
  return { path, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function finding(code: FindingCode, message: string, place: Partial<Place> = {}): Finding {
  return { code, severity: catalogue[code].severity, message, ...place };
}
