import { posix } from 'node:path';
import type { Diagnostics } from '../diagnostics/diagnostic';
import { createSource, type Span } from '../diagnostics/span';
import { type Host, HostError } from '../host';
import type { Directive, FileNode, Item } from './ast';
import { decode } from './decode';
import { createBudget } from './glob';
import { createFence } from './include-fence';
import { displayPath } from './include-paths';
import { parseFile } from './parse';
import {
  type IncludePlaces,
  includedFrom,
  type Link,
  reportLimit,
  reportOutside,
  resolveInclude,
} from './resolve-include';

/** The main file, `config-defaults` when it stands beside it, and what they include. */
export interface LoadedConfig {
  /** Main file first, `config-defaults` last; each is read with its includes in place. */
  readonly roots: readonly FileNode[];
  /**
   * Files that an `include` line brings in, in order; empty when none was found (then diagnosed). A file included twice
   * is one node. Following the map never leads back to a file, and gives 10,000 files, 256 MiB and 32 levels at most.
   */
  readonly includes: ReadonlyMap<Directive, readonly FileNode[]>;
  /** Every file read, each once, main file first. */
  readonly files: readonly FileNode[];
}

export interface LoadOptions {
  /** Absolute path of what `/etc/pmta` was copied to; the folder of the main file when absent. */
  readonly root?: string;
  /** Absolute folders from which includes may come besides the main file's own and the root. */
  readonly allowOutside?: readonly string[];
}

const MAX_DEPTH = 32;
const MAX_FILES = 10_000;
const MAX_BYTES = 256 * 2 ** 20;
const MAIN_NAME = 'config';
const DEFAULTS_NAME = 'config-defaults';

/** A file with everything it includes, counted as often as it is included: ten lines can stand for a million. */
interface Weighed {
  readonly node: FileNode;
  readonly files: number;
  readonly bytes: number;
  /** Levels, the file itself included. */
  readonly depth: number;
}

interface Loading extends IncludePlaces {
  readonly known: Map<string, Weighed>;
  readonly includes: Map<Directive, readonly FileNode[]>;
  readonly files: FileNode[];
  readonly chain: Link[];
  bytes: number;
}

/**
 * Reads a configuration with its includes. `path` is absolute: the main file, or the folder that holds it as `config`.
 * Throws a HostError when the main file cannot be read; everything else becomes a diagnostic (`include-*`, `encoding`,
 * `not-text`, and those of `parseFile`).
 */
export function loadConfig(host: Host, path: string, options: LoadOptions, diagnostics: Diagnostics): LoadedConfig {
  const inFolder = host.stat(path) === 'directory';
  const mainPath = posix.normalize(inFolder ? posix.join(path, MAIN_NAME) : path);
  if (host.stat(mainPath) === 'other') throw new HostError(mainPath, 'it is not a regular file');
  const mainFolder = posix.dirname(mainPath);
  const { root = mainFolder, allowOutside = [] } = options;
  const fence = createFence(host, [mainFolder, root, ...allowOutside]);
  // Who names a file means it, wherever it is a link to; a folder may be somebody else's.
  if (inFolder && host.stat(mainPath) !== undefined && !fence.admits(mainPath))
    throw new HostError(mainPath, 'it is a link out of its folder; name the file itself, or use --allow-outside');
  const loading: Loading = {
    host,
    mainFolder,
    root,
    fence,
    budget: createBudget(),
    diagnostics,
    known: new Map(),
    includes: new Map(),
    files: [],
    chain: [],
    bytes: 0,
  };
  const main = readFile(loading, { path: mainPath });
  if (main === undefined) throw new HostError(mainPath, 'it is larger than 256 MiB');
  const roots = [main.node];
  const defaults = posix.basename(mainPath) === MAIN_NAME ? readDefaults(loading) : undefined;
  if (defaults !== undefined) roots.push(defaults.node);
  return { roots, includes: loading.includes, files: loading.files };
}

/** `config-defaults` counts without being included (language.md 1), unless somebody included it already. */
function readDefaults(loading: Loading): Weighed | undefined {
  const path = posix.join(loading.mainFolder, DEFAULTS_NAME);
  if (loading.known.has(path) || loading.host.stat(path) === undefined) return undefined;
  if (!loading.fence.admits(path)) {
    reportOutside(loading, path, undefined);
    return undefined;
  }
  return readIncluded(loading, { path }, undefined);
}

/** Reads, parses and follows one file. Undefined (then diagnosed) when it is over a limit; throws a HostError. */
function readFile(loading: Loading, link: Link): Weighed | undefined {
  const { host, diagnostics, files } = loading;
  const bytes = host.read(link.path);
  const name = displayPath(link.path, loading.mainFolder);
  if (loading.bytes + bytes.length > MAX_BYTES) {
    reportLimit(loading.diagnostics, name, link.directive?.valueSpan, '256 MiB');
    // Nothing more is read: whoever brings in one endless file may bring in thousands.
    loading.bytes = MAX_BYTES;
    return undefined;
  }
  loading.bytes += bytes.length;
  const { text, foreignAt, binary } = decode(bytes);
  const source = createSource(name, text);
  if (binary) diagnostics.report('not-text', { source, start: 0, end: 0 }, { path: name });
  if (foreignAt !== undefined) diagnostics.report('encoding', { source, start: foreignAt, end: foreignAt + 1 }, {});
  const node = parseFile(source, diagnostics);
  files.push(node);
  const weighed = followIncludes(loading, link, node, bytes.length);
  loading.known.set(link.path, weighed);
  return weighed;
}

function followIncludes(loading: Loading, link: Link, node: FileNode, ownBytes: number): Weighed {
  loading.chain.push(link);
  const sum = { files: 1, bytes: ownBytes, depth: 1 };
  for (const directive of includesIn(node.items)) {
    const brought: FileNode[] = [];
    for (const path of resolveInclude(loading, directive, loading.chain, posix.dirname(link.path))) {
      // One message for the line is enough: a pattern may have brought thousands of files over the limit.
      if (isFull(loading, path, directive)) break;
      const child = readIncluded(loading, { path, directive }, directive.valueSpan);
      if (child === undefined) continue;
      if (isOverLimit(loading, sum, child, directive)) break;
      sum.files += child.files;
      sum.bytes += child.bytes;
      sum.depth = Math.max(sum.depth, child.depth + 1);
      brought.push(child.node);
    }
    loading.includes.set(directive, brought);
  }
  loading.chain.pop();
  return { node, ...sum };
}

function isFull(loading: Loading, path: string, directive: Directive): boolean {
  const { chain, files, mainFolder, bytes } = loading;
  if (chain.length < MAX_DEPTH && files.length < MAX_FILES && bytes < MAX_BYTES) return false;
  const limit =
    chain.length >= MAX_DEPTH ? `${MAX_DEPTH} levels` : files.length >= MAX_FILES ? `${MAX_FILES} files` : '256 MiB';
  reportLimit(loading.diagnostics, displayPath(path, mainFolder), directive.valueSpan, limit);
  return true;
}

function isOverLimit(loading: Loading, sum: Omit<Weighed, 'node'>, child: Weighed, directive: Directive): boolean {
  const limit =
    sum.files + child.files > MAX_FILES
      ? `${MAX_FILES} files`
      : sum.bytes + child.bytes > MAX_BYTES
        ? '256 MiB'
        : loading.chain.length + child.depth > MAX_DEPTH
          ? `${MAX_DEPTH} levels`
          : undefined;
  if (limit !== undefined) reportLimit(loading.diagnostics, child.node.source.path, directive.valueSpan, limit);
  return limit !== undefined;
}

/** A file that is not the main one: whatever is wrong with it is a diagnostic at `span`. */
function readIncluded(loading: Loading, link: Link, span: Span | undefined): Weighed | undefined {
  const { path } = link;
  const name = displayPath(path, loading.mainFolder);
  const start = loading.chain.findIndex((open) => open.path === path);
  if (start >= 0) {
    loading.diagnostics.report('include-cycle', span, { path: name }, includedFrom(loading.chain, start + 1));
    return undefined;
  }
  const known = loading.known.get(path);
  if (known !== undefined) return known;
  if (loading.host.stat(path) !== 'file') {
    loading.diagnostics.report('include-not-a-file', span, { path: name }, includedFrom(loading.chain));
    return undefined;
  }
  try {
    return readFile(loading, link);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    loading.diagnostics.report(
      'include-unreadable',
      span,
      { path: name, reason: error.reason },
      includedFrom(loading.chain),
    );
    return undefined;
  }
}

/** The include lines of a file in order, those in blocks too: an include may stand anywhere (language.md 1). */
function includesIn(items: readonly Item[]): readonly Directive[] {
  return items.flatMap((item) => {
    if (item.kind === 'block') return includesIn(item.items);
    if (item.kind !== 'directive') return [];
    const own = item.name.toLowerCase() === 'include' ? [item] : [];
    return item.block === undefined ? own : [...own, ...includesIn(item.block.items)];
  });
}
