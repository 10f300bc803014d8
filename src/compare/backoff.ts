import { numberOf, type Value } from '../directives/value';
import { formatDuration } from '../kumo/format';
import { isNear, rateOf, throttleRate } from './limits';
import { NOBODY } from './routes';
import type { Comparison, KumoPath, PmtaPath, Read } from './sides';

/**
 * Which replies slow a queue down, to what and for how long. PowerMTA matches without regard to case (M5 3.3.15), a rule
 * of KumoMTA has `(?i)` for it.
 */
export function compareBackoff(pmta: PmtaPath, kumo: KumoPath): readonly Comparison[] {
  const patterns = backoffPatterns(pmta);
  const slow = slowLimits(pmta);
  if (patterns.length === 0 || slow.length === 0) return [];
  const rules = patterns.map((pattern) =>
    kumo.rules.filter((rule) => rule.regex.some((regex) => plain(regex) === pattern)),
  );
  const missed = rules.filter((found) => found.length === 0).length;
  const reached: Comparison = {
    directive: 'smtp-pattern-list',
    pmta: replies(patterns.length),
    kumo: replies(patterns.length - missed),
    verdict: missed === 0 ? 'equal' : 'looser',
    why: missed === 0 ? '' : `${missed} of the replies slow nothing down.`,
    read: rules
      .flat()
      .slice(0, 1)
      .map((rule) => ({ from: 'place', place: rule.placeOf(['regex']) }) as const),
  };
  const rule = lasting(rules.flat());
  if (rule === undefined) return [reached];
  return [reached, ...slow.map((limit) => compareSlow(limit, rule)), ...durationOf(pmta, rule)];
}

/** Waits after a reply that slows the queue down (M5 3.3.10.4: backoff-retry-after takes the place of retry-after). */
export function compareBackoffWaits(pmta: PmtaPath, kumo: KumoPath): readonly Comparison[] {
  const list = pmta.value('backoff-retry-after');
  const patterns = backoffPatterns(pmta);
  if (list?.kind !== 'intervals' || list.values.length === 0 || patterns.length === 0) return [];
  const waits = kumo.waitsAfter(patterns.flatMap((pattern) => [pattern, `(?i)${pattern}`]));
  const shown = list.values.map(formatDuration).join(',');
  const directive = 'backoff-retry-after';
  const read: readonly Read[] = [
    { from: 'handler', event: 'requeue_message' },
    { from: 'queue', field: 'retry_interval' },
  ];
  if (waits === undefined)
    return [{ directive, pmta: shown, kumo: 'unknown', verdict: 'not-comparable', why: NOBODY, read }];
  const wanted = (at: number) => list.values[Math.min(at, list.values.length - 1)] ?? 0;
  const at = waits.findIndex((wait, i) => !isNear(wait, wanted(i)));
  const found = waits[Math.max(at, 0)] ?? 0;
  const verdict = at === -1 ? 'equal' : found < wanted(at) ? 'looser' : 'stricter';
  const why =
    at === -1
      ? ''
      : `Attempt ${at + 2} in backoff comes after ${formatDuration(found)}, not ${formatDuration(wanted(at))}.`;
  return [{ directive, pmta: shown, kumo: [...new Set(waits)].map(formatDuration).join(','), verdict, why, read }];
}

type Rule = KumoPath['rules'][number];

/** Of rules that set the same field the one that lasts longest counts. */
function lasting(rules: readonly Rule[]): Rule | undefined {
  return rules.reduce<Rule | undefined>(
    (best, rule) => (best && best.duration >= rule.duration ? best : rule),
    undefined,
  );
}

interface SlowLimit {
  readonly directive: string;
  readonly field: string;
  readonly amount: number;
  readonly read: (value: unknown) => number;
  readonly text: string;
}

/** Limits of backoff mode that are smaller than the normal ones. */
function slowLimits({ value, settings }: PmtaPath): readonly SlowLimit[] {
  const rate = value('backoff-max-msg-rate') ?? value('backoff-max-msg-per-hour');
  const usual = rateOf(value('max-msg-rate') ?? value('max-msg-per-hour'));
  const few = numberOf(value('backoff-max-smtp-out'), 'int');
  const many = numberOf(value('max-smtp-out'), 'int') ?? 20;
  const rates: SlowLimit = {
    directive: 'backoff-max-msg-rate',
    field: 'max_message_rate',
    amount: rateOf(rate),
    read: throttleRate,
    text: settings.get('backoff-max-msg-rate')?.setting.raw.trim() ?? '',
  };
  return [
    ...(rate !== undefined && rateOf(rate) < usual ? [rates] : []),
    ...(few !== undefined && few > 0 && few < many
      ? [{ directive: 'backoff-max-smtp-out', field: 'connection_limit', amount: few, read: Number, text: String(few) }]
      : []),
  ];
}

function compareSlow({ directive, field, amount, read, text }: SlowLimit, rule: Rule): Comparison {
  const action = rule.actions.find((each) => 'name' in each && each.name === field);
  const found = action !== undefined && 'value' in action ? read(action.value) : Number.POSITIVE_INFINITY;
  const verdict = isNear(found, amount) ? 'equal' : found < amount ? 'stricter' : 'looser';
  const shown = action !== undefined && 'value' in action ? String(action.value) : 'unchanged';
  const why =
    verdict === 'stricter'
      ? 'No source may get more in backoff than it has without.'
      : 'Backoff allows more than in PowerMTA.';
  const at = [{ from: 'place', place: rule.placeOf(['action']) } as const];
  return { directive, pmta: text, kumo: shown, verdict, why: verdict === 'equal' ? '' : why, read: at };
}

/** A rule that has a rival in `default` lasts a second longer, which is no difference. */
function durationOf({ value }: PmtaPath, rule: Rule): readonly Comparison[] {
  const wanted = seconds(value('backoff-to-normal-after'));
  if (wanted === undefined) return [];
  const same = Math.abs(rule.duration - wanted) <= 1;
  return [
    {
      directive: 'backoff-to-normal-after',
      pmta: formatDuration(wanted),
      kumo: formatDuration(rule.duration),
      verdict: same ? 'equal' : 'differs',
      why: same ? '' : 'The backoff lasts another time.',
      read: [{ from: 'place', place: rule.placeOf(['duration']) }],
    },
  ];
}

function seconds(value: Value | undefined): number | undefined {
  return value?.kind === 'intervals' ? value.values[0] : numberOf(value, 'interval');
}

function backoffPatterns({ config, value }: PmtaPath): readonly string[] {
  const name = value('smtp-pattern-list');
  if (name?.kind !== 'text' || name.value === '') return [];
  const lists = config.named.get('smtp-pattern-list')?.get(name.value.toLowerCase()) ?? [];
  const found = lists
    .flatMap((list) => list.settings)
    .flatMap(({ value: reply }) => {
      if (reply?.kind !== 'reply' || !reply.actions.some(({ action }) => action === 'mode-backoff')) return [];
      return [reply.regex.pattern];
    });
  return [...new Set(found)];
}

function plain(regex: string): string {
  return regex.replace(/^\(\?i\)/, '');
}

function replies(count: number): string {
  return count === 1 ? '1 reply' : `${count} replies`;
}
