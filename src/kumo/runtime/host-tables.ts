import { durationSeconds } from '../api/grammars';
import { asTable, type PolicyValue, plain, quoted } from '../api/value';
import type { Context } from './context';
import { type HostCall, PolicyError } from './host';
import { need } from './uses';

const memoizeFields = {
  allow_stale_reads: '2025.05.06',
  capacity: '2023.03.31',
  invalidate_with_epoch: '2025.03.19',
  name: '2023.03.31',
  populate_timeout: '2025.05.06',
  retry_on_populate_timeout: '2025.05.06',
  ttl: '2023.03.31',
} as const;

/** Options of `kumo.memoize`. */
export function checkMemoize(
  kind: PolicyValue | undefined,
  value: PolicyValue | undefined,
  context: Context,
  call: HostCall,
): void {
  const options = asTable(value);
  if (kind !== 'function' || options === undefined)
    throw new PolicyError('kumo.memoize takes a function and a table', false);
  for (const key of Object.keys(options)) {
    const since = Object.entries(memoizeFields).find(([name]) => name === key)?.[1];
    if (since === undefined) {
      context.findings.add('tree-unknown-field', `kumo.memoize has no option ${quoted(key)}`, call.place);
    } else need(context, `the option ${key} of kumo.memoize`, since, call.place);
  }
  for (const key of ['name', 'ttl', 'capacity']) {
    if (options[key] === undefined)
      context.findings.add('tree-missing-field', `kumo.memoize needs the option ${key}`, call.place);
  }
  if (options['ttl'] !== undefined && durationSeconds(plain(options['ttl'])) === undefined) {
    context.findings.add('tree-bad-value', 'kumo.memoize: ttl is not a duration', call.place);
  }
}

const schedulingKeys = ['dow', 'end', 'expires', 'first_attempt', 'start', 'tz'];

/** Fields of `msg:set_scheduling`. */
export function checkScheduling(value: PolicyValue | undefined, context: Context, call: HostCall): void {
  const spec = asTable(value);
  if (spec === undefined) throw new PolicyError('msg:set_scheduling takes a table', false);
  for (const key of Object.keys(spec)) {
    if (!schedulingKeys.includes(key)) {
      context.findings.add('tree-unknown-field', `msg:set_scheduling has no field ${quoted(key)}`, call.place);
    } else if (key === 'expires') need(context, 'the field expires of msg:set_scheduling', '2025.03.19', call.place);
  }
  for (const key of ['first_attempt', 'expires']) {
    const text = spec[key];
    if (text === undefined || (typeof text === 'string' && /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d/.test(text))) continue;
    context.findings.add(
      'tree-bad-value',
      `msg:set_scheduling: ${key} has to be a time like 2026-01-31T12:00:00Z`,
      call.place,
    );
  }
}

const counterFields = ['bucket_size', 'initial_value', 'name', 'num_buckets'];

/** Fields of `kumo.counter_series.define`. */
export function checkCounter(value: PolicyValue | undefined, context: Context, call: HostCall): void {
  const spec = asTable(value);
  const good =
    spec !== undefined &&
    typeof spec['name'] === 'string' &&
    Number(spec['num_buckets']) >= 1 &&
    spec['bucket_size'] !== undefined &&
    durationSeconds(plain(spec['bucket_size'])) !== undefined &&
    Object.keys(spec).every((key) => counterFields.includes(key));
  if (good) return;
  const text = 'kumo.counter_series.define needs a name, num_buckets and bucket_size';
  context.findings.add('tree-bad-value', text, call.place);
}
