import { createHash } from 'node:crypto';
import type { TextConflict } from './merge-stretch';
import { mergeText, openMarker, type Settlement, settledText } from './merge-text';
import { originsIn } from './origins';

/** What stands at a path of the tree now. `blocked`: a file or link stands where a folder above it would be. */
export type Present =
  | { readonly kind: 'absent' | 'link' | 'folder' | 'special' | 'blocked' }
  | { readonly kind: 'file'; readonly bytes: Uint8Array };

/**
 * What the last conversion generated at a path: nothing, a secret (of which nothing is kept), or a text, by its SHA-256
 * and, as far as it is still there, itself.
 */
export type Before =
  | { readonly kind: 'foreign' }
  | { readonly kind: 'secret' }
  | { readonly kind: 'text'; readonly hash: string; readonly text?: string };

/** What the new conversion has for a path. */
export interface Generated {
  readonly content: string;
  readonly secret: boolean;
}

/** `fail` leaves conflicts open, and the tree as it is. */
export type ConflictPolicy = 'fail' | 'mark' | 'ours' | 'theirs';

/** What happens to a path of the tree. */
export type Change =
  | 'created'
  | 'replaced'
  | 'unchanged'
  /** Edited by hand, and changed by the new conversion elsewhere. */
  | 'merged'
  /** Edited by hand; the new conversion has nothing new for it. */
  | 'kept-edited'
  /** Deleted by hand; it is not written again. */
  | 'kept-deleted'
  /** No longer generated, but perhaps edited by hand. */
  | 'kept-retired'
  | 'kept-foreign'
  | 'removed'
  /** Gave way to what is generated, and is in the backup only. */
  | 'displaced'
  | 'conflict';

/** Why a conflict is one. */
export type ConflictReason =
  | 'overlap'
  | 'collision'
  | 'deleted'
  | 'not-a-file'
  | 'not-text'
  | 'no-base'
  | 'secret'
  | 'unresolved';

/** Both sides want something else; `settled` says who won, and is missing where that is open. */
export interface Conflict {
  readonly reason: ConflictReason;
  readonly settled?: Settlement;
  /** The stretches, for `overlap`. */
  readonly stretches: readonly TextConflict[];
  /** One-based line in the present file, where there is one to name. */
  readonly line?: number;
}

/** What becomes of a path: its present entry or nothing stays, or a text is written. */
export interface Decision {
  readonly change: Change;
  readonly result: 'present' | 'nothing' | { readonly write: string };
  readonly conflict?: Conflict;
}

export interface FileCase {
  readonly path: string;
  readonly present: Present;
  readonly before: Before;
  readonly generated?: Generated;
  readonly policy: ConflictPolicy;
}

/** Reports of a conversion: they configure nothing, so that no edit of one holds up a conversion. */
const REPORT = /^(?:MIGRATION\.md|migration\.(?:json|html))$/;

/** What becomes of a path, so that hand edits stay and nothing is lost. */
export function decide(one: FileCase): Decision {
  return one.generated === undefined ? decideRetired(one) : decideGenerated(one, one.generated);
}

/** The same where hand edits do not count: what is generated is written, what is foreign stays. */
export function decideForced({ present, before, generated }: FileCase): Decision {
  if (generated === undefined) {
    return before.kind === 'foreign' ? FOREIGN : { change: 'removed', result: 'nothing' };
  }
  if (isSame(present, generated)) return { change: 'unchanged', result: { write: generated.content } };
  return { change: present.kind === 'absent' ? 'created' : 'replaced', result: { write: generated.content } };
}

const FOREIGN: Decision = { change: 'kept-foreign', result: 'present' };

function decideRetired({ present, before }: FileCase): Decision {
  if (before.kind === 'foreign') return FOREIGN;
  const untouched = before.kind === 'text' && present.kind === 'file' && hashOf(present.bytes) === before.hash;
  return untouched || present.kind === 'absent'
    ? { change: 'removed', result: 'nothing' }
    : { change: 'kept-retired', result: 'present' };
}

function decideGenerated(one: FileCase, generated: Generated): Decision {
  const { path, present, before } = one;
  const write = { write: generated.content };
  if (isSame(present, generated)) return { change: 'unchanged', result: write };
  const news = before.kind !== 'text' || before.hash !== hashOf(generated.content);
  if (present.kind === 'absent') {
    if (before.kind !== 'text') return { change: 'created', result: write };
    if (!news || REPORT.test(path)) return { change: 'kept-deleted', result: 'nothing' };
    return settle(one, generated, 'deleted');
  }
  if (before.kind === 'foreign') return settle(one, generated, 'collision');
  if (present.kind === 'file') {
    const untouched = before.kind === 'text' && hashOf(present.bytes) === before.hash;
    if (untouched) return { change: 'replaced', result: write };
    if (before.kind === 'secret' || generated.secret) {
      return saysTheSame(path, present.bytes, generated.content)
        ? { change: 'replaced', result: write }
        : settle(one, generated, 'secret');
    }
    const line = openMarker(textOf(present.bytes) ?? '');
    if (line !== undefined) return open('unresolved', [], line);
  }
  if (!news) return { change: 'kept-edited', result: 'present' };
  return present.kind === 'file' ? decideEdited(one, generated, present.bytes) : settle(one, generated, 'not-a-file');
}

/** A file that was edited by hand, and that the new conversion changes. */
function decideEdited(one: FileCase, generated: Generated, bytes: Uint8Array): Decision {
  const { path, before } = one;
  const base = before.kind === 'text' ? before.text : undefined;
  if (/^migration\./.test(path)) return settle({ ...one, policy: 'theirs' }, generated, 'no-base');
  const yours = textOf(bytes);
  if (yours === undefined) return settle(one, generated, 'not-text');
  if (base === undefined) return settle(one, generated, 'no-base');
  const merge = mergeText(path, base, yours, generated.content);
  if (merge.conflicts.length > 0 && one.policy === 'fail' && !REPORT.test(path)) {
    return open('overlap', merge.conflicts, merge.conflicts[0]?.line);
  }
  const how = REPORT.test(path) ? 'union' : one.policy === 'fail' ? 'mark' : one.policy;
  const text = settledText(merge, how);
  const change = text === generated.content ? 'replaced' : text === yours ? 'kept-edited' : 'merged';
  const result = change === 'kept-edited' ? 'present' : { write: text };
  const [first] = merge.conflicts;
  if (first === undefined) return { change, result };
  return {
    change,
    result,
    conflict: { reason: 'overlap', settled: how, stretches: merge.conflicts, line: first.line },
  };
}

/** A conflict over a file as a whole. */
function settle({ path, present, policy }: FileCase, generated: Generated, reason: ConflictReason): Decision {
  const conflict = { reason, stretches: [] };
  switch (policy) {
    case 'ours':
      return present.kind === 'absent' || present.kind === 'blocked'
        ? { change: 'kept-deleted', result: 'nothing', conflict: { ...conflict, settled: 'ours' } }
        : { change: 'kept-edited', result: 'present', conflict: { ...conflict, settled: 'ours' } };
    case 'theirs':
      return {
        change: present.kind === 'absent' ? 'created' : 'replaced',
        result: { write: generated.content },
        conflict: { ...conflict, settled: 'theirs' },
      };
    case 'mark': {
      const yours = present.kind === 'file' && !generated.secret ? textOf(present.bytes) : undefined;
      if (yours === undefined || reason === 'secret') return open(reason, []);
      const merge = mergeText(path, '', yours, generated.content);
      return {
        change: 'merged',
        result: { write: settledText(merge, 'mark') },
        conflict: { ...conflict, settled: 'mark', line: 1 },
      };
    }
    case 'fail':
      return open(reason, []);
  }
}

function open(reason: ConflictReason, stretches: readonly TextConflict[], line?: number): Decision {
  const conflict = { reason, stretches, ...(line === undefined ? {} : { line }) };
  return { change: 'conflict', result: 'present', conflict };
}

/** Whether two texts differ at most in the places of the input that their comments name. */
function saysTheSame(path: string, bytes: Uint8Array, content: string): boolean {
  const split = originsIn(path);
  const says = (text: string): string =>
    text
      .split('\n')
      .map((line) => split(line).key)
      .join('\n');
  return says(textOf(bytes) ?? '') === says(content);
}

function isSame(present: Present, { content }: Generated): boolean {
  return present.kind === 'file' && Buffer.from(content).equals(present.bytes);
}

/** The text of bytes that are UTF-8 without NUL; nothing else can be merged by lines. */
function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
