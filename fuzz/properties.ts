import { auditOf } from '../src/audit/audit';
import { auditJson } from '../src/audit/audit-json';
import { sectionsText } from '../src/audit/render-text';
import { auditSections } from '../src/audit/sections';
import { totalOf } from '../src/audit/total';
import { createDiagnostics, type Diagnostics } from '../src/diagnostics/diagnostic';
import { emitFiles } from '../src/emit/emit';
import { verifyFiles } from '../src/emit/verify';
import { checkTree } from '../src/kumo/check/check-tree';
import { emptyPolicy } from '../src/kumo/model';
import type { Finding } from '../src/kumo/runtime/finding';
import { loadTree } from '../src/kumo/runtime/load-tree';
import { runPasses } from '../src/passes';
import { DEFAULT_OPTIONS, emptyEgress } from '../src/passes/pass';
import type { Conversion } from '../src/pipeline';
import { createLedger } from '../src/pmta/ledger';
import { resolveConfig } from '../src/pmta/resolve';
import type { FileNode } from '../src/syntax/ast';
import { decode } from '../src/syntax/decode';
import { loadConfig } from '../src/syntax/load';
import { printFile } from '../src/syntax/print';
import { memoryHost } from '../test/support/memory-host';
import { reportsOf, UNSAFE } from '../test/support/shown';
import { spansIn } from '../test/support/spans';
import type { Input } from './inputs';

/** A property that does not hold. `property` tells faults apart that are the same one found twice. */
export class Fault extends Error {
  constructor(
    readonly property: string,
    readonly detail: string,
  ) {
    super(`${property}: ${detail}`);
  }
}

/** How far an input is taken. Each layer goes on from the one before; a dear one is for some inputs only. */
export const LAYERS = [
  { name: 'read, print, resolve, lower', every: 1 },
  { name: 'emit, read back, repeat, report', every: 10 },
  { name: 'run in Lua', every: 100 },
  { name: 'check, audit', every: 1000 },
] as const;

/** The number of layers that the input with this number goes through. */
export function layersOf(index: number): number {
  return LAYERS.filter(({ every }) => index % every === 0).length;
}

/** What an input came to beyond its layers. */
export interface Passed {
  /** The conversion ended without an error, so that the tree was run. */
  readonly ran: boolean;
}

/** Puts an input through the first layers. Throws a Fault, or whatever the product throws. */
export async function examine(input: Input, layers: number): Promise<Passed> {
  const lowered = lower(input);
  if (layers < 2) return { ran: false };
  const conversion = emitted(input, lowered);
  if (layers < 3 || lowered.diagnostics.hasErrors) return { ran: false };
  const files = treeOf(conversion, input);
  const at = installed(input);
  const tree = await loadTree(files, at);
  tree.close();
  expectNoErrors('the tree does not load', tree.findings);
  if (layers < 4) return { ran: true };
  expectNoErrors('the tree does not pass the check', await checkTree(files, at));
  expectAudit(conversion, lowered.diagnostics, input);
  return { ran: true };
}

/** The tree when a person has copied what the report tells to copy into it. */
function treeOf({ files, policy }: Conversion, input: Input): ReadonlyMap<string, string> {
  const folder = `${installed(input).installDir}/`;
  const copied = [...policy.copies.keys()].filter((path) => path.startsWith(folder));
  return new Map([
    ...copied.map((path) => [path.slice(folder.length), ''] as const),
    ...files.map((file) => [file.path, file.content] as const),
  ]);
}

type Lowered = Omit<Conversion, 'files'> & { readonly diagnostics: Diagnostics };

function lower({ files, options }: Input): Lowered {
  const host = memoryHost(Object.fromEntries(Object.entries(files).map(([name, text]) => [`/in/${name}`, text])));
  const diagnostics = createDiagnostics();
  const ledger = createLedger();
  const loaded = loadConfig(host, '/in', {}, diagnostics);
  for (const node of loaded.files) {
    const bytes = host.read(`/in/${node.source.path}`);
    if (printFile(node) !== decode(bytes).text)
      throw new Fault('what is printed is not what was read', node.source.path);
    expectSpansInOrder(node);
  }
  const config = resolveConfig(loaded, ledger, diagnostics);
  const policy = emptyPolicy();
  const all = { ...DEFAULT_OPTIONS, ...options };
  runPasses({ config, egress: emptyEgress(), policy, ledger, diagnostics, options: all });
  const settled = ledger.entries().map(({ setting }) => setting.id);
  const read = config.settings.map(({ id }) => id);
  if (settled.join() !== read.join()) throw new Fault('not every setting has one outcome', `${read} and ${settled}`);
  expectPlaces(diagnostics);
  return { sources: loaded.files.map(({ source }) => source), config, policy, ledger, diagnostics };
}

function expectSpansInOrder({ source, items }: FileNode): void {
  let last = 0;
  for (const { start, end } of spansIn(items)) {
    if (start < last || end < start) throw new Fault('spans overlap', `${source.path} ${last} ${start} ${end}`);
    last = end;
  }
  if (last > source.text.length) throw new Fault('a span leaves its file', `${source.path} ${last}`);
}

function expectPlaces({ list }: Diagnostics): void {
  for (const { code, message, span, related } of list) {
    if (code === 'file-not-understood') throw new Fault('the parser gives up', message);
    if (message === '') throw new Fault('a diagnostic says nothing', code);
    for (const one of span === undefined ? related : [{ span }, ...related]) {
      const { start, end, source } = one.span;
      if (!(0 <= start && start <= end && end <= source.text.length))
        throw new Fault('a diagnostic points beyond its file', `${code} ${start} ${end}`);
    }
  }
}

function emitted(input: Input, lowered: Lowered): Conversion {
  const at = installed(input);
  const files = emitFiles(lowered.policy, at);
  for (const fault of verifyFiles(files, lowered.policy))
    throw new Fault('what was emitted cannot be read back', `${fault.path}:${fault.line} ${fault.message}`);
  const conversion = { ...lowered, files };
  const again = lower(input);
  if (JSON.stringify(emitFiles(again.policy, at)) !== JSON.stringify(files))
    throw new Fault('the same input gives another output', files.map(({ path }) => path).join(' '));
  if (told(again.diagnostics) !== told(lowered.diagnostics))
    throw new Fault('the same input gives other diagnostics', told(again.diagnostics));
  for (const [form, shown] of Object.entries(reportsOf({ conversion, diagnostics: lowered.diagnostics }))) {
    const unsafe = UNSAFE.exec(shown);
    if (unsafe !== null)
      throw new Fault('a report holds raw control characters', `${form} ${JSON.stringify(unsafe[0])}`);
  }
  return conversion;
}

function told({ list }: Diagnostics): string {
  return list.map(({ code, message, span }) => `${code} ${message} ${span?.start} ${span?.end}`).join('\n');
}

function installed({ options }: Input): { readonly installDir: string; readonly target: string } {
  const { installDir, target } = { ...DEFAULT_OPTIONS, ...options };
  return { installDir, target };
}

function expectNoErrors(property: string, findings: readonly Finding[]): void {
  const error = findings.find(({ severity }) => severity === 'error');
  if (error !== undefined) throw new Fault(`${property}: ${error.code}`, error.message);
}

function expectAudit(conversion: Conversion, diagnostics: Diagnostics, { options }: Input): void {
  const audit = auditOf('config', { ...conversion, mx: options.mx ?? DEFAULT_OPTIONS.mx }, diagnostics);
  const shown = sectionsText(auditSections(audit), { color: false, width: 80 }) + auditJson([audit], totalOf([audit]));
  const unsafe = UNSAFE.exec(shown);
  if (unsafe !== null) throw new Fault('the audit holds raw control characters', JSON.stringify(unsafe[0]));
}
