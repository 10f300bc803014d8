import type { ScopeBlock, Setting, VirtualMta } from '../pmta/model';
import { tenantsOf } from './names';
import type { PassContext } from './pass';
import type { Lookup } from './path-fields';
import type { Place } from './places';
import { getOrAdd } from './policy-writer';
import { queuePlaces } from './queue-places';
import { translateRegex } from './regex';
import { rerouteTenant } from './reroutes';

const REROUTE = 'backoff-reroute-to-virtual-mta';
const RETRY = 'backoff-retry-after';
const DELIVERY = 'backoff-to-normal-after-delivery';

/** Directives of backoff that change no limit. */
export const NO_LIMITS: ReadonlySet<string> = new Set([REROUTE, RETRY, DELIVERY]);

/** What counts for mail that got a reply of a list. */
interface Reaction {
  readonly seconds: readonly number[];
  readonly reroute?: string;
}

/**
 * `backoff-retry-after`: in backoff a queue is retried after these intervals instead of its own (M5 3.3.10.40), and
 * `backoff-reroute-to-virtual-mta` moves it (M5 3.3.10.50). KumoMTA knows no backoff of a queue, so both are done to
 * each message that got a reply which causes the backoff.
 */
export function noteBackoffRetry(
  context: PassContext,
  vmta: VirtualMta | undefined,
  place: Place,
  lists: readonly ScopeBlock[],
  get: Lookup,
  by: string,
): void {
  const [first] = lists;
  if (first === undefined) return;
  const reroute = reroutedTo(context, get, by);
  const seconds = waits(context, get, by, reroute !== undefined);
  if (reroute === undefined && seconds.length === 0) {
    const own = get(RETRY);
    if (own !== undefined) hideWiderWaits(context, vmta, place, own.setting);
    return;
  }
  const { lua } = context.policy;
  const list = first.argument.toLowerCase();
  if (!lua.replyLists.has(list)) lua.replyLists.set(list, patternsOf(lists));
  const domain = place.domain === '*' ? 'default' : place.domain;
  const reaction: Reaction = { seconds, ...(reroute === undefined ? {} : { reroute }) };
  const origins = [REROUTE, RETRY].flatMap((name) => get(name)?.setting.span ?? []);
  for (const tenant of tenantsOf(context, vmta)) lua.backoffRetry.push({ domain, tenant, list, ...reaction, origins });
}

/** The tenant that mail moves to; undefined when it stays. */
function reroutedTo(context: PassContext, get: Lookup, by: string): string | undefined {
  const found = get(REROUTE);
  if (found?.value.kind !== 'text') return undefined;
  const { setting, value } = found;
  const name = value.value.toLowerCase();
  const tenant = rerouteTenant(context, name);
  if (name === '') context.ledger.settle(setting, 'exact', by);
  else if (!context.egress.tenantOf.has(name))
    context.ledger.settle(setting, 'invalid', by, 'It names something that is not defined.');
  else if (tenant === undefined) {
    const note = 'Members of this pool differ in more than the address, so that mail would have to choose one again.';
    context.ledger.settle(setting, 'manual', by, note);
  } else context.ledger.settle(setting, 'approximate', by, setting.row?.note);
  return tenant;
}

/** Seconds to wait, as far as KumoMTA's own interval does not do; empty when it does. */
function waits(context: PassContext, get: Lookup, by: string, rerouted: boolean): readonly number[] {
  const retry = get(RETRY);
  if (retry?.value.kind !== 'intervals' || retry.value.values.length === 0) return [];
  if (Math.max(...retry.value.values) <= usualWait(get)) {
    context.ledger.settle(retry.setting, 'approximate', by, NOT_LONGER);
    return [];
  }
  const moot =
    'Mail that gets such a reply moves to another virtual-mta at once, and waits only when it has been there.';
  context.ledger.settle(retry.setting, 'approximate', by, rerouted ? moot : retry.setting.row?.note);
  return retry.value.values;
}

const NOT_LONGER =
  'It is not longer than retry-after, which stays the interval: KumoMTA can put an attempt off, not forward.';

/** The shortest interval between attempts without backoff, in seconds. */
function usualWait(get: Lookup): number {
  const own = get('retry-after')?.value;
  return own?.kind === 'intervals' && own.values.length > 0 ? Math.min(...own.values) : 600;
}

/** Says of each backoff-retry-after for which mail that it reaches retry-after is the longer one; after all were settled. */
export function noteLongerRetries(context: PassContext, by: string): void {
  const { config, ledger } = context;
  const longer = new Map<Setting, string[]>();
  for (const { place, vmta, settings } of queuePlaces(context, new Set(['retry-after', RETRY]))) {
    const get: Lookup = (name) => settings.get(name);
    const retry = get(RETRY);
    const list = get('smtp-pattern-list')?.value;
    if (list?.kind !== 'text' || !config.named.get('smtp-pattern-list')?.has(list.value.toLowerCase())) continue;
    if (retry?.value.kind !== 'intervals' || retry.value.values.length === 0) continue;
    if (Math.min(...retry.value.values) >= usualWait(get)) continue;
    if (ledger.entry(retry.setting)?.by !== by) continue;
    const to = place.domain === '*' ? '' : ` to ${place.domain}`;
    const from = vmta === undefined ? '' : ` of virtual-mta ${vmta.name}`;
    getOrAdd(longer, retry.setting, () => []).push(`${from}${to}`);
  }
  for (const [line, [first = '', ...others]] of longer) {
    if (ledger.entry(line)?.notes.includes(NOT_LONGER)) continue;
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
    const note = `Mail${first}${more} waits longer than it says: retry-after stays the interval there, and KumoMTA can put an attempt off, not forward.`;
    ledger.settle(line, 'approximate', by, note);
  }
}

/** The lines that count and change no limit. */
export function linesWithoutLimits(get: Lookup): readonly Setting[] {
  return [...NO_LIMITS].flatMap((name) => get(name)?.setting ?? []).filter(asks);
}

/** False for a switch that is off, and for a name that is cleared. */
export function asks({ value }: Setting): boolean {
  return !(value?.kind === 'bool' && !value.value) && !(value?.kind === 'text' && value.value === '');
}

/** Lines about backoff at places where no reply causes one: only PowerMTA's operator could, by a command. */
export function settleWithoutReplies(context: PassContext, get: Lookup, by: string): void {
  const attached = get('smtp-pattern-list')?.value;
  const named = attached?.kind === 'text' && attached.value !== '' ? attached.value : undefined;
  for (const setting of linesWithoutLimits(get)) {
    if (named === undefined) {
      const note = 'No smtp-pattern-list counts here, so that no reply causes a backoff.';
      context.ledger.settle(setting, 'implicit', by, note);
    } else {
      const note = `The smtp-pattern-list ${named} is not defined in these files, so nothing says which replies it is for.`;
      context.ledger.settle(setting, 'manual', by, note);
    }
  }
}

/** A queue without waits of its own in backoff must not take those of a wider one. */
export function hideWiderWaits(
  context: PassContext,
  vmta: VirtualMta | undefined,
  place: Place,
  { span }: Setting,
): void {
  const { backoffRetry } = context.policy.lua;
  if (backoffRetry.length === 0) return;
  const domain = place.domain === '*' ? 'default' : place.domain;
  for (const tenant of tenantsOf(context, vmta)) {
    backoffRetry.push({ domain, tenant, list: '', seconds: [], origins: [span] });
  }
}

/** Regexes of the replies that switch to backoff. */
function patternsOf(lists: readonly ScopeBlock[]): readonly string[] {
  const regexes = lists
    .flatMap((list) => list.settings)
    .flatMap(({ value }) => {
      if (value?.kind !== 'reply' || !value.actions.some(({ action }) => action === 'mode-backoff')) return [];
      const translated = translateRegex(value.regex.pattern);
      return 'regex' in translated ? [translated.regex] : [];
    });
  return [...new Set(regexes)];
}
