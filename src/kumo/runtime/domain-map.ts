interface Node<V> {
  value?: V;
  readonly children: Map<string, Node<V>>;
}

/** Values by domain, with `*.` keys, as KumoMTA looks them up. */
export interface DomainMap<V> {
  set(key: string, value: V): void;
  get(domain: string): V | undefined;
}

/**
 * KumoMTA's domain map (crates/domain-map): labels are walked from the right; `*` is asked only where no literal label
 * goes on, and then stands for any number of labels. A literal branch, once entered, hides an outer `*`.
 */
export function createDomainMap<V>(): DomainMap<V> {
  const top: Node<V> = { children: new Map() };
  return {
    set(key, value) {
      let node = top;
      for (const label of labelsOf(key)) {
        const next: Node<V> = node.children.get(label) ?? { children: new Map() };
        node.children.set(label, next);
        node = next;
      }
      node.value = value;
    },
    get(domain) {
      let node = top;
      for (const label of labelsOf(domain)) {
        const next = node.children.get(label);
        if (next === undefined) return node.children.get('*')?.value;
        node = next;
      }
      return node.value;
    },
  };
}

function labelsOf(domain: string): readonly string[] {
  return domain.split('.').reverse();
}
