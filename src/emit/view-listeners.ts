import { sameValue } from '../kumo/format';
import type { EsmtpListener, Field, FieldMap, KumoTable, KumoValue } from '../kumo/model';
import { fieldOrigins, type TracedCall } from './call-origins';
import { placesText } from './places';

export interface FieldView {
  readonly name: string;
  readonly value: KumoValue;
  /** Empty: none. */
  readonly comment: string;
}

/** One call of start_esmtp_listener, in a loop when several listeners share it. */
export interface ListenerView extends TracedCall {
  /** One listener: its address. */
  readonly listen: string;
  /** Several listeners that differ in their address only. */
  readonly listens: readonly string[];
  /** Several listeners that differ in their `meta`, too. */
  readonly pairs: readonly KumoTable[];
  readonly rows: readonly FieldView[];
}

/**
 * Listeners in the order of the input; those with equal fields but for `listen` and `meta` become one call, which is
 * how a KumoMTA policy says what PowerMTA has to repeat.
 */
export function listenerViews(listeners: readonly EsmtpListener[]): readonly ListenerView[] {
  const groups = new Map<string, EsmtpListener[]>();
  for (const listener of listeners) {
    const shared = [...listener.fields].filter(([name]) => name !== 'meta').map(([name, { value }]) => [name, value]);
    const key = JSON.stringify(shared);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [listener]);
    else group.push(listener);
  }
  return [...groups.values()].map(groupView);
}

function groupView(group: readonly EsmtpListener[]): ListenerView {
  const [first] = group;
  const fields: FieldMap = first?.fields ?? new Map<string, Field>();
  const addresses = group.map((listener) => String(listener.listen.value));
  const metas = group.map((listener) => listener.fields.get('meta')?.value);
  const oneMeta = metas.every((meta) => sameValue(meta, metas[0]));
  const origins = group.flatMap((listener) =>
    listener.origins.length > 0 ? listener.origins : listener.listen.origins,
  );
  const alone = group.length === 1;
  return {
    note: placesText(origins),
    origins,
    listen: alone ? (addresses[0] ?? '') : '',
    listens: alone || !oneMeta ? [] : addresses,
    pairs: oneMeta ? [] : group.map(pairOf),
    fields: fieldOrigins(group.map((listener) => listener.fields)),
    rows: fieldViews(oneMeta ? fields : new Map([...fields].filter(([name]) => name !== 'meta'))),
  };
}

function pairOf(listener: EsmtpListener): KumoTable {
  const meta = listener.fields.get('meta')?.value;
  const { value } = listener.listen;
  return meta === undefined ? { listen: value } : { listen: value, meta };
}

export function fieldViews(fields: FieldMap): readonly FieldView[] {
  return [...fields].map(([name, { value, comment }]) => ({ name, value, comment: comment ?? '' }));
}
