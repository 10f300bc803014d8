import { parseAddress, parseCidr } from './cidr';
import { limitOf, rateOf } from './read-rates';
import type { Value, ValueError } from './value';
import { cutItems } from './value-items';
import {
  fail,
  failed,
  type Input,
  type Piece,
  type Reader,
  readExactly,
  readWord,
  readWords,
  trimmed,
} from './value-text';

const NO_CIDR = 'is not an IP address or network such as 10.0.0.0/8';

/** A network where only its strict notation counts; says so when host bits were set. */
function networkOf(input: Input, word: Piece): string | undefined {
  const cidr = parseCidr(word.text);
  if (cidr?.hostBitsCleared === true)
    input.warn(`has bits set behind the prefix of its network, read as ${cidr.value}`);
  return cidr?.value;
}

export const readCidr: Reader = (input) => {
  const word = readWord(input);
  if (failed(word)) return word;
  const cidr = parseCidr(word.text);
  return cidr === undefined ? fail(NO_CIDR, word) : { kind: 'cidr', ...cidr };
};

/** An address; given back as text in its usual notation. */
export const readIp: Reader = (input) => {
  const word = readWord(input);
  if (failed(word)) return word;
  const value = parseAddress(word.text);
  return value === undefined ? fail('is not an IP address', word) : { kind: 'text', value };
};

/** A network and one more word. */
function readCidrAnd(input: Input, lacking: string, read: (cidr: string, word: Piece) => Value | ValueError) {
  const words = readWords(input);
  if (failed(words)) return words;
  const [network, word, surplus] = words;
  if (network === undefined) return fail('has no value', trimmed(input.raw));
  const cidr = networkOf(input, network);
  if (cidr === undefined) return fail(NO_CIDR, network);
  if (word === undefined) return fail(lacking, network);
  if (surplus !== undefined) return fail('is not expected here', surplus);
  return read(cidr, word);
}

export const readCidrInt: Reader = (input) =>
  readCidrAnd(input, 'has no number behind it', (cidr, word) => {
    const limit = limitOf(input, word);
    return failed(limit) ? limit : { kind: 'cidr-int', cidr, value: limit.value };
  });

export function readCidrRate(bytes: boolean): Reader {
  return (input) =>
    readCidrAnd(input, 'has no rate behind it', (cidr, word) => {
      const read = rateOf(input, word, bytes);
      return failed(read) ? read : { kind: 'cidr-rate', cidr, rate: read.rate, bytes };
    });
}

/** `IP|CIDR HOST` (M5 3.3.12.5); the host name may be missing, then host-name gives it. */
export const readSourceHost: Reader = (input) => {
  const words = readWords(input);
  if (failed(words)) return words;
  const [network, host, surplus] = words;
  if (network === undefined) return fail('has no value', trimmed(input.raw));
  const address = networkOf(input, network);
  if (address === undefined) return fail(NO_CIDR, network);
  if (surplus !== undefined) return fail('is not expected here', surplus);
  return { kind: 'source-host', address, ...(host === undefined ? {} : { host: host.text }) };
};

/** The name of a virtual-mta, or `CIDR HOST` as before 4.5 (RN45 2.5). */
export const readColdVirtualMta: Reader = (input) => {
  const words = readWords(input);
  if (failed(words)) return words;
  const [name, host] = words;
  if (name !== undefined && host === undefined) return { kind: 'text', value: name.text };
  return readSourceHost(input);
};

const LEVELS = ['none', 'monitor', 'operator', 'admin'] as const;

/** `CIDR level[,deny-logs]` (M5 3.3.1.36.3). What deny-logs keeps from a reader of logs has no place in the value. */
export const readHttpAccess: Reader = (input) => {
  const words = readWords(input);
  if (failed(words)) return words;
  const network = words[0];
  if (network === undefined) return fail('has no value', trimmed(input.raw));
  const cidr = networkOf(input, network);
  if (cidr === undefined) return fail(NO_CIDR, network);
  if (words.length === 1) return fail('has no level behind it (none, monitor, operator or admin)', network);
  const items = cutItems(input, { separators: ',' }, network.end);
  if (failed(items)) return items;
  const [word, option, surplus] = items;
  const level = LEVELS.find((known) => known === word?.text.toLowerCase());
  if (word === undefined || level === undefined)
    return fail('is not none, monitor, operator or admin', word ?? network);
  if (option !== undefined && option.text.toLowerCase() !== 'deny-logs') return fail('is not deny-logs', option);
  if (surplus !== undefined) return fail('is not expected here', surplus);
  return { kind: 'http-access', cidr, level };
};

export interface Endpoint {
  /** The part before the port, without brackets. */
  readonly host: string;
  readonly bracketed: boolean;
  readonly port?: number;
}

/** Splits `host[:port]`, `[address][:port]`; says what is wrong as the end of a sentence. */
export function splitPort(text: string): Endpoint | { readonly reason: string } {
  const [, inner, bare = '', port] = /^(?:\[([^[\]]*)\]|([^[\]:]*))(?::([^:]*))?$/.exec(text) ?? [];
  if (inner === undefined && bare === '') {
    const naked = parseAddress(text)?.includes(':') === true || /^[0-9a-f:]*::[0-9a-f:/]*$/i.test(text);
    return {
      reason: naked ? 'needs brackets round its IPv6 address, as in [2001:db8::1]:25' : 'is not an address or host',
    };
  }
  const host = inner ?? bare;
  const bracketed = inner !== undefined;
  if (port === undefined) return { host, bracketed };
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > 65_535) return { reason: 'has no port from 1 to 65535 behind its colon' };
  return { host, bracketed, port: number };
}

/** `CIDR:PORT [source=NAME]` (M5 3.3.1.20). */
export const readListener: Reader = (input) => {
  const words = readWords(input);
  if (failed(words)) return words;
  const [where, option, surplus] = words;
  if (where === undefined) return fail('has no value', trimmed(input.raw));
  if (/^\d{1,5}$/.test(where.text)) return fail('is a port without an address, as in 0.0.0.0:25', where);
  // The manual has no IPv6 listeners; a suffix is taken inside the brackets and behind them.
  const endpoint = splitPort(where.text.replace(/^\[([^[\]/]*)\](\/\d+)/, '[$1$2]'));
  if ('reason' in endpoint) return fail(endpoint.reason, where);
  const cidr = networkOf(input, { ...where, text: endpoint.host });
  if (cidr === undefined) return fail('does not begin with an IP address or network, as in 0.0.0.0:25', where);
  if (endpoint.port === undefined) return fail('has no port, as in 0.0.0.0:25', where);
  if (surplus !== undefined) return fail('is not expected here', surplus);
  const listener = { kind: 'listener', cidr, port: endpoint.port } as const;
  if (option === undefined) return listener;
  const source = /^source=(.+)$/i.exec(option.text)?.[1];
  return source === undefined ? fail('is not source=NAME', option) : { ...listener, source: unquoted(source) };
};

function unquoted(text: string): string {
  return /^"(.*)"$/.exec(text)?.[1] ?? text;
}

/** `IP[:PORT] HOSTNAME` (M5 10.2.1.1.2); the port is of no use to anybody else. */
export const readProxyClient: Reader = (input) => {
  const words = readExactly(input, 2, 'is not IP[:PORT] HOSTNAME');
  if (failed(words)) return words;
  const [client, host] = words;
  if (client === undefined || host === undefined) return fail('is not IP[:PORT] HOSTNAME', trimmed(input.raw));
  const address = clientAddress(client);
  return failed(address) ? address : { kind: 'proxy-client', address: address.text, host: host.text };
};

function clientAddress(word: Piece): Piece | ValueError {
  const naked = parseAddress(word.text);
  if (naked !== undefined) return { ...word, text: naked };
  // Port 0 is the default: any.
  const endpoint = splitPort(word.text.replace(/:0$/, ''));
  if ('reason' in endpoint) return fail(endpoint.reason, word);
  const text = parseAddress(endpoint.host);
  return text === undefined ? fail('is not an IP address', word) : { ...word, text };
}

/** `LOCAL-IP PROXY:PORT CLIENT-IP[:PORT] HOSTNAME` (PMP). */
export const readProxySourceHost: Reader = (input) => {
  const lacking = 'is not LOCAL-IP PROXY:PORT CLIENT-IP[:PORT] HOSTNAME';
  const words = readExactly(input, 4, lacking);
  if (failed(words)) return words;
  const [local, proxy, client, host] = words;
  if (local === undefined || proxy === undefined || client === undefined || host === undefined) {
    return fail(lacking, trimmed(input.raw));
  }
  const from = parseAddress(local.text);
  if (from === undefined) return fail('is not an IP address', local);
  const server = splitPort(proxy.text);
  if ('reason' in server) return fail(server.reason, proxy);
  if (server.port === undefined) return fail('has no port', proxy);
  const address = clientAddress(client);
  if (failed(address)) return address;
  return { kind: 'proxy-source-host', local: from, server: proxy.text, client: address.text, host: host.text };
};
