import ipaddr from 'ipaddr.js';

/** A network as numbers, so that IPv4 and IPv6 share one arithmetic. */
export interface Network {
  /** Length of an address of the family. */
  readonly bits: 32 | 128;
  /** The first address; the bits behind the prefix are clear. */
  readonly base: bigint;
  readonly prefix: number;
}

export interface ReadNetwork extends Network {
  /** Whether the text had bits set behind the prefix, as in `192.0.2.7/24`. */
  readonly hostBitsCleared: boolean;
}

export interface Cidr {
  /** Strict notation with the host bits cleared, `10.0.0.0/8`; a single address has no suffix. */
  readonly value: string;
  readonly hostBitsCleared: boolean;
}

const V4 = /^(\d{1,3}(?:\.\d{1,3}){0,3})(?:\/(\d{1,2}))?$/;
const V6 = /^([0-9a-f:]*:[0-9a-f:.]*)(?:\/(\d{1,3}))?$/i;

/**
 * Reads an address or a network; trailing octets may be dropped before a suffix, as in `10/8`, `0/0` and `173.194/16`
 * (M5 3.3.7). Undefined when the text is neither.
 */
export function parseNetwork(text: string): ReadNetwork | undefined {
  const v4 = V4.exec(text);
  if (v4 !== null) return fromOctets((v4[1] ?? '').split('.').map(Number), v4[2]);
  const v6 = V6.exec(text);
  const address = v6?.[1] ?? '';
  if (v6 === null || !ipaddr.IPv6.isValid(address)) return undefined;
  return withPrefix(ipaddr.IPv6.parse(address).toByteArray(), 128, v6[2]);
}

/** Like parseNetwork, as text. */
export function parseCidr(text: string): Cidr | undefined {
  const read = parseNetwork(text);
  return read === undefined ? undefined : { value: networkText(read), hostBitsCleared: read.hostBitsCleared };
}

/** A single address in its usual notation; undefined for networks and everything else. */
export function parseAddress(text: string): string | undefined {
  return text.includes('/') ? undefined : parseCidr(text)?.value;
}

/** Strict notation, without a suffix for a single address: `10.0.0.0/8`, `192.0.2.1`, `::1`. */
export function networkText(network: Network): string {
  return network.prefix === network.bits ? addressText(network) : strictText(network);
}

/** Strict notation, always with a suffix: `10.0.0.0/8`, `192.0.2.1/32`, `::1/128`. */
export function strictText(network: Network): string {
  return `${addressText(network)}/${network.prefix}`;
}

/** Every pair of networks of a configuration may be compared; so many are kept that thousands of them are read once. */
const KEPT = 50_000;
const parsed = new Map<string, ReadNetwork | undefined>();

function parsedNetwork(text: string): ReadNetwork | undefined {
  if (!parsed.has(text)) {
    if (parsed.size >= KEPT) parsed.clear();
    parsed.set(text, parseNetwork(text));
  }
  return parsed.get(text);
}

/** True when every address of `inner` is one of `outer`. */
export function covers(outer: Network, inner: Network): boolean {
  const shift = BigInt(outer.bits - outer.prefix);
  return outer.bits === inner.bits && outer.prefix <= inner.prefix && outer.base >> shift === inner.base >> shift;
}

/** True when every address of `inner` is one of `outer`. Texts that are no networks contain nothing. */
export function contains(outer: string, inner: string): boolean {
  const around = parsedNetwork(outer);
  const inside = parsedNetwork(inner);
  return around !== undefined && inside !== undefined && covers(around, inside);
}

/** Length of the network part: 0 for 0.0.0.0/0, and for what is no network. */
export function prefixLength(cidr: string): number {
  return parsedNetwork(cidr)?.prefix ?? 0;
}

/** The numbers are decimal even with leading zeros, which the library would read as octal. */
function fromOctets(octets: readonly number[], suffix: string | undefined): ReadNetwork | undefined {
  if (octets.length < 4 && suffix === undefined) return undefined;
  if (octets.some((octet) => octet > 255)) return undefined;
  return withPrefix([...octets, 0, 0, 0].slice(0, 4), 32, suffix);
}

function withPrefix(bytes: readonly number[], bits: 32 | 128, suffix: string | undefined): ReadNetwork | undefined {
  const prefix = suffix === undefined ? bits : Number(suffix);
  if (prefix > bits) return undefined;
  const address = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const shift = BigInt(bits - prefix);
  const base = (address >> shift) << shift;
  return { bits, base, prefix, hostBitsCleared: base !== address };
}

function addressText({ base, bits }: Network): string {
  const bytes = Array.from({ length: bits / 8 }, (_, i) => Number((base >> BigInt(bits - 8 * (i + 1))) & 255n));
  return ipaddr.fromByteArray(bytes).toString();
}
