/**
 * KumoMTA's domain maps walk a name from the right and do not fall back to a wildcard once a literal branch was entered
 * (KumoMTA reference, kumo.domain_map): with `*.x` and `a.b.x`, neither `b.x` nor `c.b.x` nor `c.a.b.x` reaches `*.x`.
 * Given the keys of a map, this names the further keys that are needed so that the wildcards go on to mean "every name
 * below": each with the wildcard it has to repeat.
 */
export function shadowedKeys(keys: ReadonlySet<string>): ReadonlyMap<string, string> {
  const needed = new Map<string, string>();
  for (const key of keys) {
    const name = key.startsWith('*.') ? key.slice(2) : key;
    const labels = name.split('.');
    for (let i = 0; i < labels.length; i++) {
      const node = labels.slice(i).join('.');
      const around = wildcardAbove(keys, node);
      if (around === undefined) continue;
      if (!keys.has(node)) needed.set(node, around);
      if (!keys.has(`*.${node}`)) needed.set(`*.${node}`, around);
    }
  }
  return needed;
}

/** The most special wildcard among the keys that lies above a name, or above another wildcard. */
export function wildcardAbove(keys: { has(key: string): boolean }, key: string): string | undefined {
  const name = key.startsWith('*.') ? key.slice(2) : key;
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
    const wildcard = `*${name.slice(dot)}`;
    if (keys.has(wildcard)) return wildcard;
  }
  return undefined;
}

/** Rows of a domain map per tenant, with the wildcards repeated where longer names would hide them. */
export function withShadowed<Row extends { readonly domain: string; readonly tenant: string }>(
  rows: readonly Row[],
): readonly Row[] {
  const all = [...rows];
  for (const tenant of new Set(rows.map((row) => row.tenant))) {
    const own = new Map(rows.filter((row) => row.tenant === tenant).map((row) => [row.domain, row]));
    for (const [key, wildcard] of shadowedKeys(new Set(own.keys()))) {
      const repeated = own.get(wildcard);
      if (repeated !== undefined) all.push({ ...repeated, domain: key });
    }
  }
  return all;
}
