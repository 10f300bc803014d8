import { parseAddress } from '../../directives/cidr';
import { scanJson } from '../../kumo/runtime/json-places';
import { type KeyRanges, pathKey } from '../../kumo/runtime/toml-places';
import type { SampleMessage } from '../../pmta/reception/sample';

/** The keys of a sample message. */
export const MESSAGE_KEYS = ['peer', 'listener', 'user', 'from', 'to', 'headers'] as const;

/** What is wrong with a line, and where: offsets in it, `end` exclusive. */
export type MessageFault = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'not-json'; readonly reason: string }
  | { readonly kind: 'unknown-key'; readonly key: string }
  /** `reason` is the end of a sentence that begins with the key. */
  | { readonly kind: 'wrong-value'; readonly key: string; readonly reason: string }
);

/** A client that no address is given for. */
const LOCAL = '127.0.0.1';

/**
 * Reads one line of a file of messages: a JSON object with `to` and `from`, and perhaps `peer`, `listener`, `user` and
 * `headers`. A message without a From header gets one with the envelope sender, as mail programs do.
 */
export function readMessage(
  line: string,
): { readonly message: SampleMessage } | { readonly faults: readonly MessageFault[] } {
  const whole = { start: 0, end: line.length };
  const scan = scanJson(line);
  if ('fault' in scan)
    return {
      faults: [{ kind: 'not-json', reason: scan.fault, start: scan.at, end: Math.max(scan.at + 1, line.length) }],
    };
  const data: unknown = JSON.parse(line);
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    return { faults: [{ kind: 'not-json', reason: 'it is no object', ...whole }] };
  const entries = new Map<string, unknown>(Object.entries(data));
  const faults = [...unknownKeys(entries, scan.ranges), ...wrongValues(entries, scan.ranges, whole)];
  return faults.length > 0 ? { faults } : { message: messageOf(entries) };
}

interface Place {
  readonly start: number;
  readonly end: number;
}

function unknownKeys(entries: ReadonlyMap<string, unknown>, ranges: KeyRanges): readonly MessageFault[] {
  const known: ReadonlySet<string> = new Set(MESSAGE_KEYS);
  return [...entries.keys()]
    .filter((key) => !known.has(key))
    .map((key) => ({ kind: 'unknown-key', key, ...placeOf(ranges, [key]) }));
}

function placeOf(ranges: KeyRanges, path: readonly string[]): Place {
  return ranges.get(pathKey(path)) ?? { start: 0, end: 1 };
}

function wrongValues(entries: ReadonlyMap<string, unknown>, ranges: KeyRanges, whole: Place): readonly MessageFault[] {
  const checks: readonly (readonly [string, (value: unknown) => string | undefined])[] = [
    ['peer', peerFault],
    ['listener', listenerFault],
    ['user', (value) => (isPlain(value) && value !== '' ? undefined : 'has to be the name of an <smtp-user>')],
    ['from', (value) => (value === '' ? undefined : addressFault(value))],
    ['to', addressFault],
  ];
  const faults = checks.flatMap(([key, check]): readonly MessageFault[] => {
    if (!entries.has(key)) {
      if (key !== 'from' && key !== 'to') return [];
      return [{ kind: 'wrong-value', key, reason: 'is missing', ...whole }];
    }
    const reason = check(entries.get(key));
    return reason === undefined ? [] : [{ kind: 'wrong-value', key, reason, ...placeOf(ranges, [key]) }];
  });
  return [...faults, ...headerFaults(entries.get('headers'), entries.has('headers'), ranges)];
}

/** A text that can stand in one line of SMTP. */
function isPlain(value: unknown): value is string {
  return typeof value === 'string' && !/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value);
}

/** KumoMTA takes no other address, and PowerMTA's manual describes none. */
const ADDRESS =
  /^(?:"[^"]{1,64}"|[^\s"<>@,;:\\()[\]]{1,64})@(?:[\p{L}\p{M}\p{N}_-]+(?:\.[\p{L}\p{M}\p{N}_-]+)*|\[[\da-f.:]+\]|\[ipv6:[\da-f.:]+\])$/iu;

function addressFault(value: unknown): string | undefined {
  return isPlain(value) && value.length <= 320 && ADDRESS.test(value) ? undefined : 'has to be an address, name@domain';
}

function peerFault(value: unknown): string | undefined {
  return typeof value === 'string' && parseAddress(value) !== undefined ? undefined : 'has to be an IP address';
}

function listenerFault(value: unknown): string | undefined {
  const [, address = '', port = ''] = /^\[?([^\]]*?)\]?:(\d{1,5})$/.exec(typeof value === 'string' ? value : '') ?? [];
  const valid = parseAddress(address) !== undefined && Number(port) > 0 && Number(port) < 65_536;
  return valid ? undefined : 'has to be an address and a port, such as 192.0.2.1:25';
}

function headerFaults(value: unknown, given: boolean, ranges: KeyRanges): readonly MessageFault[] {
  if (!given) return [];
  const at = (path: readonly string[], reason: string): MessageFault => ({
    kind: 'wrong-value',
    key: path.join(': '),
    reason,
    ...placeOf(ranges, path),
  });
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [at(['headers'], 'has to be an object from names to texts')];
  return Object.entries(value).flatMap(([name, text]: [string, unknown]) => {
    if (!/^[!-9;-~]+$/.test(name)) return [at(['headers', name], 'is no name of a header')];
    const texts: readonly unknown[] = Array.isArray(text) ? text : [text];
    return texts.every(isPlain) ? [] : [at(['headers', name], 'has to be a text of one line, or an array of such')];
  });
}

function messageOf(entries: ReadonlyMap<string, unknown>): SampleMessage {
  const text = (key: string) => {
    const value = entries.get(key);
    return typeof value === 'string' ? value : undefined;
  };
  const from = text('from') ?? '';
  const headers = headersOf(entries.get('headers'));
  const authored = from === '' || headers.some(([name]) => name.toLowerCase() === 'from');
  const listener = text('listener');
  const user = text('user');
  return {
    peer: parseAddress(text('peer') ?? LOCAL) ?? LOCAL,
    from,
    to: text('to') ?? '',
    headers: authored ? headers : [['From', from], ...headers],
    ...(listener === undefined ? {} : { listener }),
    ...(user === undefined ? {} : { user }),
  };
}

/** Blanks around a value are not part of it. */
function headersOf(value: unknown): SampleMessage['headers'] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, text]: [string, unknown]) => {
    const texts: readonly unknown[] = Array.isArray(text) ? text : [text];
    return texts.flatMap((one) => (typeof one === 'string' ? [[name, one.trim()] as const] : []));
  });
}
