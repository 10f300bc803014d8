import { numberOf, type Value } from '../directives/value';
import { formatDuration } from '../kumo/format';
import { vmtaSetting } from '../pmta/match';
import { type Compare, compareAmounts } from './amounts';
import { secondsOf } from './kumo-path';
import { counterOf, isNear, limitOf, rateOf, throttleRate, together } from './limits';
import { mxList, NOBODY } from './routes';
import type { Comparison, KumoPath, PmtaPath, Read, Verdict } from './sides';
import { tls } from './tls';

const duration = (seconds: number): string => (Number.isFinite(seconds) ? formatDuration(seconds) : 'never');
const count = (amount: number): string => (Number.isFinite(amount) ? String(amount) : 'unlimited');
const rate = (amount: number): string => (Number.isFinite(amount) ? perText(amount) : 'unlimited');

/** The coarsest unit in which the rate is a whole number. */
function perText(amount: number): string {
  for (const [unit, seconds] of [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
  ] as const) {
    const whole = amount * seconds;
    if (unit !== 'd' && isNear(whole, Math.round(whole)) && whole < 100_000) return `${Math.round(whole)}/${unit}`;
    if (unit === 'd' && whole < 24) return `${Number(whole.toPrecision(4))}/d`;
  }
  return `${Number(amount.toPrecision(4))}/s`;
}

function countIn(value: Value | undefined, byDefault: number): number {
  if (value?.kind !== 'int') return byDefault;
  return value.value === 'unlimited' ? Number.POSITIVE_INFINITY : value.value;
}

/** Intervals that are one field of the egress path, with PowerMTA's default (M5 3.3.10, each directive). */
function interval(directive: string, field: string, byDefault: number): Compare {
  return ({ value }, { paths }) => {
    const [path] = paths.values();
    return compareAmounts({
      directive,
      direction: 'other-is-different',
      pmta: numberOf(value(directive), 'interval') ?? byDefault,
      kumo: secondsOf(path?.[field]) ?? Number.NaN,
      text: duration,
      read: [{ from: 'path', field }],
    });
  };
}

const SHARED_SITE =
  'KumoMTA shares the limit between domains with the same mail exchangers, and keeps the stricter value.';

/** All mail to the hosts of a `<domain *>` has one ready queue per source, and so one limit for all domains. */
function behindRelay(pmta: PmtaPath, kumo: KumoPath, found: Comparison): Comparison {
  const route = pmta.settings.get('smtp-hosts') ?? pmta.settings.get('route');
  const relayed = route?.pattern.form === 'any' && mxList(kumo.queue['protocol']) !== undefined;
  if (!relayed || found.verdict !== 'equal') return found;
  const why = 'All mail to these hosts shares the limit in KumoMTA; PowerMTA has one for each domain.';
  return { ...found, verdict: 'stricter', why };
}

const connections: Compare = (pmta, kumo) => {
  const own = countIn(pmta.value('max-smtp-out'), 20);
  if (own === 0) return undefined;
  const wanted = Math.min(own, capOf(pmta, 'max-smtp-out'));
  const { amount, read } = together(kumo, 'connection_limit', 'additional_connection_limits', limitOf);
  return behindRelay(
    pmta,
    kumo,
    compareAmounts({
      directive: 'max-smtp-out',
      direction: 'more-is-looser',
      pmta: wanted,
      kumo: amount,
      text: count,
      read,
      ...(amount < wanted ? { why: SHARED_SITE } : {}),
    }),
  );
};

const messages: Compare = (path, kumo) => {
  const { amount, read } = together(kumo, 'max_message_rate', 'additional_message_rate_throttles', throttleRate);
  const own = rateOf(path.value('max-msg-rate') ?? path.value('max-msg-per-hour'));
  const pmta = Math.min(own, capOf(path, 'max-smtp-msg-rate'));
  const rates = compareAmounts({
    directive: 'max-msg-rate',
    direction: 'more-is-looser',
    pmta,
    kumo: amount,
    text: rate,
    read,
    ...(amount < pmta ? { why: SHARED_SITE } : {}),
  });
  return Number.isFinite(amount) ? behindRelay(path, kumo, rates) : rates;
};

const connectRate: Compare = ({ value }, { paths }) => {
  const ramp = numberOf(value('smtp-out-rampup-interval'), 'interval') ?? 0;
  const pmta = Math.min(rateOf(value('max-connect-rate')), ramp > 0 ? 1 / ramp : Number.POSITIVE_INFINITY);
  const kumo = [...paths.values()].reduce((sum, path) => sum + throttleRate(path['max_connection_rate']), 0);
  return compareAmounts({
    directive: 'max-connect-rate',
    direction: 'more-is-looser',
    pmta,
    kumo,
    text: rate,
    read: [{ from: 'path', field: 'max_connection_rate' }],
  });
};

const perConnection: Compare = ({ value }, { paths }) => {
  const wanted = countIn(value('max-msg-per-connection'), 0);
  return compareAmounts({
    directive: 'max-msg-per-connection',
    direction: 'more-is-looser',
    pmta: wanted === 0 ? Number.POSITIVE_INFINITY : wanted,
    kumo: Math.min(...[...paths.values()].map((path) => limitOf(path['max_deliveries_per_connection']))),
    text: count,
    read: [{ from: 'path', field: 'max_deliveries_per_connection' }],
  });
};

const expiry: Compare = ({ value }, { queue }) =>
  compareAmounts({
    directive: 'bounce-after',
    direction: 'other-is-different',
    pmta: numberOf(value('bounce-after'), 'interval') ?? 388_800,
    kumo: secondsOf(queue['max_age']) ?? 604_800,
    text: duration,
    read: [{ from: 'queue', field: 'max_age' }],
  });

/** The waits one after the other; the last of PowerMTA's list repeats, and none is shorter than retry-recipients-after. */
const retry: Compare = (pmta, kumo) => {
  const { waits, message } = kumo;
  const list = retryList(pmta);
  const read = readWaits(message?.firstAttempts);
  const shown = list.map(duration).join(',');
  if (message === undefined && new Set(list).size > 1) {
    return {
      directive: 'retry-after',
      pmta: shown,
      kumo: waitsText(waits),
      verdict: 'not-comparable',
      why: NOBODY,
      read,
    };
  }
  const at = waits.findIndex((wait, i) => !isNear(wait, list[Math.min(i, list.length - 1)] ?? 0));
  const wanted = list[Math.min(Math.max(at, 0), list.length - 1)] ?? 0;
  const verdict: Verdict = at === -1 ? 'equal' : (waits[at] ?? 0) < wanted ? 'looser' : 'stricter';
  const why =
    verdict === 'equal' ? '' : `Attempt ${at + 2} comes after ${duration(waits[at] ?? 0)}, not ${duration(wanted)}.`;
  return { directive: 'retry-after', pmta: shown, kumo: waitsText(waits), verdict, why, read };
};

/** Waits are the handler's where it puts any attempt off. */
export function readWaits(first: readonly (string | undefined)[] | undefined): readonly Read[] {
  const own: readonly Read[] = [{ from: 'queue', field: 'retry_interval' }];
  return first?.some((time) => time !== undefined) ? [{ from: 'handler', event: 'requeue_message' }, ...own] : own;
}

/** Seconds before each further attempt in PowerMTA (M5 3.3.10.78). */
export function retryList({ value }: PmtaPath): readonly number[] {
  const list = value('retry-after');
  const floor = numberOf(value('retry-recipients-after'), 'interval') ?? 0;
  const waits = list?.kind === 'intervals' && list.values.length > 0 ? list.values : [600];
  return waits.map((wait) => Math.max(wait, floor));
}

/** The last wait repeats, so that its repetitions need not be shown. */
function waitsText(waits: readonly number[]): string {
  const last = waits.findLastIndex((wait, i) => i === 0 || wait !== waits[i - 1]);
  return waits
    .slice(0, last + 1)
    .map(duration)
    .join(',');
}

/** What a virtual-mta may do with all its queues together. */
function vmtaCap(directive: string, counters: string, read: (value: unknown) => number, text: typeof count): Compare {
  return (pmta, kumo) => {
    const wanted = capOf(pmta, directive);
    if (!Number.isFinite(wanted)) return undefined;
    const key = counterOf(kumo, counters, wanted, read);
    const kept = key !== undefined;
    const line = vmtaSetting(pmta.config, pmta.vmta, directive)?.setting;
    return {
      ...(line === undefined ? {} : { lines: [line] }),
      read: kept ? [{ from: 'path', field: counters, key }] : [],
      directive: `${directive} of the virtual-mta`,
      pmta: text(wanted),
      kumo: kept ? text(wanted) : 'unlimited',
      verdict: kept ? 'equal' : 'looser',
      why: kept ? '' : 'No counter that all its sources share allows just this.',
    };
  };
}

/** What the virtual-mta may do with all its queues together; Infinity for no cap. */
function capOf({ config, vmta }: PmtaPath, directive: string): number {
  const found = vmtaSetting(config, vmta, directive);
  const cap = found?.value.kind === 'rate' ? rateOf(found.value) : countIn(found?.value, 0);
  return cap === 0 ? Number.POSITIVE_INFINITY : cap;
}

/** In the order in which they are shown. */
export const COMPARISONS: readonly Compare[] = [
  connections,
  messages,
  connectRate,
  perConnection,
  vmtaCap('max-smtp-out', 'additional_connection_limits', limitOf, count),
  vmtaCap('max-smtp-msg-rate', 'additional_message_rate_throttles', throttleRate, rate),
  retry,
  expiry,
  tls,
  interval('connect-timeout', 'connect_timeout', 120),
  interval('smtp-greeting-timeout', 'banner_timeout', 300),
  interval('data-send-timeout', 'data_timeout', 180),
  interval('smtp-data-termination-timeout', 'data_dot_timeout', 600),
];
