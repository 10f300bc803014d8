import { releaseAtLeast } from '../kumo/format';
import type { StatusEntry } from '../kumo/model';
import type { ScopeBlock, Setting, VirtualMta } from '../pmta/model';
import { withShadowed } from './domain-keys';
import { tenantsOf } from './names';
import { type PassContext, pathSourcesOf } from './pass';
import { ASSUME_DELIVERY, assumesDelivery } from './path-fields';
import { ASSUMED_NOTE } from './path-lines';
import { lookupIn } from './path-lookup';
import { resolvePathField } from './path-resolution';
import { blockOf } from './path-writer';
import { ownScopes, type Place, placesOf } from './places';
import { blockIn, field, setField } from './policy-writer';
import { queuePlaces } from './queue-places';
import { translateRegex } from './regex';
import { landingOf } from './routes';

/** The pass of which this is a part. */
const NAME = 'backoff';
const NEXT_HOST = 'try_next_host_on_transport_error';
const NEXT_HOST_SINCE = '2025.10.06';

/** What is said about a line with such an action. */
export const STATUS_NOTES = {
  'bounce-rcpt':
    'Such a reply becomes a 550. KumoMTA does not tell whether it came to RCPT, so one to DATA bounces as well.',
  'skip-mx':
    'The reply becomes a 421, after which KumoMTA goes on with the next host: at once from release 2025.10.06 on, before it as a later attempt.',
} as const;

/**
 * `bounce-rcpt` and `skip-mx` of an `<smtp-pattern-list>` change what a reply means (M5 3.3.15). KumoMTA asks
 * smtp_client_rewrite_delivery_status for each refused recipient or message; of entries that conflict the first counts.
 */
export function changeStatuses(context: PassContext): void {
  const lists = context.config.named.get('smtp-pattern-list') ?? new Map<string, readonly ScopeBlock[]>();
  const changing = new Map([...lists].map(([name, blocks]) => [name, entriesOf(blocks)] as const));
  if (![...changing.values()].some((entries) => entries.length > 0)) return;
  for (const vmta of [undefined, ...context.config.virtualMtas.values()]) {
    const scopes = vmta === undefined ? [context.config.domains] : ownScopes(vmta);
    for (const place of placesOf(scopes)) attach(context, vmta, place, changing);
  }
  exceptAssumed(context);
  const { statusLists } = context.policy.lua;
  statusLists.splice(0, statusLists.length, ...withShadowed(statusLists));
}

/** What a list makes of replies, in its order. A pattern that cannot be written has been reported by the backoff pass. */
function entriesOf(blocks: readonly ScopeBlock[]): readonly StatusEntry[] {
  return blocks
    .flatMap((block) => block.settings)
    .flatMap((line) => {
      const code = codeOf(line);
      if (line.value?.kind !== 'reply' || code === undefined) return [];
      const translated = translateRegex(line.value.regex.pattern);
      if ('reason' in translated) return [];
      return [{ regex: translated.regex, code, origins: [line.span] }];
    });
}

/** The status that stands for the action: 550 gives the recipient up, 421 ends the session with this host. */
function codeOf({ value }: Setting): 421 | 550 | undefined {
  if (value?.kind !== 'reply') return undefined;
  const actions = new Set(value.actions.map(({ action }) => action));
  if (actions.has('bounce-rcpt')) return 550;
  return actions.has('skip-mx') ? 421 : undefined;
}

function attach(
  context: PassContext,
  vmta: VirtualMta | undefined,
  place: Place,
  changing: ReadonlyMap<string, readonly StatusEntry[]>,
): void {
  const attached = lookupIn(context, vmta, place.domain)('smtp-pattern-list');
  if (attached?.value.kind !== 'text') return;
  const name = attached.value.value.toLowerCase();
  const entries = changing.get(name) ?? [];
  const { lua } = context.policy;
  if (entries.length > 0) lua.statusEntries.set(name, entries);
  const domain = place.domain === '*' ? 'default' : place.domain;
  // A place whose list changes nothing still hides what a wider one says.
  const list = entries.length > 0 ? name : '';
  for (const tenant of tenantsOf(context, vmta)) {
    lua.statusLists.push({ domain, tenant, list, origins: [attached.setting.span] });
  }
  if (entries.some(({ code }) => code === 421)) goOn(context, vmta, place, attached.setting);
}

/** After a 421 KumoMTA puts the message off, unless the path says to try the next host. */
function goOn(context: PassContext, vmta: VirtualMta | undefined, place: Place, line: Setting): void {
  if (!releaseAtLeast(context.options.target, NEXT_HOST_SINCE)) return;
  if (assumesDelivery(lookupIn(context, vmta, place.domain))) {
    context.ledger.settle(line, 'approximate', NAME, ASSUMED_NOTE);
    return;
  }
  for (const { block } of blocksFor(context, vmta, place)) {
    const { fields } = block();
    if (!fields.has(NEXT_HOST)) setField(fields, NEXT_HOST, true, [line]);
  }
}

/** The blocks of the paths of a place, each made when it is first needed. */
function blocksFor(context: PassContext, vmta: VirtualMta | undefined, place: Place) {
  if (vmta === undefined) {
    const { shaping } = context.policy;
    const block = () => (place.pattern.form === 'any' ? shaping.default : blockOf(context, vmta, place));
    return [{ source: undefined, block }];
  }
  return pathSourcesOf(context.egress, vmta.name).map((source) => ({
    source,
    block: () => blockIn(blockOf(context, vmta, place).sources, source),
  }));
}

/** Takes the next host back from places that assume deliveries and lie within one that goes on to it: see nextHost. */
function exceptAssumed(context: PassContext): void {
  for (const { place, vmta } of queuePlaces(context, new Set([ASSUME_DELIVERY, 'smtp-pattern-list']))) {
    const get = lookupIn(context, vmta, place.domain);
    const assume = get(ASSUME_DELIVERY);
    if (assume === undefined || !assumesDelivery(get)) continue;
    const landing = landingOf(context.config, vmta, place.domain);
    for (const { source, block } of blocksFor(context, vmta, place)) {
      if (resolvePathField(context, landing, source, NEXT_HOST) !== true) continue;
      block().fields.set(NEXT_HOST, field(false, [assume.setting]));
    }
  }
}
