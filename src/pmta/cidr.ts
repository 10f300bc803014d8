import ipaddr from 'ipaddr.js';
import { parseCidr } from '../directives/cidr';

export interface ReadCidr {
  /** Strict notation, always with a suffix: `10.0.0.0/8`, `192.0.2.1/32`, `::1/128`. */
  readonly cidr: string;
  /** Whether the text had bits set behind the prefix, as in `192.0.2.7/24`. */
  readonly hostBitsCleared: boolean;
}

/** Reads an address or a network as PowerMTA writes it, `10/8` and `0/0` included. Undefined when it is neither. */
export function readCidr(text: string): ReadCidr | undefined {
  const read = parseCidr(text);
  if (read === undefined) return undefined;
  const { value, hostBitsCleared } = read;
  if (value.includes('/')) return { cidr: value, hostBitsCleared };
  return { cidr: `${value}/${value.includes(':') ? 128 : 32}`, hostBitsCleared };
}

/** Bits of the prefix of a strict CIDR. */
export function prefixOf(cidr: string): number {
  return Number(cidr.slice(cidr.indexOf('/') + 1));
}

/** Whether an address (without suffix) lies in a strict CIDR. False for what is no address, and across IPv4 and IPv6. */
export function cidrContains(cidr: string, address: string): boolean {
  const read = readCidr(address);
  if (read === undefined || address.includes('/')) return false;
  const [parsed] = ipaddr.parseCIDR(read.cidr);
  const network = ipaddr.parseCIDR(cidr);
  return parsed.kind() === network[0].kind() && parsed.match(network);
}
