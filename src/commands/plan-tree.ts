import type { EmittedFile } from '../emit/file';
import {
  type Before,
  type Change,
  type ConflictPolicy,
  type Decision,
  decide,
  decideForced,
  type Present,
} from '../merge/decide';
import type { FileChange } from '../merge/file-change';
import { baseOf, hashOf, MANIFEST_PATH } from './manifest';
import { parentsOf } from './staging';
import { type PresentTree, readInside, type TreeEntry } from './tree-state';

/** A file to write, with the owner it gets where that can be given; without one it belongs to whoever runs. */
export interface PlannedFile {
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly mode: number;
  readonly owner?: Pick<TreeEntry, 'uid' | 'gid'>;
}

/** How a tree becomes the new one; nothing of it is done yet. */
export interface TreePlan {
  /** Sorted by path; without the manifest and the bases. */
  readonly changes: readonly FileChange[];
  readonly writes: readonly PlannedFile[];
  /** Entries of the present tree that come along as they are, folders before what is in them. */
  readonly carried: readonly TreeEntry[];
  /** There is nothing to do. */
  readonly isSame: boolean;
  /** The new tree holds hand edits, so that nobody has seen it load. */
  readonly isEdited: boolean;
}

export interface PlanOptions {
  /** Hand edits give way. */
  readonly force: boolean;
  /** By path, and for all others. */
  readonly conflicts: (path: string) => ConflictPolicy;
}

/** The new conversion: `files`, and what goes with them (manifest and bases). */
export interface NewTree {
  readonly files: readonly EmittedFile[];
  readonly own: readonly EmittedFile[];
}

interface Decided extends Decision {
  readonly path: string;
  readonly entry: TreeEntry | undefined;
  readonly present: Present;
  readonly generated: EmittedFile | undefined;
}

/** Decides about every path of the present tree in `dir` and of the new one. Reads only; throws system errors. */
export async function planTree(
  dir: string,
  old: PresentTree | undefined,
  { files, own }: NewTree,
  options: PlanOptions,
): Promise<TreePlan> {
  const entries = new Map((old?.entries ?? []).map((entry) => [entry.path, entry]));
  const generated = new Map(files.map((file) => [file.path, file]));
  const decided: Decided[] = [];
  for (const path of pathsOf(old, generated)) {
    const entry = entries.get(path);
    const present = await presentAt(dir, path, entries);
    const before = await beforeAt(dir, path, old, entries, present);
    const file = generated.get(path);
    const one = {
      path,
      present,
      before,
      policy: options.conflicts(path),
      ...(file === undefined ? {} : { generated: { content: file.content, secret: isSecret(file) } }),
    };
    // Written once, and gone since: there is nothing to tell.
    if (file === undefined && present.kind === 'absent') continue;
    decided.push({ ...(options.force ? decideForced(one) : decide(one)), path, entry, present, generated: file });
  }
  const writes = [
    ...decided.flatMap((one) => writeOf(one, old) ?? []),
    ...own.map((file) => ({ ...owned(file, old), mode: file.mode })),
  ];
  const { carried, displaced } = carriedOf(decided, writes, old);
  const changes = decided.map((one) => changeOf(one, displaced));
  return {
    changes,
    writes,
    carried,
    isSame: !changes.some(({ change }) => MOVING.includes(change)) && (await isCurrent(dir, own, entries)),
    isEdited: changes.some(({ change }) => EDITED.includes(change)),
  };
}

const MOVING: readonly Change[] = ['created', 'replaced', 'merged', 'removed', 'displaced', 'conflict'];
const EDITED: readonly Change[] = ['merged', 'kept-edited', 'kept-deleted'];

function pathsOf(old: PresentTree | undefined, generated: ReadonlyMap<string, EmittedFile>): readonly string[] {
  const own = new Set(old?.manifest === undefined ? [] : [MANIFEST_PATH, ...[...old.manifest.keys()].map(baseOf)]);
  const present = (old?.entries ?? []).filter(({ type, path }) => type !== 'directory' && !own.has(path));
  const all = [...generated.keys(), ...(old?.manifest?.keys() ?? []), ...present.map(({ path }) => path)];
  return [...new Set(all)].sort();
}

async function presentAt(dir: string, path: string, entries: ReadonlyMap<string, TreeEntry>): Promise<Present> {
  switch (entries.get(path)?.type) {
    case 'file':
      return { kind: 'file', bytes: await readInside(dir, path) };
    case 'directory':
      return { kind: 'folder' };
    case 'link':
      return { kind: 'link' };
    case 'other':
      return { kind: 'special' };
    case undefined: {
      const blocked = ancestors(path).some((above) => (entries.get(above)?.type ?? 'directory') !== 'directory');
      return { kind: blocked ? 'blocked' : 'absent' };
    }
  }
}

async function beforeAt(
  dir: string,
  path: string,
  old: PresentTree | undefined,
  entries: ReadonlyMap<string, TreeEntry>,
  present: Present,
): Promise<Before> {
  if (old?.manifest?.has(path) !== true) return { kind: 'foreign' };
  const hash = old.manifest.get(path);
  if (hash === undefined) return { kind: 'secret' };
  const base = baseOf(path);
  const needed = present.kind === 'file' && hashOf(present.bytes) !== hash;
  if (!needed || entries.get(base)?.type !== 'file') return { kind: 'text', hash };
  const bytes = await readInside(dir, base);
  // A base that is not what the manifest says is none.
  return hashOf(bytes) === hash ? { kind: 'text', hash, text: bytes.toString('utf8') } : { kind: 'text', hash };
}

/** Modes and owners that were changed by hand stay; a secret is always its owner's alone. */
function writeOf(one: Decided, old: PresentTree | undefined): PlannedFile | undefined {
  const { generated, entry, present, result } = one;
  if (generated === undefined) return undefined;
  const secret = isSecret(generated);
  const kept = result === 'present' && secret && present.kind === 'file' ? present.bytes : undefined;
  const content = typeof result === 'object' ? result.write : kept;
  if (content === undefined) return undefined;
  const mode = secret || entry?.type !== 'file' ? generated.mode : entry.mode & 0o777;
  const owner = entry?.type === 'file' ? entry : old?.root;
  return { path: generated.path, content, mode, ...(owner === undefined ? {} : { owner }) };
}

function owned({ path, content }: EmittedFile, old: PresentTree | undefined): Omit<PlannedFile, 'mode'> {
  return { path, content, ...(old === undefined ? {} : { owner: old.root }) };
}

/** What comes along, and what cannot since a file or folder of the new tree takes its place. */
function carriedOf(
  decided: readonly Decided[],
  writes: readonly PlannedFile[],
  old: PresentTree | undefined,
): { readonly carried: readonly TreeEntry[]; readonly displaced: ReadonlySet<string> } {
  const taken = new Set(writes.map(({ path }) => path));
  const folders = new Set(parentsOf(writes));
  const wanted = new Map(
    decided.flatMap(({ path, entry, result }) =>
      result === 'present' && entry !== undefined && !taken.has(path) ? [[path, entry] as const] : [],
    ),
  );
  const displaced = new Set(
    [...wanted.keys()].filter((path) => folders.has(path) || ancestors(path).some((above) => taken.has(above))),
  );
  const kept = [...wanted.keys()].filter((path) => !displaced.has(path));
  const occupied = new Set([...kept.flatMap(ancestors), ...folders]);
  const full = new Set(
    (old?.entries ?? []).filter(({ type }) => type !== 'directory').flatMap(({ path }) => ancestors(path)),
  );
  const carried = (old?.entries ?? []).filter(({ path, type }) => {
    if (type !== 'directory') return wanted.has(path) && !displaced.has(path);
    const blocked = taken.has(path) || ancestors(path).some((above) => taken.has(above));
    // A folder without any file is somebody's; one whose files are gone was the tool's.
    return !blocked && (occupied.has(path) || !full.has(path));
  });
  return { carried, displaced };
}

function changeOf(one: Decided, displaced: ReadonlySet<string>): FileChange {
  const { path, entry, generated, conflict } = one;
  const secret =
    (generated !== undefined && isSecret(generated)) || (entry?.type === 'file' && (entry.mode & 0o077) === 0);
  const exposed =
    generated !== undefined && isSecret(generated) && entry !== undefined && (entry.mode & 0o777) !== 0o600;
  const change = displaced.has(path) ? 'displaced' : one.change === 'unchanged' && exposed ? 'replaced' : one.change;
  return { path, change, secret, ...(conflict === undefined ? {} : { conflict }) };
}

async function isCurrent(
  dir: string,
  own: readonly EmittedFile[],
  entries: ReadonlyMap<string, TreeEntry>,
): Promise<boolean> {
  for (const { path, content } of own) {
    if (entries.get(path)?.type !== 'file') return false;
    if (!(await readInside(dir, path)).equals(Buffer.from(content))) return false;
  }
  return true;
}

function isSecret({ mode }: EmittedFile): boolean {
  return mode === 0o600;
}

function ancestors(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.slice(0, -1).map((_, i) => parts.slice(0, i + 1).join('/'));
}
