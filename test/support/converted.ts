import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDiagnostics, type Diagnostics } from '../../src/diagnostics/diagnostic';
import type { Host } from '../../src/host';
import { diskHost } from '../../src/host-disk';
import { mxHostsOf } from '../../src/kumo/mx-groups';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import { loadTree } from '../../src/kumo/runtime/load-tree';
import type { MxLookup } from '../../src/kumo/runtime/mx';
import { type ConvertOptions, DEFAULT_OPTIONS } from '../../src/passes/pass';
import { type Conversion, convert } from '../../src/pipeline';
import { memoryHost } from './memory-host';

export const FIXTURES = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'fixtures');

export interface Converted {
  readonly conversion: Conversion;
  readonly diagnostics: Diagnostics;
  readonly files: ReadonlyMap<string, string>;
}

/** Converts a text, or several files by name. */
export function convertText(
  input: string | Readonly<Record<string, string>>,
  options: Partial<ConvertOptions> = {},
): Converted {
  const files = typeof input === 'string' ? { config: input } : input;
  const host = memoryHost(Object.fromEntries(Object.entries(files).map(([path, text]) => [`/in/${path}`, text])));
  return convertAt(host, '/in', options);
}

/** Converts a configuration on disk. */
export function convertPath(path: string, options: Partial<ConvertOptions> = {}): Converted {
  return convertAt(diskHost(), path, options);
}

function convertAt(host: Host, path: string, options: Partial<ConvertOptions>): Converted {
  const diagnostics = createDiagnostics();
  const conversion = convert(host, path, { ...DEFAULT_OPTIONS, ...options }, diagnostics);
  return { conversion, diagnostics, files: new Map(conversion.files.map((file) => [file.path, file.content])) };
}

/** Runs the emitted tree in Lua against the model of KumoMTA, with the built-in snapshot in place of DNS. */
export function loadConverted(
  converted: Converted,
  options: Partial<ConvertOptions> = {},
  mx: MxLookup = snapshot,
): Promise<LoadedTree> {
  const { installDir, target } = { ...DEFAULT_OPTIONS, ...options };
  return loadTree(converted.files, {
    installDir,
    target,
    mx,
  });
}

function snapshot(domain: string): ReturnType<MxLookup> {
  const hosts = mxHostsOf(domain);
  return hosts.length === 0 ? undefined : { hosts };
}

/** Every file below a folder, by relative path. */
export function readTree(folder: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, entry);
    if (statSync(path).isFile()) files[relative(folder, path)] = readFileSync(path, 'utf8');
  }
  return files;
}
