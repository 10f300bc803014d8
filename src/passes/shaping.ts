import { sameValue } from '../kumo/format';
import type { FieldBlock, ProviderMatch } from '../kumo/model';
import { patternKey } from '../pmta/domain-pattern';
import { effectiveSettings, patternSettings, patternsOf } from '../pmta/match';
import type { DomainPattern, DomainScope, Setting, VirtualMta } from '../pmta/model';
import type { Pass, PassContext } from './pass';
import {
  fieldsOf,
  knownTo,
  type Lookup,
  PATH_DIRECTIVES,
  PATH_FIELDS,
  type PathField,
  UNLIMITED,
  type Wanted,
} from './path-fields';
import { resolvePathField } from './path-resolution';
import { ownScopes, type Place, placesOf, rank } from './places';
import {
  addOrigins,
  anyProvider,
  blockIn,
  emptyProvider,
  field,
  getOrAdd,
  pathBlock,
  tagsAround,
} from './policy-writer';
import { throttlePerSecond } from './rates';
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
    const wanted = row.read(get, options.target);
    if (wanted === undefined) {
      if (row.default !== undefined && options.pmtaDefaults === 'write')
        block.fields.set(row.field, field(row.default, []));
    } else if (wanted.value !== UNLIMITED) {
      block.fields.set(row.field, field(wanted.value, wanted.settings));
    }
  }
  addOrigins(block, tagsOf(config.domains, { form: 'any' }));
}

function writeGlobalPlace(context: PassContext, place: Place): void {
  if (place.pattern.form === 'any') return;
  writeDifferences(context, place, undefined, undefined, PATH_FIELDS, () => blockOf(context, undefined, place));
}

/** Which global places set a directive, so that a virtual-mta looks only at those its own settings touch. */
function indexByDirective(scope: DomainScope, places: readonly Place[]): ReadonlyMap<string, readonly Place[]> {
  const index = new Map<string, Place[]>();
  for (const place of places) {
    if (place.pattern.form === 'any') continue;
    const names = [place.pattern, treeOf(place.pattern)].flatMap((pattern) => [
      ...patternSettings(scope, pattern).keys(),
    ]);
    for (const name of new Set(names)) {
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
  const scopes = ownScopes(vmta);
  const directives = new Set(
    scopes.flatMap((scope) => patternsOf(scope).flatMap((pattern) => [...patternSettings(scope, pattern).keys()])),
  );
  const rows = fieldsOf([...directives].filter((name) => PATH_DIRECTIVES.has(name)));
  if (rows.length === 0) return;
  const places = new Map(placesOf(scopes).map((place) => [patternKey(place.pattern), place]));
  for (const name of rows.flatMap((row) => row.directives)) {
    for (const place of globalPlaces.get(name) ?? []) places.set(patternKey(place.pattern), place);
  }
  const ordered = [...places.values()].sort((a, b) => rank(a) - rank(b));
  for (const source of context.egress.sourcesOf.get(vmta.name.toLowerCase()) ?? []) {
    for (const place of ordered) {
      writeDifferences(context, place, vmta, source, rows, () =>
        blockIn(blockOf(context, vmta, place).sources, source),
      );
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
  for (const place of places) {
    if (place.pattern.form !== 'name' || moved.has(place)) continue;
    if (landingOf(config, vmta, place.domain) === landingOf(config, undefined, place.domain)) continue;
    for (const source of egress.sourcesOf.get(vmta.name.toLowerCase()) ?? []) {
      const block = () => blockIn(blockOf(context, vmta, place).sources, source);
      writeDifferences(context, place, vmta, source, PATH_FIELDS, block);
    }
  }
}

/** Writes the fields of `rows` in which KumoMTA would differ at `place` from what PowerMTA does. */
function writeDifferences(
  context: PassContext,
  place: Place,
  vmta: VirtualMta | undefined,
  source: string | undefined,
  rows: readonly PathField[],
  block: () => FieldBlock,
): void {
  const { options } = context;
  const get = lookupIn(context, vmta, place.domain);
  const at = landingOf(context.config, vmta, place.domain);
  for (const row of rows) {
    if (!knownTo(row, options.target)) continue;
    const wanted = row.read(get, options.target);
    if (wanted === undefined) continue;
    const have = resolvePathField(context, at, source, row.field);
    if (vmta !== undefined) noteScopeChoice(context, vmta, place, row, wanted);
    const value = wanted.value === UNLIMITED ? (have === undefined ? undefined : row.unlimited) : wanted.value;
    if (value === undefined || sameValue(value, have)) continue;
    const target = block();
    target.fields.set(row.field, field(value, wanted.settings));
    addOrigins(target, tagsAround(wanted.settings));
  }
}

const noted = new WeakMap<PassContext, Set<string>>();

/** Says where a virtual-mta's general line beats a special line at the top level and allows more (decided, unknowns A.3). */
function noteScopeChoice(context: PassContext, vmta: VirtualMta, place: Place, row: PathField, wanted: Wanted): void {
  const [line] = wanted.settings;
  if (line === undefined || place.pattern.form === 'any') return;
  const winner = effectiveSettings(context.config, vmta, place.domain).get(line.name);
  if (winner === undefined || winner.from === 'global' || winner.pattern.form === place.pattern.form) return;
  const special = effectiveSettings(context.config, undefined, place.domain).get(line.name);
  if (special === undefined || special.pattern.form === 'any') return;
  const other = row.read(lookupIn(context, undefined, place.domain), context.options.target);
  if (other === undefined || !allowsMore(wanted.value, other.value)) return;
  const seen = noted.get(context) ?? new Set<string>();
  noted.set(context, seen);
  const key = String(winner.setting.id);
  if (seen.has(key)) return;
  seen.add(key);
  const related = [{ span: special.setting.span, message: 'the line that it beats' }];
  context.diagnostics.report(
    'scope-choice',
    winner.setting.span,
    { directive: line.name, domain: place.domain },
    related,
  );
}

function allowsMore(a: Wanted['value'], b: Wanted['value']): boolean {
  if (typeof a === 'symbol') return typeof b !== 'symbol';
  if (typeof a === 'number' && typeof b === 'number') return a > b;
  return (
    typeof a === 'string' && typeof b === 'string' && a.includes('/') && throttlePerSecond(a) > throttlePerSecond(b)
  );
}

function blockOf(context: PassContext, vmta: VirtualMta | undefined, place: Place) {
  const { config, policy } = context;
  const { pattern } = place;
  if (pattern.form === 'any') return anyProvider(policy);
  if (pattern.form === 'name') return pathBlock(policy, landingOf(config, vmta, pattern.name));
  const name = patternKey(pattern);
  const known = policy.shaping.providers.find((provider) => provider.name === name);
  if (known !== undefined) return known;
  const made = emptyProvider(name, [{ DomainSuffix: `.${place.domain.slice(2)}` }]);
  const { providers } = policy.shaping;
  const after = providers.findIndex((provider) => suffixLength(provider.match) > made.name.length - 1);
  providers.splice(after === -1 ? providers.length : after, 0, made);
  return made;
}

function suffixLength(match: readonly ProviderMatch[]): number {
  return Math.max(0, ...match.map((entry) => ('DomainSuffix' in entry ? entry.DomainSuffix.length : 0)));
}

/** Settings of a queue as the field table reads them. */
export function lookupIn(context: PassContext, vmta: VirtualMta | undefined, domain: string): Lookup {
  const settings = effectiveSettings(context.config, vmta, domain);
  return (directive) => settings.get(directive);
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
