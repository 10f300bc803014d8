import type { Span } from '../diagnostics/span';
import { numberOf } from '../directives/value';
import { formatDuration } from '../kumo/format';
import type { AutomationAction, AutomationRule, KumoValue } from '../kumo/model';
import type { Setting } from '../pmta/model';
import type { PassContext } from './pass';
import type { Lookup } from './path-fields';
import { throttleOf } from './rates';

/** "Until somebody ends it", for rules that KumoMTA can only end by time. */
export const FOR_EVER = 365 * 86_400;
/** PowerMTA's defaults (M5 3.3.10.40, 3.3.10.42), seconds and connections. */
const BACKOFF_RETRY = 3_600;
const BACKOFF_CONNECTIONS = 20;

/** The limits of backoff mode, as far as they differ from the normal ones (M5 3.3.10.34-42). */
export function backoffActions(get: Lookup, target: string): readonly AutomationAction[] {
  const actions: AutomationAction[] = [];
  const set = (name: string, value: KumoValue): void => void actions.push({ set: name, value });
  const rate = get('backoff-max-msg-rate')?.value ?? get('backoff-max-msg-per-hour')?.value;
  const normal = get('max-msg-rate')?.value ?? get('max-msg-per-hour')?.value;
  const slow = throttleText(rate, target);
  if (slow !== undefined && slow !== throttleText(normal, target)) set('max_message_rate', slow);
  const connections = get('backoff-max-smtp-out')?.value;
  const usual = get('max-smtp-out')?.value;
  const few =
    connections?.kind === 'int' && typeof connections.value === 'number' ? connections.value : BACKOFF_CONNECTIONS;
  const many = usual?.kind === 'int' && typeof usual.value === 'number' ? usual.value : 20;
  if (few > 0 && (connections === undefined ? many > few : many !== few)) set('connection_limit', few);
  const connect = throttleText(get('backoff-max-connect-rate')?.value, target);
  if (connect !== undefined && connect !== throttleText(get('max-connect-rate')?.value, target))
    set('max_connection_rate', connect);
  return actions;
}

function throttleText(value: Setting['value'] | undefined, target: string): string | undefined {
  if (value?.kind === 'rate') return value.rate === 'unlimited' ? '1000000/s' : throttleOf(value.rate, target);
  if (value?.kind !== 'int' || typeof value.value !== 'number' || value.value === 0) return undefined;
  return throttleOf({ count: value.value, multiple: 1, unit: 'h' }, target);
}

/** How long a rule acts: PowerMTA's time, or the first backoff retry when a delivery would end the backoff. */
export function backoffDuration(get: Lookup): number {
  const after = intervalOf(get, 'backoff-to-normal-after');
  if (after !== undefined) return after;
  const byDelivery = get('backoff-to-normal-after-delivery')?.value;
  if (byDelivery?.kind !== 'bool' || !byDelivery.value) return FOR_EVER;
  return intervalOf(get, 'backoff-retry-after') ?? BACKOFF_RETRY;
}

/** What {@link backoffActions} and {@link backoffDuration} read. */
const READ = [
  'backoff-max-connect-rate',
  'backoff-max-msg-per-hour',
  'backoff-max-msg-rate',
  'backoff-max-smtp-out',
  'backoff-to-normal-after',
];

/** Lines that the limits and the time of a rule come from; none for a rule without limits. */
export function limitLines({ actions }: Pick<AutomationRule, 'actions'>, get: Lookup): Set<Span> {
  const slows = actions.some((action) => typeof action !== 'string');
  return new Set(slows ? READ.flatMap((name) => get(name)?.setting.span ?? []) : []);
}

/**
 * `backoff-to-normal-after-delivery` (M5 3.3.10.45): rules end by time only. Where no other time is set, the time of the
 * first attempt in backoff, the earliest that PowerMTA's queue could have its delivery after a deferral, stands for it.
 */
export function settleDelivery(
  { ledger }: PassContext,
  get: Lookup,
  rules: readonly AutomationRule[],
  by: string,
): void {
  const found = get('backoff-to-normal-after-delivery');
  if (found?.value.kind !== 'bool' || !found.value.value) return;
  const limiting = rules.filter(({ actions }) => actions.some((action) => typeof action !== 'string'));
  const lasts = formatDuration(backoffDuration(get));
  if (limiting.length === 0) {
    ledger.settle(found.setting, 'implicit', by, 'No limit is lower in backoff here, so that there is none to end.');
  } else if (intervalOf(get, 'backoff-to-normal-after') === undefined) {
    const note = `The lower limits end ${lasts} after the last such reply (backoff-retry-after), whatever is delivered before.`;
    ledger.settle(found.setting, 'approximate', by, note);
  } else {
    const note = `The lower limits end ${lasts} after the last such reply (backoff-to-normal-after); a delivery does not end them before.`;
    ledger.settle(found.setting, 'unsupported', by, note);
  }
}

/** Seconds; the first item of a list. Undefined when unset or `never`. */
export function intervalOf(get: Lookup, name: string): number | undefined {
  const value = get(name)?.value;
  return value?.kind === 'intervals' ? value.values[0] : numberOf(value, 'interval');
}
