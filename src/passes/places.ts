import { patternKey } from '../pmta/domain-pattern';
import { patternSettings, patternsOf, saysAny } from '../pmta/match';
import type { DomainPattern, DomainScope, ScopeBlock, VirtualMta } from '../pmta/model';

/** Keys of KumoMTA's shaping and queue files with a meaning of their own: no domain of such a name can be in them. */
export const TAKEN_NAMES: ReadonlySet<string> = new Set(['default', 'provider']);

/** Where values may be written: everywhere, a wildcard, or one name. */
export interface Place {
  readonly pattern: DomainPattern;
  /** A domain that stands for the place when settings are resolved. */
  readonly domain: string;
}

/** Where a virtual-mta's own `<domain>` blocks stand, and those it inherits from a pool. */
export function ownScopes({ domains, domainPool }: VirtualMta): readonly DomainScope[] {
  return domainPool === undefined ? [domains] : [domains, domainPool.domains];
}

/** True for a `<domain>` block with places in KumoMTA: reserved names and address literals have none. */
export function hasPlaces({ argument }: ScopeBlock): boolean {
  return argument.startsWith('[*.]') || !/^[{[]/.test(argument);
}

/** Places in the order in which they have to be written: general before special. */
export function placesOf(scopes: readonly DomainScope[]): readonly Place[] {
  const places = new Map<string, Place>();
  for (const pattern of scopes.flatMap((scope) => patternsOf(scope))) {
    for (const place of placesOfPattern(pattern)) places.set(patternKey(place.pattern), place);
  }
  return [...places.values()].sort((a, b) => rank(a) - rank(b));
}

/** The places at which some block says one of these directives, whichever wildcard form it has. */
export function placesSetting(scopes: readonly DomainScope[], names: ReadonlySet<string>): readonly Place[] {
  const saying = scopes.filter((scope) => saysAny(scope, names));
  if (saying.length === 0) return [];
  return placesOf(scopes).filter((place) =>
    saying.some((scope) => formsOf(place.pattern).some((form) => setsOne(scope, form, names))),
  );
}

function setsOne(scope: DomainScope, pattern: DomainPattern, names: ReadonlySet<string>): boolean {
  for (const name of patternSettings(scope, pattern).keys()) if (names.has(name)) return true;
  return false;
}

/** Every form in which a block can name what a pattern names. */
function formsOf(pattern: DomainPattern): readonly DomainPattern[] {
  if (!('name' in pattern)) return [pattern];
  const { name } = pattern;
  return [
    { form: 'name', name },
    { form: 'below', name },
    { form: 'tree', name },
  ];
}

/** The places of one pattern; none where KumoMTA has no queue for it. */
export function placesOfPattern(pattern: DomainPattern): readonly Place[] {
  switch (pattern.form) {
    case 'any':
      return [{ pattern, domain: '*' }];
    case 'name':
      return pattern.name.startsWith('{') || TAKEN_NAMES.has(pattern.name) ? [] : [{ pattern, domain: pattern.name }];
    case 'below':
      return [{ pattern, domain: `*.${pattern.name}` }];
    case 'tree':
      return [
        { pattern: { form: 'below', name: pattern.name }, domain: `*.${pattern.name}` },
        ...placesOfPattern({ form: 'name', name: pattern.name }),
      ];
    case 'literal':
      return [];
  }
}

/** Sorts general places before special ones. */
export function rank(place: Place): number {
  if (place.pattern.form === 'any') return -1;
  return place.pattern.form === 'below' ? place.pattern.name.length : 1_000;
}
