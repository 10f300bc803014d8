import ipaddr from 'ipaddr.js';
import { sameValue } from './format';
import type { KumoValue } from './model';

interface Row {
  /** A network in CIDR form. */
  readonly name: string;
  readonly value: KumoValue;
}

/** Rows by network without those that say what the next wider network says: the longest prefix counts. */
export function withoutRepeatedNetworks<T extends Row>(rows: readonly T[]): readonly T[] {
  const parsed = rows.map((row) => ({ row, network: networkOf(row.name) }));
  const known = new Map<string, T>();
  for (const { row, network } of parsed) if (network !== undefined) known.set(keyOf(network), row);
  const prefixes = [...new Set(parsed.flatMap(({ network }) => network?.prefix ?? []))].sort((a, b) => b - a);
  return parsed
    .filter(({ row, network }) => {
      if (network === undefined) return true;
      const wider = prefixes
        .filter((prefix) => prefix < network.prefix)
        .map((prefix) => known.get(keyOf(cutTo(network, prefix))))
        .find((found) => found !== undefined);
      return wider === undefined || !sameValue(wider.value, row.value);
    })
    .map(({ row }) => row);
}

function cutTo({ bits, base }: Network, prefix: number): Network {
  const host = BigInt(bits - prefix);
  return { bits, base: (base >> host) << host, prefix };
}

function keyOf({ bits, base, prefix }: Network): string {
  return `${bits} ${base} ${prefix}`;
}

interface Network {
  readonly bits: number;
  /** The first address as a number. */
  readonly base: bigint;
  readonly prefix: number;
}

/** Undefined for what is no network in CIDR form. */
function networkOf(text: string): Network | undefined {
  if (!ipaddr.isValidCIDR(text)) return undefined;
  const [address, prefix] = ipaddr.parseCIDR(text);
  const bytes = address.toByteArray();
  const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return cutTo({ bits: bytes.length * 8, base: value, prefix }, prefix);
}
