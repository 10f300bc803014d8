import { createHash } from 'node:crypto';
import type { EmittedFile } from '../emit/file';
import { quoteJson } from '../report/json-text';

/** Name of the manifest inside the tree. */
export const MANIFEST_PATH = '.pmta2kumo.json';
/** Folder of the tool's own inside the tree; what stands in it configures nothing. */
export const OWN_FOLDER = '.pmta2kumo';
const SCHEMA = 'pmta2kumo.manifest/1';
/** Reports for programs and browsers: they are made anew, never merged. */
const UNMERGED = /^migration\.(?:json|html)$/;

/** What the manifest of a tree on disk says about its files: path → hash, or undefined for secret files. */
export type ManifestFiles = ReadonlyMap<string, string | undefined>;

/**
 * The manifest of a tree: tool version, hash of each file, source map (file → emitted line → places in the input).
 * Secret files are named without a hash, since the hash of a short secret can be guessed. The same files give the
 * same bytes.
 */
export function manifestOf(files: readonly EmittedFile[], version: string): EmittedFile {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const entries = sorted.map((file) =>
    isSecret(file)
      ? `    ${quoteJson(file.path)}: { "mode": "0600", "secret": true }`
      : `    ${quoteJson(file.path)}: { "mode": "0644", "sha256": "${hashOf(Buffer.from(file.content))}" }`,
  );
  const maps = sorted.filter((file) => file.origins.length > 0).map(sourceMapOf);
  const content = [
    '{',
    `  "schema": "${SCHEMA}",`,
    `  "version": ${quoteJson(version)},`,
    '  "files": {',
    entries.join(',\n'),
    '  },',
    '  "sourceMap": {',
    maps.join(',\n'),
    '  }',
    '}',
    '',
  ].join('\n');
  return { path: MANIFEST_PATH, content, mode: 0o644, origins: [] };
}

/** Where the text is kept that a conversion generated for a path, in forward slashes inside the tree. */
export function baseOf(path: string): string {
  return `${OWN_FOLDER}/base/${path}`;
}

/**
 * What was generated, kept beside what people may edit, so that both can be merged with a later conversion. Secrets are
 * never written to a second place.
 */
export function basesOf(files: readonly EmittedFile[]): readonly EmittedFile[] {
  return files
    .filter((file) => !isSecret(file) && !UNMERGED.test(file.path))
    .map(({ path, content }) => ({ path: baseOf(path), content, mode: 0o644, origins: [] }));
}

/** Reads a manifest's text; undefined when it is none, or not one that this tool understands. */
export function readManifest(text: string): ManifestFiles | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(parsed) || parsed['schema'] !== SCHEMA || !isObject(parsed['files'])) return undefined;
  const files = new Map<string, string | undefined>();
  for (const [path, entry] of Object.entries(parsed['files'])) {
    const hash = isObject(entry) ? entry['sha256'] : undefined;
    files.set(path, typeof hash === 'string' ? hash : undefined);
  }
  return files;
}

/** SHA-256 in hexadecimal. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function isSecret(file: EmittedFile): boolean {
  return file.mode === 0o600;
}

function sourceMapOf(file: EmittedFile): string {
  const byLine = new Map<number, Set<string>>();
  for (const { line, places } of file.origins) byLine.set(line, new Set([...(byLine.get(line) ?? []), ...places]));
  const lines = [...byLine]
    .sort(([a], [b]) => a - b)
    .map(([line, places]) => `      "${line}": ${quoteJson([...places])}`);
  return `    ${quoteJson(file.path)}: {\n${lines.join(',\n')}\n    }`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
