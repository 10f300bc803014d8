import { join } from 'node:path/posix';
import { numberOf, type Rate, type Value } from '../directives/value';
import { formatDuration, NO_RATE_LIMIT, releaseAtLeast } from '../kumo/format';
import type { KumoValue } from '../kumo/model';
import type { Setting } from '../pmta/model';
import type { ConvertOptions } from './pass';
import { perSecond, throttleOf } from './rates';
import { passwordFile } from './relay-passwords';

/** The value that counts for a directive in one queue, with its line. */
export type Lookup = (directive: string) => { readonly value: Value; readonly setting: Setting } | undefined;

/** No limit: nothing is written, unless a wider block has a limit that has to be lifted. */
export const UNLIMITED = Symbol('unlimited');

export interface Wanted {
  readonly value: KumoValue | typeof UNLIMITED;
  readonly settings: readonly Setting[];
}

/** What the user decides that values depend on. */
type PathOptions = Pick<ConvertOptions, 'installDir' | 'target'>;

export interface PathField {
  /** Field of make_egress_path. */
  readonly field: string;
  /** PowerMTA's queue directives it is made from. */
  readonly directives: readonly string[];
  /** First release that knows the field. */
  readonly since: string;
  /** PowerMTA's default where it differs from KumoMTA's (M5 3.3.10, each directive). */
  readonly default?: KumoValue;
  /** Comment on the default where it is not PowerMTA's own. */
  readonly comment?: string;
  /** What lifts a limit of a wider block. */
  readonly unlimited?: KumoValue;
  /** Undefined: nothing of the directives is set. */
  readonly read: (get: Lookup, options: PathOptions) => Wanted | undefined;
}

const PER_ADDRESS_COUNTS = ['max-smtp-out-per-source-ip', 'source-ip-max-smtp-out'];

/** Settled by the pass of failures: what it makes of a queue decides about one field. */
export const ASSUME_DELIVERY = 'assume-delivery-upon-data-termination-timeout';

/** Connections of a queue for which nothing is set (M5 3.3.10.75). */
const DEFAULT_CONNECTIONS = 20;

/**
 * How PowerMTA's queue directives become fields of KumoMTA's egress path, sorted by field. Intervals become durations,
 * rates throttles; "no limit" becomes UNLIMITED.
 */
export const PATH_FIELDS: readonly PathField[] = [
  {
    field: 'allow_smtp_auth_plain_without_tls',
    directives: ['use-unencrypted-plain-auth'],
    since: '2023.06.22',
    read: flag('use-unencrypted-plain-auth'),
  },
  {
    field: 'banner_timeout',
    directives: ['smtp-greeting-timeout'],
    since: '2024.09.02',
    default: '5m',
    read: duration('smtp-greeting-timeout'),
  },
  {
    field: 'connect_timeout',
    directives: ['connect-timeout'],
    since: '2023.03.31',
    default: '2m',
    read: duration('connect-timeout'),
  },
  {
    field: 'connection_limit',
    directives: ['max-smtp-out', 'max-smtp-out-per-source-ip', 'source-ip-max-smtp-out'],
    since: '2023.03.31',
    default: DEFAULT_CONNECTIONS,
    unlimited: 100_000,
    read: connectionLimit,
  },
  {
    field: 'consecutive_connection_failures_before_delay',
    directives: ['mx-connection-attempts'],
    since: '2023.03.31',
    default: 10,
    read: count('mx-connection-attempts'),
  },
  {
    field: 'data_dot_timeout',
    directives: ['smtp-data-termination-timeout'],
    since: '2023.03.31',
    default: '10m',
    read: duration('smtp-data-termination-timeout'),
  },
  {
    field: 'data_timeout',
    directives: ['data-send-timeout'],
    since: '2023.03.31',
    default: '3m',
    read: duration('data-send-timeout'),
  },
  { field: 'enable_dane', directives: ['use-dane'], since: '2023.11.28', read: flag('use-dane') },
  {
    field: 'enable_mta_sts',
    directives: ['use-mta-sts'],
    since: '2023.11.28',
    default: false,
    read: flag('use-mta-sts'),
  },
  {
    field: 'enable_pipelining',
    directives: ['ignore-pipelining'],
    since: '2025.01.23',
    read: (get) => map(get('ignore-pipelining'), (value) => (value.kind === 'bool' ? !value.value : undefined)),
  },
  {
    field: 'enable_tls',
    directives: ['require-starttls', 'smtp-tls-ca-file', 'use-starttls'],
    since: '2023.03.31',
    default: 'OpportunisticInsecure',
    read: tlsLevel,
  },
  {
    field: 'idle_timeout',
    directives: ['connection-idle-timeout', 'max-msg-rate', 'max-msg-per-hour', 'source-ip-max-msg-rate'],
    since: '2023.03.31',
    default: '60s',
    // PowerMTA's own default is 0 (M5 3.3.10.81).
    comment: 'at least this for rate limits',
    read: idleTimeout,
  },
  {
    field: 'max_connection_rate',
    directives: ['max-connect-rate', 'smtp-out-rampup-interval', 'source-ip-max-connect-rate'],
    since: '2023.03.31',
    unlimited: NO_RATE_LIMIT,
    read: connectionRate,
  },
  {
    field: 'max_deliveries_per_connection',
    directives: ['max-msg-per-connection'],
    since: '2023.03.31',
    default: 1_000_000,
    read: (get) =>
      map(get('max-msg-per-connection'), (value) =>
        value.kind !== 'int' ? undefined : value.value === 'unlimited' || value.value === 0 ? 1_000_000 : value.value,
      ),
  },
  {
    field: 'max_message_rate',
    directives: ['max-msg-rate', 'max-msg-per-hour', 'source-ip-max-msg-rate'],
    since: '2023.03.31',
    unlimited: NO_RATE_LIMIT,
    read: messageRate,
  },
  {
    field: 'openssl_cipher_list',
    directives: ['smtp-tls-ciphers'],
    since: '2024.09.02',
    read: text('smtp-tls-ciphers'),
  },
  {
    field: 'openssl_cipher_suites',
    directives: ['smtp-tls-tlsv1.3-ciphersuites'],
    since: '2024.09.02',
    read: text('smtp-tls-tlsv1.3-ciphersuites'),
  },
  {
    field: 'openssl_options',
    directives: ['smtp-tls-allow-tlsv1.2', 'smtp-tls-allow-tlsv1.3'],
    since: '2024.09.02',
    read: forbiddenTlsVersions,
  },
  {
    field: 'opportunistic_tls_reconnect_on_failed_handshake',
    directives: [],
    since: '2025.01.23',
    default: true,
    read: () => undefined,
  },
  {
    field: 'smtp_auth_plain_password',
    directives: ['auth-password'],
    since: '2023.06.22',
    read: (get, { installDir }) => {
      const found = get('auth-password');
      return found?.value.kind === 'secret' && found.value.value !== ''
        ? { value: join(installDir, passwordFile(found.setting)), settings: [found.setting] }
        : undefined;
    },
  },
  {
    field: 'smtp_auth_plain_username',
    directives: ['auth-username'],
    since: '2023.06.22',
    read: text('auth-username'),
  },
  { field: 'smtp_port', directives: ['default-smtp-port'], since: '2023.03.31', read: count('default-smtp-port') },
  {
    field: 'system_shutdown_timeout',
    directives: ['allow-cancel-during-transfer'],
    since: '2025.05.06',
    read: (get) =>
      map(get('allow-cancel-during-transfer'), (value) => (value.kind === 'bool' && !value.value ? '10m' : undefined)),
  },
  {
    field: 'tls_certificate',
    directives: ['smtp-client-certificate'],
    since: '2025.10.06',
    read: text('smtp-client-certificate'),
  },
  {
    field: 'tls_prefer_openssl',
    directives: [
      'smtp-tls-allow-tlsv1.2',
      'smtp-tls-allow-tlsv1.3',
      'smtp-tls-ciphers',
      'smtp-tls-tlsv1.3-ciphersuites',
    ],
    since: '2024.09.02',
    read: preferOpenssl,
  },
  {
    field: 'tls_private_key',
    directives: ['smtp-client-certificate'],
    since: '2025.10.06',
    read: text('smtp-client-certificate'),
  },
  {
    field: 'try_next_host_on_transport_error',
    directives: [ASSUME_DELIVERY, 'smtp-421-means-mx-unavailable'],
    since: '2025.10.06',
    unlimited: false,
    read: nextHost,
  },
];

/**
 * Limits of one address of several: they stand beside those of the queue, under this key, and the policy adds the source
 * and the site to it, so that each has a counter of its own.
 */
export const ADDRESS_KEY = 'pmta-ip';

export interface AddressField extends Omit<PathField, 'field' | 'default'> {
  readonly table: 'additional_connection_limits' | 'additional_message_rate_throttles';
}

export const ADDRESS_FIELDS: readonly AddressField[] = [
  {
    table: 'additional_connection_limits',
    directives: PER_ADDRESS_COUNTS,
    since: '2024.11.08',
    unlimited: 100_000,
    read: (get) => smallestCount(get, PER_ADDRESS_COUNTS),
  },
  {
    table: 'additional_message_rate_throttles',
    directives: ['source-ip-max-msg-rate'],
    since: '2024.11.08',
    unlimited: NO_RATE_LIMIT,
    read: messageRate,
  },
];

/** Every directive that some path field is made from. */
export const PATH_DIRECTIVES: ReadonlySet<string> = new Set(PATH_FIELDS.flatMap((row) => row.directives));

/** Fields that a directive has a part in. */
export function fieldsOf(directives: Iterable<string>): readonly PathField[] {
  const names = new Set(directives);
  return PATH_FIELDS.filter((row) => row.directives.some((name) => names.has(name)));
}

type Found = ReturnType<Lookup>;

function map(found: Found, convert: (value: Value) => KumoValue | typeof UNLIMITED | undefined): Wanted | undefined {
  const value = found === undefined ? undefined : convert(found.value);
  return found === undefined || value === undefined ? undefined : { value, settings: [found.setting] };
}

function flag(name: string): PathField['read'] {
  return (get) => map(get(name), (value) => (value.kind === 'bool' ? value.value : undefined));
}

/** True where a time-out behind the final dot counts as a delivery. */
export function assumesDelivery(get: Lookup): boolean {
  const value = get(ASSUME_DELIVERY)?.value;
  return value?.kind === 'bool' && value.value;
}

/** With the field KumoMTA sends a message to the next host after such a time-out, before the policy hears of it. */
function nextHost(get: Lookup): Wanted | undefined {
  const wanted = map(get('smtp-421-means-mx-unavailable'), (value) =>
    value.kind === 'bool' ? value.value : undefined,
  );
  return wanted?.value === true && assumesDelivery(get) ? { ...wanted, value: UNLIMITED } : wanted;
}

function count(name: string): PathField['read'] {
  return (get) => map(get(name), (value) => numberOf(value, 'int'));
}

function text(name: string): PathField['read'] {
  return (get) => map(get(name), (value) => (value.kind === 'text' && value.value !== '' ? value.value : undefined));
}

function duration(name: string): PathField['read'] {
  return (get) =>
    map(get(name), (value) => {
      const seconds = numberOf(value, 'interval');
      return seconds === undefined ? undefined : formatDuration(seconds);
    });
}

/** The smallest of several counts; 0 is left out, because PowerMTA's manual does not say what it means. */
function smallestCount(get: Lookup, names: readonly string[]): Wanted | undefined {
  const found = names.flatMap((name) => {
    const hit = get(name);
    if (hit?.value.kind !== 'int' || hit.value.value === 0) return [];
    return [{ value: hit.value.value === 'unlimited' ? Number.POSITIVE_INFINITY : hit.value.value, hit }];
  });
  const best = found.sort((a, b) => a.value - b.value)[0];
  if (best === undefined) return undefined;
  return { value: Number.isFinite(best.value) ? best.value : UNLIMITED, settings: [best.hit.setting] };
}

/** A limit of each address lowers that of the queue and never raises it, also where the latter is the default. */
function connectionLimit(get: Lookup): Wanted | undefined {
  const best = smallestCount(get, ['max-smtp-out', ...PER_ADDRESS_COUNTS]);
  if (best === undefined || get('max-smtp-out') !== undefined) return best;
  const raised = typeof best.value !== 'number' || best.value > DEFAULT_CONNECTIONS;
  return raised ? { value: DEFAULT_CONNECTIONS, settings: [] } : best;
}

/**
 * PowerMTA uses STARTTLS when offered and does not verify certificates unless it has a CA file (M5 3.3.10.93); KumoMTA's
 * plain `Opportunistic` would fail hosts whose certificate is bad.
 */
function tlsLevel(get: Lookup): Wanted | undefined {
  const use = get('use-starttls');
  const require = get('require-starttls');
  const ca = get('smtp-tls-ca-file');
  const settings = [use, require, ca].flatMap((hit) => (hit === undefined ? [] : [hit.setting]));
  if (settings.length === 0) return undefined;
  const verify = ca?.value.kind === 'text' && ca.value.value !== '';
  if (require?.value.kind === 'bool' && require.value.value) {
    return { value: verify ? 'Required' : 'RequiredInsecure', settings };
  }
  if (use?.value.kind === 'bool' && !use.value.value) return { value: 'Disabled', settings };
  return { value: verify ? 'Opportunistic' : 'OpportunisticInsecure', settings };
}

/**
 * A throttle that has to wait longer than idle_timeout empties the whole ready queue, so the time-out is never below a
 * minute nor below the distance of two messages.
 */
function idleTimeout(get: Lookup): Wanted | undefined {
  const idle = get('connection-idle-timeout');
  const rate = messageRateOf(get);
  const spacing =
    rate === undefined || rate.rate === 'unlimited' || perSecond(rate.rate) === 0 ? 0 : 1 / perSecond(rate.rate);
  const asked = numberOf(idle?.value, 'interval') ?? 0;
  // Slower than one message in ten minutes: PowerMTA's own maximum for the time-out (M5 3.3.10.38).
  const seconds = Math.max(60, asked, Math.min(600, Math.ceil(spacing)));
  const settings = [
    ...(idle === undefined ? [] : [idle.setting]),
    ...(seconds > Math.max(60, asked) && rate !== undefined ? [rate.setting] : []),
  ];
  return settings.length === 0 ? undefined : { value: formatIdle(seconds), settings };
}

function formatIdle(seconds: number): string {
  return seconds === 60 ? '60s' : formatDuration(seconds);
}

interface FoundRate {
  readonly rate: Rate | 'unlimited';
  readonly setting: Setting;
}

/** The stricter of the rate of the queue and that of the address. */
function messageRateOf(get: Lookup): FoundRate | undefined {
  const rates = [queueRateOf(get), rateIn(get('source-ip-max-msg-rate'))].flatMap((found) => found ?? []);
  return rates.sort((a, b) => (perSecondOf(a) < perSecondOf(b) ? -1 : 1))[0];
}

function perSecondOf({ rate }: FoundRate): number {
  return rate === 'unlimited' ? Number.POSITIVE_INFINITY : perSecond(rate);
}

function rateIn(hit: Found): FoundRate | undefined {
  return hit?.value.kind === 'rate' ? { rate: hit.value.rate, setting: hit.setting } : undefined;
}

function queueRateOf(get: Lookup): FoundRate | undefined {
  const hit = get('max-msg-rate') ?? get('max-msg-per-hour');
  if (hit?.value.kind !== 'int') return rateIn(hit);
  const perHour = hit.value.value;
  const rate =
    perHour === 'unlimited' || perHour === 0
      ? ('unlimited' as const)
      : { count: perHour, multiple: 1, unit: 'h' as const };
  return { rate, setting: hit.setting };
}

function messageRate(get: Lookup, { target }: PathOptions): Wanted | undefined {
  const found = messageRateOf(get);
  if (found === undefined) return undefined;
  return {
    value: found.rate === 'unlimited' ? UNLIMITED : throttleOf(found.rate, target),
    settings: [found.setting],
  };
}

/** The strictest of max-connect-rate, that of the address, and one connection per smtp-out-rampup-interval. */
function connectionRate(get: Lookup, { target }: PathOptions): Wanted | undefined {
  const ramp = get('smtp-out-rampup-interval');
  const rates = [get('max-connect-rate'), get('source-ip-max-connect-rate')].flatMap((hit) => hit ?? []);
  const candidates: { readonly rate: Rate; readonly setting: Setting }[] = [];
  for (const { value, setting } of rates) {
    if (value.kind === 'rate' && value.rate !== 'unlimited') candidates.push({ rate: value.rate, setting });
  }
  if (ramp?.value.kind === 'interval' && typeof ramp.value.value === 'number' && ramp.value.value > 0) {
    candidates.push({ rate: { count: 1, multiple: ramp.value.value, unit: 's' as const }, setting: ramp.setting });
  }
  const settings = [...rates, ...(ramp === undefined ? [] : [ramp])].map((hit) => hit.setting);
  const strictest = candidates.sort((a, b) => perSecond(a.rate) - perSecond(b.rate))[0];
  if (strictest !== undefined) return { value: throttleOf(strictest.rate, target), settings: [strictest.setting] };
  return settings.length === 0 ? undefined : { value: UNLIMITED, settings };
}

function forbiddenTlsVersions(get: Lookup): Wanted | undefined {
  const versions = [
    ['smtp-tls-allow-tlsv1.2', 'NO_TLSV1_2'],
    ['smtp-tls-allow-tlsv1.3', 'NO_TLSV1_3'],
  ] as const;
  const off = versions.flatMap(([name, option]) => {
    const hit = get(name);
    return hit?.value.kind === 'bool' && !hit.value.value ? [{ option, setting: hit.setting }] : [];
  });
  if (off.length === 0) return undefined;
  return { value: off.map(({ option }) => option).join('|'), settings: off.map(({ setting }) => setting) };
}

function preferOpenssl(get: Lookup, options: PathOptions): Wanted | undefined {
  const versions = forbiddenTlsVersions(get);
  const lists = ['smtp-tls-ciphers', 'smtp-tls-tlsv1.3-ciphersuites'].flatMap((name) => text(name)(get, options) ?? []);
  const settings = [...(versions?.settings ?? []), ...lists.flatMap((list) => list.settings)];
  return settings.length === 0 ? undefined : { value: true, settings };
}

/** True when the target release knows the field. */
export function knownTo(row: PathField, target: string): boolean {
  return releaseAtLeast(target, row.since);
}
