/** Names → the names each refers to; every name referred to is a key. */
export type References = ReadonlyMap<string, readonly string[]>;

interface Frame {
  readonly key: string;
  readonly index: number;
  /** Lowest index that can be reached from here. */
  low: number;
  next: number;
}

interface Search {
  readonly references: References;
  readonly frames: Map<string, Frame>;
  /** Entered, but not yet known which group it belongs to. */
  readonly open: string[];
  readonly isOpen: Set<string>;
  readonly groups: (readonly string[])[];
}

/**
 * Names in groups: those of one group lead to each other, and a group stands behind the groups it refers to (Tarjan).
 * Takes time in proportion to the references, and no recursion: a hostile chain may be longer than the stack.
 */
export function dependencyGroups(references: References): readonly (readonly string[])[] {
  const search: Search = { references, frames: new Map(), open: [], isOpen: new Set(), groups: [] };
  for (const key of references.keys()) {
    if (!search.frames.has(key)) searchFrom(key, search);
  }
  return search.groups;
}

/** A way from a name of the group back to that name, both ends named; undefined when the group has no loop. */
export function loopIn(group: readonly string[], references: References): readonly string[] | undefined {
  const members = new Set(group);
  const seen = new Map<string, number>();
  const path: string[] = [];
  for (let key = group[0]; key !== undefined; ) {
    const at = seen.get(key);
    if (at !== undefined) return [...path.slice(at), key];
    seen.set(key, path.length);
    path.push(key);
    key = references.get(key)?.find((name) => members.has(name));
  }
  return undefined;
}

function searchFrom(start: string, search: Search): void {
  const path = [enter(start, search)];
  for (let frame = path.at(-1); frame !== undefined; frame = path.at(-1)) {
    const reference = search.references.get(frame.key)?.[frame.next++];
    if (reference === undefined) {
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) parent.low = Math.min(parent.low, frame.low);
      if (frame.low === frame.index) closeGroup(frame.key, search);
      continue;
    }
    const known = search.frames.get(reference);
    if (known === undefined) path.push(enter(reference, search));
    else if (search.isOpen.has(reference)) frame.low = Math.min(frame.low, known.index);
  }
}

function enter(key: string, search: Search): Frame {
  const index = search.frames.size;
  const frame = { key, index, low: index, next: 0 };
  search.frames.set(key, frame);
  search.open.push(key);
  search.isOpen.add(key);
  return frame;
}

function closeGroup(first: string, search: Search): void {
  const group = search.open.splice(search.open.lastIndexOf(first));
  for (const key of group) search.isOpen.delete(key);
  search.groups.push(group);
}
