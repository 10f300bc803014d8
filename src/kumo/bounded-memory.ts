/** Answers by key, made once and remembered. */
export interface BoundedMemory<K, V> {
  get(key: K, make: () => V): V;
}

/** Once it holds `most` answers it forgets all of them: cheap, and good enough where neighbours ask alike. */
export function createBoundedMemory<K, V>(most: number): BoundedMemory<K, V> {
  const known = new Map<K, V>();
  return {
    get(key, make) {
      const found = known.get(key);
      if (found !== undefined) return found;
      const made = make();
      if (known.size >= most) known.clear();
      known.set(key, made);
      return made;
    },
  };
}
