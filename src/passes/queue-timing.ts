import { numberOf } from '../directives/value';
import { formatDuration } from '../kumo/format';
import type { FieldMap } from '../kumo/model';
import type { EffectiveSettings, Setting } from '../pmta/model';
import { field } from './policy-writer';

/** PowerMTA's defaults (M5 3.3.10.52, 3.3.10.78), in seconds. */
const DEFAULT_AGE = 388_800;
const DEFAULT_RETRY = 600;

/** Age and retry of a queue, with the lines they come from; seconds. */
export interface Timing {
  readonly maxAge: { readonly seconds: number; readonly settings: readonly Setting[] };
  readonly retry: { readonly list: readonly number[]; readonly settings: readonly Setting[] };
}

/** What PowerMTA's settings of a queue say about age and retry. */
export function timingOf(settings: EffectiveSettings): Timing {
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
export function fieldsOf(timing: Timing): FieldMap {
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

/** 10m, 20m, 40m, 40m: KumoMTA's own schedule. */
export function isDoubling(list: readonly number[]): boolean {
  const cap = list.at(-1) ?? 0;
  return list.every((item, i) => item === Math.min((list[0] ?? 0) * 2 ** i, cap));
}
