import { catalogue } from '../../diagnostics/catalogue';
import { createSource, positionAt } from '../../diagnostics/span';
import { mxHostsOf } from '../mx-groups';
import { createAnswers } from '../runtime/answers';
import { createContext } from '../runtime/create-context';
import { parseToml } from '../runtime/data-file';
import type { Finding } from '../runtime/finding';
import { scanJson } from '../runtime/json-places';
import { compileTree, type LoadOptions, loadParts, loadTsa } from '../runtime/load-tree';
import { collate } from './collate';
import { lintLua } from './lua-lint';
import { checkMeaning, type OutsideFile } from './meaning';
import { fromProbe, probeHandlers } from './probe';

export interface CheckOptions extends Pick<LoadOptions, 'installDir' | 'target' | 'mx' | 'budget' | 'watch'> {
  /** A file outside the tree, by absolute path; without it none can be seen. */
  readonly outside?: (path: string) => OutsideFile;
  /** Told what was found before anything of the tree runs, in case that it has to be ended. */
  readonly found?: (findings: readonly Finding[]) => void;
}

/**
 * Everything that can be said about a tree (paths relative to it → text): does it compile, does it load, does it mean
 * something. Findings come in the order of files and lines, each once. Never throws for anything the tree holds.
 */
export async function checkTree(
  files: ReadonlyMap<string, string>,
  options: CheckOptions,
): Promise<readonly Finding[]> {
  const load: LoadOptions = { mx: snapshotMx, ...options };
  const compiled = await compileTree(files, load);
  const unrun = [...compiled, ...dataFaults(files), ...lintFindings(files, load)];
  options.found?.(unrun);
  const findings = [...unrun, ...(await loadFindings(files, load, options.outside))];
  if (files.has('tsa_init.lua')) findings.push(...(await loadTsa(files, load)).findings);
  return collate(findings, files);
}

/** The built-in snapshot in place of DNS. */
function snapshotMx(domain: string): { readonly hosts: readonly string[] } | undefined {
  const hosts = mxHostsOf(domain);
  return hosts.length === 0 ? undefined : { hosts };
}

async function loadFindings(
  files: ReadonlyMap<string, string>,
  options: LoadOptions,
  outside: CheckOptions['outside'],
): Promise<readonly Finding[]> {
  // A tree of tsa-daemon alone has no init.lua.
  if (!files.has('init.lua')) return [];
  const parts = await loadParts(files, options);
  const { context, lua } = parts;
  try {
    const tree = createAnswers(parts);
    checkMeaning(parts, tree, outside ?? (() => ({ fault: 'unseen' })));
    const before = context.findings.list.length;
    if (!context.findings.list.some(({ code }) => code === 'tree-limit')) probeHandlers(parts, tree);
    return context.findings.list.flatMap((finding, index) => (index < before ? [finding] : fromProbe(finding)));
  } finally {
    lua.close();
  }
}

function lintFindings(files: ReadonlyMap<string, string>, options: LoadOptions): readonly Finding[] {
  const context = createContext(files, options);
  for (const path of files.keys()) {
    const file = path.endsWith('.lua') ? context.lua.file(path) : undefined;
    if (file !== undefined) lintLua(path, file, context);
  }
  return context.findings.list;
}

/** Every TOML and JSON file has to be one, whether something reads it or not. */
function dataFaults(files: ReadonlyMap<string, string>): readonly Finding[] {
  return [...files].flatMap(([path, text]) => {
    const fault = path.endsWith('.toml') ? tomlFault(text) : path.endsWith('.json') ? jsonFault(text) : undefined;
    if (fault === undefined) return [];
    const { message, ...place } = fault;
    const { severity } = catalogue['tree-file-syntax'];
    return [
      { code: 'tree-file-syntax' as const, severity, message: `${path} cannot be read: ${message}`, path, ...place },
    ];
  });
}

interface Fault {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

function tomlFault(text: string): Fault | undefined {
  const parsed = parseToml(text);
  return 'fault' in parsed ? { message: parsed.fault, line: parsed.line ?? 1, column: parsed.column ?? 1 } : undefined;
}

function jsonFault(text: string): Fault | undefined {
  const scan = scanJson(text);
  return 'fault' in scan ? { message: scan.fault, ...positionAt(createSource('', text), scan.at) } : undefined;
}
