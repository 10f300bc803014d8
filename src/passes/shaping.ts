import { patternKey } from '../pmta/domain-pattern';
import { patternSettings, patternsOf } from '../pmta/match';
import type { DomainPattern, DomainScope, Setting, VirtualMta } from '../pmta/model';
import { type Pass, type PassContext, pathSourcesOf } from './pass';
import { fieldsOf, knownTo, PATH_DIRECTIVES, PATH_FIELDS, type PathField, UNLIMITED } from './path-fields';
import { addressOnly, BY_RANGE, lookupIn, PER_ADDRESS, queueOnly, severalAddresses } from './path-lookup';
import { blockOf, writeAddressLimits, writeDifferences } from './path-writer';
import { ownScopes, type Place, placesOf, rank } from './places';
import { addOrigins, blockIn, field, getOrAdd, PMTA_DEFAULT } from './policy-writer';
import { hasOwnRoutes, landingOf, queueTo } from './routes';

const NAME = 'shaping';

/**
 * Limits, time-outs and TLS of PowerMTA's queues become shaping.toml. A value is written only where KumoMTA would
 * otherwise use another one, so for each place the pass computes both sides: what PowerMTA's scopes give (virtual-mta
 * over pool over global, M5 3.3.13.2) and what KumoMTA's layers give from what is written so far.
 */
export const shapingPass: Pass = {
  name: NAME,
  needs: ['egress', 'pools'],
  run(context) {
    writeDefault(context);
    const places = placesOf([context.config.domains]);
    const moved = queuesMovedForAll(context, places);
    for (const place of places) if (!moved.has(place)) writeGlobalPlace(context, place);
    const bySetting = indexByDirective(context.config.domains, places);
    for (const vmta of context.config.virtualMtas.values()) {
      writeVirtualMta(context, vmta, bySetting);
      if (hasOwnRoutes(vmta)) writeOwnLandings(context, vmta, places, moved);
    }
  },
};

/** Places whose mail never uses a path of its own, because queue-to takes it away for every virtual-mta. */
function queuesMovedForAll({ config }: PassContext, places: readonly Place[]): ReadonlySet<Place> {
  const senders = [...config.virtualMtas.values(), ...config.pools.values()];
  const own = senders.some(({ domains }) =>
    domains.blocks.some(({ block }) => block.settings.some((line) => line.name === 'queue-to')),
  );
  if (own) return new Set();
  return new Set(
    places.filter(({ pattern, domain }) => pattern.form === 'name' && queueTo(config, undefined, domain) !== undefined),
  );
}

function writeDefault(context: PassContext): void {
  const { config, options, policy } = context;
  const get = lookupIn(context, undefined, '*');
  const block = policy.shaping.default;
  for (const row of PATH_FIELDS) {
    if (!knownTo(row, options.target)) continue;
    const wanted = row.read(get, options);
    if (wanted === undefined) {
      if (row.default === undefined || options.pmtaDefaults !== 'write') continue;
      const { comment = PMTA_DEFAULT } = row;
      block.fields.set(row.field, { value: row.default, origins: [], comment });
    } else if (wanted.value !== UNLIMITED) {
      block.fields.set(row.field, field(wanted.value, wanted.settings));
    }
  }
  addOrigins(block, tagsOf(config.domains, { form: 'any' }));
}

function writeGlobalPlace(context: PassContext, place: Place): void {
  if (place.pattern.form === 'any') return;
  const get = lookupIn(context, undefined, place.domain);
  writeDifferences(context, { place }, PATH_FIELDS, get, () => blockOf(context, undefined, place));
}

/** Which global places set a directive, so that a virtual-mta looks only at those its own settings touch. */
function indexByDirective(scope: DomainScope, places: readonly Place[]): ReadonlyMap<string, readonly Place[]> {
  const index = new Map<string, Place[]>();
  for (const place of places) {
    const names = [place.pattern, treeOf(place.pattern)].flatMap((pattern) => [
      ...patternSettings(scope, pattern).keys(),
    ]);
    for (const name of new Set(names)) {
      // What holds for every domain is in the default block, but for what depends on the address.
      if (place.pattern.form === 'any' && !PER_ADDRESS.has(name)) continue;
      if (PATH_DIRECTIVES.has(name)) getOrAdd(index, name, () => []).push(place);
    }
  }
  return index;
}

function writeVirtualMta(
  context: PassContext,
  vmta: VirtualMta,
  globalPlaces: ReadonlyMap<string, readonly Place[]>,
): void {
  const sources = pathSourcesOf(context.egress, vmta.name);
  const several = severalAddresses(context, vmta);
  const scopes = ownScopes(vmta);
  const directives = new Set([
    ...scopes.flatMap((scope) => patternsOf(scope).flatMap((pattern) => [...patternSettings(scope, pattern).keys()])),
    // The top level cannot tell addresses apart.
    ...[...globalPlaces.keys()].filter((name) => (several.size > 0 ? PER_ADDRESS : BY_RANGE).has(name)),
  ]);
  const rows = fieldsOf([...directives].filter((name) => PATH_DIRECTIVES.has(name)));
  if (rows.length === 0) return;
  const places = new Map(placesOf(scopes).map((place) => [patternKey(place.pattern), place]));
  for (const name of rows.flatMap((row) => row.directives)) {
    for (const place of globalPlaces.get(name) ?? []) places.set(patternKey(place.pattern), place);
  }
  const ordered = [...places.values()].sort((a, b) => rank(a) - rank(b));
  writeSources(context, vmta, sources, ordered, rows);
}

function writeSources(
  context: PassContext,
  vmta: VirtualMta,
  sources: readonly string[],
  places: readonly Place[],
  rows: readonly PathField[],
): void {
  const several = severalAddresses(context, vmta);
  for (const source of sources) {
    const shared = several.has(source);
    for (const place of places) {
      const get = lookupIn(context, vmta, place.domain, source);
      const block = () => blockIn(blockOf(context, vmta, place).sources, source);
      writeDifferences(context, { place, vmta, source }, rows, shared ? queueOnly(get) : get, block);
      if (shared) writeAddressLimits(context, { place, vmta, source }, addressOnly(get), block);
    }
  }
}

/** Where a route of its own leads a virtual-mta elsewhere than everybody, nothing has been written for the queue yet. */
function writeOwnLandings(
  context: PassContext,
  vmta: VirtualMta,
  places: readonly Place[],
  moved: ReadonlySet<Place>,
): void {
  const { config, egress } = context;
  const ordered = places.filter(
    (place) =>
      place.pattern.form === 'name' &&
      !moved.has(place) &&
      landingOf(config, vmta, place.domain) !== landingOf(config, undefined, place.domain),
  );
  writeSources(context, vmta, pathSourcesOf(egress, vmta.name), ordered, PATH_FIELDS);
}

function treeOf(pattern: DomainPattern): DomainPattern {
  return pattern.form === 'below' || pattern.form === 'name' ? { form: 'tree', name: pattern.name } : pattern;
}

function tagsOf(scope: DomainScope, wanted: DomainPattern): readonly Setting[] {
  const key = patternKey(wanted);
  return scope.blocks.flatMap(({ block, patterns }) =>
    block.tag !== undefined && patterns.some((pattern) => patternKey(pattern) === key) ? [block.tag] : [],
  );
}
