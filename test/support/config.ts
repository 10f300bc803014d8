import { createDiagnostics, type Diagnostics } from '../../src/diagnostics/diagnostic';
import type { Host } from '../../src/host';
import { diskHost } from '../../src/host-disk';
import { createLedger, type Ledger } from '../../src/pmta/ledger';
import type { PmtaConfig } from '../../src/pmta/model';
import { resolveConfig } from '../../src/pmta/resolve';
import { loadConfig } from '../../src/syntax/load';
import { memoryHost } from './memory-host';

export interface ResolvedText {
  readonly config: PmtaConfig;
  readonly ledger: Ledger;
  readonly diagnostics: Diagnostics;
}

/**
 * Loads and resolves a configuration: the text of the main file, or several files by name beside it, the main one
 * being `config`.
 */
export function configOf(input: string | Readonly<Record<string, string>>): ResolvedText {
  const files = typeof input === 'string' ? { config: input } : input;
  const host = memoryHost(Object.fromEntries(Object.entries(files).map(([name, text]) => [`/etc/pmta/${name}`, text])));
  return resolveAt(host, '/etc/pmta');
}

/** Loads and resolves a configuration on disk. */
export function configAt(path: string): ResolvedText {
  return resolveAt(diskHost(), path);
}

function resolveAt(host: Host, path: string): ResolvedText {
  const diagnostics = createDiagnostics();
  const ledger = createLedger();
  const loaded = loadConfig(host, path, {}, diagnostics);
  return { config: resolveConfig(loaded, ledger, diagnostics), ledger, diagnostics };
}
