import ipaddr from 'ipaddr.js';

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
export function parseCidr(text: string): Cidr | undefined {
  const v4 = V4.exec(text);
  if (v4 !== null) return fromOctets((v4[1] ?? '').split('.').map(Number), v4[2]);
  const v6 = V6.exec(text);
  const address = v6?.[1] ?? '';
  if (v6 === null || !ipaddr.IPv6.isValid(address)) return undefined;
  return withPrefix(ipaddr.IPv6.parse(address), 128, v6[2]);
}

/** A single address in its usual notation; undefined for networks and everything else. */
export function parseAddress(text: string): string | undefined {
  return text.includes('/') ? undefined : parseCidr(text)?.value;
}

/** The numbers are decimal even with leading zeros, which the library would read as octal. */
function fromOctets(octets: readonly number[], suffix: string | undefined): Cidr | undefined {
  if (octets.length < 4 && suffix === undefined) return undefined;
  if (octets.some((octet) => octet > 255)) return undefined;
  return withPrefix(new ipaddr.IPv4([...octets, 0, 0, 0].slice(0, 4)), 32, suffix);
}

function withPrefix(address: ipaddr.IPv4 | ipaddr.IPv6, longest: number, suffix: string | undefined): Cidr | undefined {
  const prefix = suffix === undefined ? longest : Number(suffix);
  if (prefix > longest) return undefined;
  const bytes = address.toByteArray();
  const masked = bytes.map((byte, index) => byte & maskOfByte(prefix - 8 * index));
  const network = ipaddr.fromByteArray(masked).toString();
  return {
    value: prefix === longest ? network : `${network}/${prefix}`,
    hostBitsCleared: masked.some((byte, index) => byte !== bytes[index]),
  };
}

/** Mask of a byte whose first `bits` bits belong to the network. */
function maskOfByte(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 8 ? 255 : (0xff << (8 - bits)) & 0xff;
}
