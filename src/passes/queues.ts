import { sameValue } from '../kumo/format';
import { emptyBlock, type FieldMap, type KumoValue } from '../kumo/model';
import { effectiveSettings } from '../pmta/match';
import type { DomainScope, EffectiveSettings, VirtualMta } from '../pmta/model';
import { shadowedKeys, wildcardAbove, withShadowed } from './domain-keys';
import type { Pass, PassContext, PoolChoice } from './pass';
import { hasPlaces, ownScopes, type Place, placesSetting } from './places';
import { addOrigins, blockIn, field, PMTA_DEFAULT, queueBlock, tagsAround } from './policy-writer';
import { isBelow } from './queue-places';
import { fieldsOf, isDoubling, type Timing, timingOf } from './queue-timing';
import { ROUTE_DIRECTIVES } from './routes';

const NAME = 'queues';

const QUEUE_DIRECTIVES: ReadonlySet<string> = new Set(['bounce-after', 'retry-after', 'retry-recipients-after']);

/**
 * Age and retry become queues.toml. The helper's order is default < domain < tenant < domain and tenant (KumoMTA queue
 * helper), which is PowerMTA's once a tenant holds what its virtual-mta and pool say for every domain; where the
 * virtual-mta's own domains or a more special global one decide differently, the pair gets a block.
 */
export const queuesPass: Pass = {
  name: NAME,
  needs: ['egress', 'pools'],
  run(context) {
    const { config } = context;
    const wildcards = wildcardKeys(context);
    const places = relevantPlaces([config.domains], wildcards);
    writeDefault(context);
    for (const place of places) writeGlobalPlace(context, place, wildcards);
    for (const vmta of config.virtualMtas.values()) {
      const tenant = context.egress.tenantOf.get(vmta.name.toLowerCase());
      if (tenant !== undefined) writeTenant(context, vmta, tenant, places, wildcards);
    }
    for (const pool of config.pools.values()) {
      const tenant = context.egress.tenantOf.get(pool.name.toLowerCase());
      const member = config.virtualMtas.get(pool.members[0]?.name.toLowerCase() ?? '');
      const byMember = tenant !== undefined && context.policy.lua.memberPools.has(tenant);
      if (tenant !== undefined && member !== undefined && !byMember)
        writeTenant(context, member, tenant, places, wildcards);
    }
    repeatShadowed(context);
    dropIdleTenantFields(context);
    const { retryLists } = context.policy.lua;
    retryLists.splice(0, retryLists.length, ...withShadowed(retryLists));
    settleLines(context);
  },
};

/** Where age or retry are set, and where a route would hide a wildcard that sets them. */
function relevantPlaces(scopes: readonly DomainScope[], wildcards: ReadonlySet<string>): readonly Place[] {
  const routes = placesSetting(scopes, ROUTE_DIRECTIVES);
  const hiding = routes.filter(({ domain }) => wildcardAbove(wildcards, domain) !== undefined);
  const places = [...placesSetting(scopes, QUEUE_DIRECTIVES), ...hiding];
  return [...new Map(places.map((place) => [place.domain, place])).values()];
}

/** Wildcards of queues.toml: a name below one has to say everything itself, for KumoMTA takes the one or the other. */
function wildcardKeys({ config }: PassContext): ReadonlySet<string> {
  const scopes = new Set([config.domains, ...[...config.virtualMtas.values()].flatMap(ownScopes)]);
  const places = [...scopes].flatMap((scope) => placesSetting([scope], QUEUE_DIRECTIVES));
  return new Set(places.map(({ domain }) => domain).filter((domain) => domain.startsWith('*.')));
}

function writeDefault(context: PassContext): void {
  const { config, options, policy } = context;
  const block = queueBlock(policy, 'default');
  const timing = timingOf(effectiveSettings(config, undefined, '*'));
  for (const [name, value] of fieldsOf(timing)) {
    if (value.comment !== PMTA_DEFAULT || options.pmtaDefaults === 'write') block.fields.set(name, value);
  }
  addOrigins(block, tagsAround([...timing.maxAge.settings, ...timing.retry.settings]));
  noteList(context, 'default', '', timing);
}

function writeGlobalPlace(context: PassContext, place: Place, wildcards: ReadonlySet<string>): void {
  if (place.pattern.form === 'any') return;
  const timing = timingOf(effectiveSettings(context.config, undefined, place.domain));
  const block = queueBlock(context.policy, place.domain);
  const standard = context.policy.queues.get('default')?.fields;
  const have = wildcardAbove(wildcards, place.domain) === undefined ? standard : undefined;
  putDifferences(context, block, timing, (name) => have?.get(name)?.value, have === undefined);
  noteList(context, place.domain, '', timing);
}

function writeTenant(
  context: PassContext,
  vmta: VirtualMta,
  tenant: string,
  globalPlaces: readonly Place[],
  wildcards: ReadonlySet<string>,
): void {
  const { config, policy } = context;
  const scopes = ownScopes(vmta);
  const own = relevantPlaces(scopes, wildcards);
  const pools = context.egress.poolsByDomain.get(tenant) ?? new Map<string, PoolChoice>();
  if (own.length === 0 && pools.size === 0) return;
  const tenantBlock = blockIn(policy.tenants, tenant);
  const everywhere = own.some((place) => place.pattern.form === 'any');
  const touched = globalPlaces.filter(({ domain }) => everywhere || own.some((place) => isBelow(domain, place.domain)));
  const domains = new Set([...[...touched, ...own].map(({ domain }) => domain), ...pools.keys()]);
  domains.delete('*');
  if (everywhere) {
    const timing = timingOf(onlyFrom(effectiveSettings(config, vmta, '*')));
    putOwn(tenantBlock, timing);
    if (timing.retry.settings.length > 0) noteList(context, 'default', tenant, timing);
  }
  for (const name of domains) {
    const timing = timingOf(effectiveSettings(config, vmta, name));
    const domain = policy.queues.get(name);
    const have = (key: string): KumoValue | undefined =>
      (tenantBlock.fields.get(key) ?? domain?.fields.get(key) ?? policy.queues.get('default')?.fields.get(key))?.value;
    const pair = emptyBlock();
    const hides = wildcardAbove(wildcards, name) !== undefined;
    putDifferences(context, pair, timing, hides ? () => undefined : have, hides);
    const ownRetry = effectiveSettings(config, vmta, name).get('retry-after');
    if (ownRetry !== undefined && ownRetry.from !== 'global') noteList(context, name, tenant, timing);
    const choice = pools.get(name);
    if (choice !== undefined) {
      pair.fields.set('egress_pool', field(choice.pool, choice.settings));
      addOrigins(pair, tagsAround(choice.settings));
    }
    if (pair.fields.size > 0) queueBlock(policy, name).tenants.set(tenant, pair);
  }
}

/** A tenant need not say what holds for everybody, unless some domain says otherwise in between. */
function dropIdleTenantFields({ policy }: PassContext): void {
  const standard = policy.queues.get('default')?.fields;
  const contested = new Set(
    [...policy.queues].flatMap(([name, { fields }]) => (name === 'default' ? [] : [...fields.keys()])),
  );
  for (const { fields } of policy.tenants.values()) {
    for (const [name, { value }] of fields) {
      if (!contested.has(name) && sameValue(value, standard?.get(name)?.value)) fields.delete(name);
    }
  }
}

/** What the virtual-mta and its pool say themselves: the tenant's block must not repeat global values. */
function onlyFrom(settings: EffectiveSettings): EffectiveSettings {
  return new Map([...settings].filter(([, { from }]) => from !== 'global'));
}

function putOwn(block: { readonly fields: FieldMap }, timing: Timing): void {
  const fields = fieldsOf(timing);
  for (const [name, value] of fields) if (value.comment !== PMTA_DEFAULT) block.fields.set(name, value);
}

function putDifferences(
  context: PassContext,
  block: Parameters<typeof addOrigins>[0] & { readonly fields: FieldMap },
  timing: Timing,
  have: (name: string) => KumoValue | undefined,
  complete = false,
): void {
  for (const [name, value] of fieldsOf(timing)) {
    const unasked = !complete && value.comment === PMTA_DEFAULT && context.options.pmtaDefaults === 'skip';
    if (unasked || sameValue(value.value, have(name))) continue;
    block.fields.set(name, value);
    addOrigins(block, tagsAround(name === 'max_age' ? timing.maxAge.settings : timing.retry.settings));
  }
}

function noteList(context: PassContext, domain: string, tenant: string, timing: Timing): void {
  const { list, settings } = timing.retry;
  const lists = context.policy.lua.retryLists;
  // A queue with an ordinary interval must not fall back to a wider queue's list.
  if (isDoubling(list) && lists.length === 0) return;
  const seconds = isDoubling(list) ? [] : list;
  lists.push({ domain, tenant, seconds, origins: settings.map((line) => line.span) });
}

/** Repeats a wildcard's values under every longer name, which would hide it from KumoMTA's look-up. */
function repeatShadowed(context: PassContext): void {
  const { queues } = context.policy;
  for (const [name, block] of queues) if (block.fields.size + block.tenants.size === 0) queues.delete(name);
  const keys = new Set([...queues.keys()].filter((name) => name !== 'default'));
  for (const [key, wildcard] of shadowedKeys(keys)) {
    queueBlock(context.policy, key).comments.push(`repeats "${wildcard}", which a longer entry hides`);
  }
  for (const [key, block] of queues) {
    const around = wildcardAbove(keys, key);
    const repeated = around === undefined ? undefined : queues.get(around);
    if (repeated === undefined) continue;
    if (block.fields.size === 0) for (const [name, value] of repeated.fields) block.fields.set(name, value);
    for (const [tenant, pair] of repeated.tenants) if (!block.tenants.has(tenant)) block.tenants.set(tenant, pair);
  }
}

function settleLines(context: PassContext): void {
  for (const line of context.config.settings) {
    if (line.scope.kind !== 'domain' || line.value === undefined || !QUEUE_DIRECTIVES.has(line.name)) continue;
    if (hasPlaces(line.scope)) context.ledger.settle(line, 'approximate', NAME, line.row?.note);
  }
}
