import ipaddr from 'ipaddr.js';
import type { FieldRow, FieldType } from '../kumo/api/field';
import { durationSeconds, parseLimit, parseThrottle } from '../kumo/api/grammars';
import { asList, asTable, isUnknown, isWholeFloat, type PolicyValue, plain } from '../kumo/api/value';
import { covers, rangesOf } from './networks';

/** What a value means: two spellings of one value have the same key. */
export interface Meaning {
  readonly key: string;
  /** As people may see it. */
  readonly shown: string;
  /** For what can be more or less; Infinity for no limit. */
  readonly amount?: number;
  /** Networks, for who may do something. */
  readonly networks?: readonly string[];
  /** It hangs on what only a server knows. */
  readonly unknown?: true;
}

/** Longer texts are cut in reports. */
const LONGEST_SHOWN = 160;

/**
 * The meaning of a field's value; one that is absent means KumoMTA's default. `1h` is `3600s`, `500/h` is `500/hour`, a
 * list of networks means the addresses it covers. Secrets are never shown.
 */
export function meaningOf(
  row: Pick<FieldRow, 'type' | 'default'> | undefined,
  value: PolicyValue | undefined,
): Meaning {
  if (value === undefined) {
    if (row?.default === undefined) return absent(row?.type);
    const own = ofType(row.type, row.default);
    return { ...own, shown: `${own.shown} (KumoMTA's default)` };
  }
  if (isUnknown(value)) return { key: 'unknown', shown: 'known to the server only', unknown: true };
  return ofType(row?.type, isWholeFloat(value) ? value['\u0000float'] : value);
}

function absent(type: FieldType | undefined): Meaning {
  const limited = type === 'throttle' || type === 'limit';
  const endless = limited || type === 'duration';
  return {
    key: 'none',
    shown: limited ? 'no limit' : 'none',
    ...(endless ? { amount: Number.POSITIVE_INFINITY } : {}),
  };
}

function ofType(type: FieldType | undefined, value: PolicyValue): Meaning {
  const special = type === undefined ? undefined : READERS[type]?.(value);
  return special ?? plainMeaning(value);
}

type Reader = (value: PolicyValue) => Meaning | undefined;

const READERS: Readonly<Partial<Record<FieldType, Reader>>> = {
  'bool-or-enum': (value) => (typeof value === 'boolean' ? plainMeaning(value ? 'LogThenRelay' : 'Ignore') : undefined),
  'cidr-list': networksMeaning,
  duration: (value) => {
    const seconds = durationSeconds(plain(value));
    const shown = typeof value === 'number' ? `${value}s` : String(value);
    return seconds === undefined ? undefined : { key: `${seconds}s`, shown, amount: seconds };
  },
  ip: addressMeaning,
  'key-source': keyMeaning,
  limit: (value) => {
    const limit = parseLimit(value)?.limit;
    const local = typeof value === 'string' && value.startsWith('local:') ? 'local:' : '';
    return limit === undefined ? undefined : { key: `${local}${limit}`, shown: shownOf(value), amount: limit };
  },
  'string-list': listMeaning,
  throttle: (value) => {
    const rate = typeof value === 'string' ? parseThrottle(value) : undefined;
    if (rate === undefined) return undefined;
    const perSecond = Number((rate.limit / rate.period).toPrecision(12));
    const key = `${rate.local ? 'local:' : ''}${perSecond}/s,${rate.burst ?? rate.limit}`;
    return { key, shown: String(value), amount: perSecond };
  },
};

function networksMeaning(value: PolicyValue): Meaning | undefined {
  const list = asList(value)?.map((item) => String(plain(item))) ?? (asTable(value) === undefined ? undefined : []);
  const ranges = list === undefined ? undefined : rangesOf(list);
  if (list === undefined || ranges === undefined) return undefined;
  const key = ranges.map(({ family, first, last }) => `${family}:${first}-${last}`).join(',');
  return { key, shown: list.length === 0 ? 'nobody' : cut(list.join(', ')), networks: list };
}

/** Whether `after` lets in an address that `before` does not. */
export function letsMoreIn(before: Meaning, after: Meaning): boolean {
  const [old, wanted] = [rangesOf(before.networks ?? []), rangesOf(after.networks ?? [])];
  return old !== undefined && wanted !== undefined && !covers(old, wanted);
}

function addressMeaning(value: PolicyValue): Meaning | undefined {
  if (typeof value !== 'string' || !ipaddr.isValid(value)) return undefined;
  return { key: ipaddr.parse(value).toString(), shown: value };
}

/** A key is the path of a file, or stands in the configuration itself; KumoMTA takes any text for a path. */
function keyMeaning(value: PolicyValue): Meaning {
  const table = asTable(value);
  const inline = table !== undefined && Object.hasOwn(table, 'key_data');
  const visible = typeof value === 'string' ? /^[./]/.test(value) : !inline;
  return { key: stable(plain(value)), shown: visible ? shownOf(value) : '(hidden)' };
}

/** Lists of names whose order has no meaning. */
function listMeaning(value: PolicyValue): Meaning | undefined {
  const list = asList(value);
  if (list === undefined) return undefined;
  const texts = list.map((item) => String(plain(item)));
  return { key: stable([...texts].sort()), shown: cut(texts.join(', ')) };
}

function plainMeaning(value: PolicyValue): Meaning {
  const key = stable(plain(value));
  return { key, shown: shownOf(value), ...(typeof value === 'number' ? { amount: value } : {}) };
}

function shownOf(value: PolicyValue): string {
  return cut(typeof value === 'string' ? value : stable(plain(value)));
}

function cut(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN - 1)}…` : text;
}

/** JSON in which the order of keys does not count. */
export function stable(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stable).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${stable(item)}`)
    .join(',')}}`;
}
