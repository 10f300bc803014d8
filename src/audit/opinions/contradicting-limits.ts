import { numberOf, perSecond, type Value } from '../../directives/value';
import type { Effective, EffectiveSettings } from '../../pmta/model';
import type { OpinionContext } from './opinion';
import { placesIn } from './places';

/** What PowerMTA takes when nothing is set, in seconds (M5 3.3.10.30: 4d12h). */
const BOUNCE_AFTER = 388_800;

const BACKOFF_LIMITS = [
  ['backoff-max-msg-rate', 'max-msg-rate'],
  ['backoff-max-connect-rate', 'max-connect-rate'],
  ['backoff-max-smtp-out', 'max-smtp-out'],
] as const;

/** Settings of one queue that cannot both mean what they say. Each pair of lines is told once. */
export function contradictingLimits(context: OpinionContext): void {
  const told = new Set<string>();
  const once = (a: Effective | undefined, b: Effective | undefined, tell: () => void): void => {
    const key = `${a?.setting.id} ${b?.setting.id}`;
    if (told.has(key)) return;
    told.add(key);
    tell();
  };
  for (const settings of placesIn(context.config)) {
    backoffThatSpeedsUp(context, settings, once);
    expiryBeforeRetry(context, settings, once);
    rateOutOfReach(context, settings, once);
  }
}

type Once = (a: Effective | undefined, b: Effective | undefined, tell: () => void) => void;

/** Backoff that allows as much as is allowed without it. */
function backoffThatSpeedsUp({ diagnostics }: OpinionContext, settings: EffectiveSettings, once: Once): void {
  for (const [name, normalName] of BACKOFF_LIMITS) {
    const [backoff, normal] = [settings.get(name), settings.get(normalName)];
    const [less, more] = [limitIn(backoff?.value), limitIn(normal?.value)];
    if (backoff === undefined || normal === undefined || less === undefined || more === undefined) continue;
    if (isMore(more, less)) continue;
    once(backoff, normal, () => {
      const holes = { directive: name, value: backoff.setting.raw, normal: `${normalName} ${normal.setting.raw}` };
      diagnostics.report('backoff-not-slower', backoff.setting.valueSpan, holes, [related(normal)]);
    });
  }
}

/** A first wait that is as long as the life of a message. */
function expiryBeforeRetry({ diagnostics }: OpinionContext, settings: EffectiveSettings, once: Once): void {
  const [retry, bounce] = [settings.get('retry-after'), settings.get('bounce-after')];
  const first = retry?.value.kind === 'intervals' ? retry.value.values[0] : undefined;
  const life = bounce === undefined ? BOUNCE_AFTER : numberOf(bounce.value, 'interval');
  if (retry === undefined || first === undefined || life === undefined || life === 0 || first < life) return;
  once(retry, bounce, () => {
    const holes = { retry: retry.setting.raw, bounce: bounce?.setting.raw ?? '4d12h, the default' };
    diagnostics.report(
      'retry-after-expiry',
      retry.setting.valueSpan,
      holes,
      bounce === undefined ? [] : [related(bounce)],
    );
  });
}

/** A message rate above what the connection rate and the messages per connection let through. */
function rateOutOfReach({ diagnostics }: OpinionContext, settings: EffectiveSettings, once: Once): void {
  const [rate, connects] = [settings.get('max-msg-rate'), settings.get('max-connect-rate')];
  const perConnection = settings.get('max-msg-per-connection');
  const [wanted, connected] = [limitIn(rate?.value), limitIn(connects?.value)];
  const messages = limitIn(perConnection?.value);
  if (rate === undefined || connects === undefined || perConnection === undefined) return;
  if (wanted === undefined || connected === undefined || messages === undefined) return;
  if (!isMore(wanted, connected * messages)) return;
  once(rate, connects, () => {
    const holes = { rate: rate.setting.raw, connects: connects.setting.raw, messages: perConnection.setting.raw };
    diagnostics.report('rate-out-of-reach', rate.setting.valueSpan, holes, [related(connects), related(perConnection)]);
  });
}

/** Connections, messages, or something a second; undefined where there is no limit (0 is none in a count). */
export function limitIn(value: Value | undefined): number | undefined {
  if (value?.kind === 'rate') return value.rate === 'unlimited' ? undefined : perSecond(value.rate);
  const count = numberOf(value, 'int');
  return count === 0 ? undefined : count;
}

/** Whether one limit is above another; rates in different units are equal but for the last digits. */
export function isMore(one: number, other: number): boolean {
  return one > other * (1 + 1e-9);
}

function related({ setting }: Effective) {
  return { span: setting.valueSpan, message: 'together with this' };
}
