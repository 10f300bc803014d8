import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { quoteTerminal } from '../report/quote-terminal';
import type { CommandIo } from './command';
import { failureOf } from './environment';
import { OWN_FOLDER } from './manifest';

/** A policy tree on the disk; paths with forward slashes, relative to it. */
export interface DiskTree {
  readonly files: ReadonlyMap<string, string>;
  /** Files that nobody else may read, that hold passwords, or lie elsewhere: what stands in them is not shown. */
  readonly secret: ReadonlySet<string>;
  /** Files that were not taken in, and why. */
  readonly unread: ReadonlyMap<string, string>;
  /** Files of texts that are not UTF-8. */
  readonly notUtf8: ReadonlySet<string>;
}

/** Bytes of one file, files, and levels of folders: far more than a policy has. */
const LARGEST = 16 * 2 ** 20;
const MOST_FILES = 20_000;
const DEEPEST = 20;
/** Where convert writes passwords: a copy, as from version control, may have lost their mode. */
const SECRET = /^(?:smtp_users\.toml$|secrets\/)/;
const SKIPPED = ['.git', '.hg', '.svn', 'node_modules', OWN_FOLDER];

interface Reading {
  readonly root: string;
  /** The same without links. */
  readonly real: string;
  readonly files: Map<string, string>;
  readonly secret: Set<string>;
  readonly unread: Map<string, string>;
  readonly notUtf8: Set<string>;
  /** Folders on the way down, so that links in a circle end. */
  readonly above: Set<string>;
}

/** Reads the policy tree in `dir`, as given; what it is not is told on the standard error, and gives undefined. */
export function openTree(dir: string, io: CommandIo): DiskTree | undefined {
  const shown = quoteTerminal(dir);
  try {
    const tree = readDiskTree(resolve(dir));
    if (tree.files.has('init.lua') || tree.files.has('tsa_init.lua')) return tree;
    io.stderr(`pmta2kumo: ${shown} is no policy tree: it holds neither init.lua nor tsa_init.lua\n`);
  } catch (error) {
    io.stderr(`pmta2kumo: ${shown}: ${failureOf(error, dir).reason}\n`);
  }
  return undefined;
}

/** Reads a tree, through links as kumod does. Throws system errors for the folder itself only. */
export function readDiskTree(root: string): DiskTree {
  const reading: Reading = {
    root,
    real: realpathSync(root),
    files: new Map(),
    secret: new Set(),
    unread: new Map(),
    notUtf8: new Set(),
    above: new Set(),
  };
  readFolder(reading, '', 0);
  return reading;
}

function readFolder(reading: Reading, below: string, depth: number): void {
  const folder = join(reading.root, below);
  const real = realpathSync(folder);
  if (reading.above.has(real)) return;
  if (depth > DEEPEST) return void reading.unread.set(below, 'its folders are nested too deeply');
  reading.above.add(real);
  for (const name of readdirSync(folder).sort()) {
    const path = below === '' ? name : `${below}/${name}`;
    if (SKIPPED.includes(name)) continue;
    if (reading.files.size >= MOST_FILES) {
      reading.unread.set(path, 'there are too many files');
      break;
    }
    try {
      if (statSync(join(reading.root, path)).isDirectory()) readSubfolder(reading, path, depth + 1);
      else readOne(reading, path);
    } catch (error) {
      reading.unread.set(path, failureOf(error, path).reason);
    }
  }
  reading.above.delete(real);
}

/** Behind a link out of the tree may be the whole disk. */
function readSubfolder(reading: Reading, path: string, depth: number): void {
  const leaves = liesOutside(reading, path) && realpathSync(join(reading.root, path)) !== reading.real;
  if (leaves) reading.unread.set(path, 'it is a link to a folder outside the tree; copy what belongs to the policy');
  else readFolder(reading, path, depth);
}

function readOne(reading: Reading, path: string): void {
  // Without it, opening a pipe would wait for somebody to write.
  const file = openSync(join(reading.root, path), constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) return void reading.unread.set(path, 'it is not a regular file');
    if (stat.size > LARGEST) return void reading.unread.set(path, 'it is larger than 16 MiB');
    const bytes = readFileSync(file);
    reading.files.set(path, bytes.toString('utf8'));
    if ((stat.mode & 0o077) === 0 || SECRET.test(path) || liesOutside(reading, path)) reading.secret.add(path);
    if (/\.(?:toml|json)$/.test(path) && !isUtf8(bytes)) reading.notUtf8.add(path);
  } finally {
    closeSync(file);
  }
}

/** A link out of the tree may lead to anything, such as /etc/shadow. */
function liesOutside({ root, real }: Reading, path: string): boolean {
  return !realpathSync(join(root, path)).startsWith(`${real === '/' ? '' : real}/`);
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Whether a folder is the one that the tree will live in. */
export function isInPlace(dir: string, installDir: string): boolean {
  try {
    return realpathSync(dir) === realpathSync(installDir);
  } catch {
    return false;
  }
}
