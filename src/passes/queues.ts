import { numberOf } from '../directives/value';
import { formatDuration, sameValue } from '../kumo/format';
import type { FieldMap, KumoValue } from '../kumo/model';
import { effectiveSettings } from '../pmta/match';
import type { EffectiveSettings, Setting, VirtualMta } from '../pmta/model';
import { shadowedKeys, withShadowed } from './domain-keys';
import type { Pass, PassContext } from './pass';
import { hasPlaces, ownScopes, type Place } from './places';
import { addOrigins, blockIn, field, PMTA_DEFAULT, queueBlock, tagsAround } from './policy-writer';
import { isBelow, placesWith } from './queue-places';

const NAME = 'queues';

const QUEUE_DIRECTIVES: ReadonlySet<string> = new Set(['bounce-after', 'retry-after', 'retry-recipients-after']);

/** PowerMTA's defaults (M5 3.3.10.52, 3.3.10.78), in seconds. */
const DEFAULT_AGE = 388_800;
const DEFAULT_RETRY = 600;

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
    const places = placesWith([config.domains], QUEUE_DIRECTIVES);
    writeDefault(context);
    for (const place of places) writeGlobalPlace(context, place);
    for (const vmta of config.virtualMtas.values()) {
      const tenant = context.egress.tenantOf.get(vmta.name.toLowerCase());
      if (tenant !== undefined) writeTenant(context, vmta, tenant, places);
    }
    for (const pool of config.pools.values()) {
      const tenant = context.egress.tenantOf.get(pool.name.toLowerCase());
      const member = config.virtualMtas.get(pool.members[0]?.name.toLowerCase() ?? '');
      const byMember = tenant !== undefined && context.policy.lua.memberPools.has(tenant);
      if (tenant !== undefined && member !== undefined && !byMember) writeTenant(context, member, tenant, places);
    }
    repeatShadowed(context);
    dropIdleTenantFields(context);
    const { retryLists } = context.policy.lua;
    retryLists.splice(0, retryLists.length, ...withShadowed(retryLists));
    settleLines(context);
  },
};

interface Timing {
  readonly maxAge: { readonly seconds: number; readonly settings: readonly Setting[] };
  readonly retry: { readonly list: readonly number[]; readonly settings: readonly Setting[] };
}

function timingOf(settings: EffectiveSettings): Timing {
  const age = settings.get('bounce-after');
  const seconds = numberOf(age?.value, 'interval') ?? DEFAULT_AGE;
  const retry = settings.get('retry-after');
  const recipients = settings.get('retry-recipients-after');
  const list =
    retry?.value.kind === 'intervals' && retry.value.values.length > 0 ? retry.value.values : [DEFAULT_RETRY];
  const floor = numberOf(recipients?.value, 'interval') ?? 0;
  return {
    maxAge: { seconds, settings: age === undefined ? [] : [age.setting] },
    retry: {
      list: list.map((item) => Math.max(item, floor)),
      settings: [retry, recipients].flatMap((found) => (found === undefined ? [] : [found.setting])),
    },
  };
}

/**
 * Fields of a queue block. A list that doubles up to a constant is KumoMTA's own schedule; any other list is followed by
 * Lua, and the interval is then its smallest item, so that KumoMTA never waits longer than the list says.
 */
function fieldsOf(timing: Timing): FieldMap {
  const fields: FieldMap = new Map();
  const { maxAge, retry } = timing;
  fields.set('max_age', field(formatDuration(maxAge.seconds), maxAge.settings));
  const doubles = isDoubling(retry.list);
  const first = doubles ? (retry.list[0] ?? DEFAULT_RETRY) : Math.min(...retry.list);
  const last = doubles ? (retry.list.at(-1) ?? first) : first;
  fields.set('retry_interval', field(formatDuration(first), retry.settings));
  fields.set('max_retry_interval', field(formatDuration(last), retry.settings));
  return fields;
}

function isDoubling(list: readonly number[]): boolean {
  const cap = list.at(-1) ?? 0;
  return list.every((item, i) => item === Math.min((list[0] ?? 0) * 2 ** i, cap));
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

function writeGlobalPlace(context: PassContext, place: Place): void {
  if (place.pattern.form === 'any') return;
  const timing = timingOf(effectiveSettings(context.config, undefined, place.domain));
  const block = queueBlock(context.policy, place.domain);
  putDifferences(context, block, timing, (name) => context.policy.queues.get('default')?.fields.get(name)?.value);
  noteList(context, place.domain, '', timing);
}

function writeTenant(context: PassContext, vmta: VirtualMta, tenant: string, globalPlaces: readonly Place[]): void {
  const { config, policy } = context;
  const scopes = ownScopes(vmta);
  const own = placesWith(scopes, QUEUE_DIRECTIVES);
  if (own.length === 0) return;
  const tenantBlock = blockIn(policy.tenants, tenant);
  const everywhere = own.some((place) => place.pattern.form === 'any');
  const touched = globalPlaces.filter(({ domain }) => everywhere || own.some((place) => isBelow(domain, place.domain)));
  const places = new Map([...touched, ...own].map((place) => [place.domain, place]));
  if (everywhere) {
    const timing = timingOf(onlyFrom(effectiveSettings(config, vmta, '*')));
    putOwn(tenantBlock, timing);
    if (timing.retry.settings.length > 0) noteList(context, 'default', tenant, timing);
  }
  for (const place of places.values()) {
    if (place.domain === '*') continue;
    const timing = timingOf(effectiveSettings(config, vmta, place.domain));
    const domain = policy.queues.get(place.domain);
    const have = (name: string): KumoValue | undefined =>
      (tenantBlock.fields.get(name) ?? domain?.fields.get(name) ?? policy.queues.get('default')?.fields.get(name))
        ?.value;
    const pair = { fields: new Map(), origins: [], comments: [] };
    putDifferences(context, pair, timing, have);
    const ownRetry = effectiveSettings(config, vmta, place.domain).get('retry-after');
    if (ownRetry !== undefined && ownRetry.from !== 'global') noteList(context, place.domain, tenant, timing);
    if (pair.fields.size > 0) queueBlock(policy, place.domain).tenants.set(tenant, pair);
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
): void {
  for (const [name, value] of fieldsOf(timing)) {
    const unasked = value.comment === PMTA_DEFAULT && context.options.pmtaDefaults === 'skip';
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
    const around = [...keys].filter((wildcard) => isBelow(key, wildcard)).sort((a, b) => b.length - a.length)[0];
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
