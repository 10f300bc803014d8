import { readLuaTexts } from './lua-data';

/** What a policy can tell apart about recipient domains before their data are looked up. */
export interface DomainRoles {
  /** The same text for domains that the policy treats alike up to their names; undefined for one that stands alone. */
  roleOf(domain: string): string | undefined;
}

/** Data that are looked up for each domain by itself: the limits of paths, and the settings of queues. */
const LOOKED_UP = /(?:^|\/)(?:shaping|queues)\.toml$|(?:^|\/)\.pmta2kumo\.json$|\.(?:md|html|lua)$/;

/**
 * Roles by the texts of the tree: two domains whose names stand in the same places of its Lua tables (and whose parents
 * do) can be exchanged everywhere without changing the tree, so its Lua does the same with both as long as it only looks
 * names up. What else Lua does with a name is known for code of our own (`sameCode`); `Journey.looked` tells of patterns.
 */
export function createDomainRoles(files: ReadonlyMap<string, string>): DomainRoles {
  const { places } = readLuaTexts(files);
  const others = new Set<string>();
  for (const [path, text] of files) {
    if (LOOKED_UP.test(path)) continue;
    for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}_.-]+/gu)) others.add(word.replace(/^\.|\.$/g, ''));
  }
  return {
    roleOf(domain) {
      const parents = parentsOf(domain);
      if ([domain, ...parents].some((name) => others.has(name))) return undefined;
      const own = [domain, `@${domain}`, `.${domain}`].map((name) => places.get(name) ?? []);
      const above = parents.flatMap((name) => [name, `*.${name}`, `.${name}`]).map((name) => placesBelow(places, name));
      return JSON.stringify([domain.includes('.'), domain.startsWith('['), own, above.filter((found) => found !== '')]);
    },
  };
}

/** Of a parent it counts which one it is. */
function placesBelow(places: ReadonlyMap<string, readonly string[]>, name: string): string {
  const found = places.get(name);
  return found === undefined ? '' : `${name} ${found.join(' ')}`;
}

/** `b.c` and `c` of `a.b.c`. */
function parentsOf(domain: string): readonly string[] {
  const labels = domain.split('.');
  return labels.slice(1).map((_, index) => labels.slice(index + 1).join('.'));
}

/** Whether two trees run the same code over data that may differ. */
export function sameCode(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  const [first, second] = [readLuaTexts(a).code, readLuaTexts(b).code];
  return (
    first.size === second.size && [...first].every(([path, code]) => code !== undefined && second.get(path) === code)
  );
}
