import ipaddr from 'ipaddr.js';

/** A network as numbers, so that IPv4 and IPv6 share one arithmetic. */
interface Network {
  readonly bits: 32 | 128;
  readonly base: bigint;
  readonly prefix: number;
}

/**
 * The addresses of a range in order, or undefined when there are more than `max`, or the text is no address.
 * A single address gives itself.
 */
export function addressesIn(range: string, max: number): readonly string[] | undefined {
  const network = networkOf(range);
  if (network === undefined) return undefined;
  const count = 1n << BigInt(network.bits - network.prefix);
  if (count > BigInt(max)) return undefined;
  return Array.from({ length: Number(count) }, (_, i) => addressText(network.base + BigInt(i), network.bits));
}

/** True when every address of `inner` is one of `outer`. Texts that are no networks contain nothing. */
export function contains(outer: string, inner: string): boolean {
  const a = networkOf(outer);
  const b = networkOf(inner);
  return a !== undefined && b !== undefined && covers(a, b);
}

/** Length of the network part: 0 for 0.0.0.0/0. */
export function prefixLength(cidr: string): number {
  return networkOf(cidr)?.prefix ?? 0;
}

/**
 * What is left of `cidr` without the networks in `holes`, as the fewest strict CIDRs, in order of address. A single
 * address is written without a suffix, as KumoMTA accepts it.
 */
export function subtract(cidr: string, holes: readonly string[]): readonly string[] {
  const network = networkOf(cidr);
  if (network === undefined) return [];
  const cut = holes.flatMap((hole) => networkOf(hole) ?? []);
  return split(network, cut).map(networkText);
}

function split(network: Network, holes: readonly Network[]): readonly Network[] {
  if (holes.some((hole) => covers(hole, network))) return [];
  const inside = holes.filter((hole) => covers(network, hole));
  if (inside.length === 0) return [network];
  const prefix = network.prefix + 1;
  const half = 1n << BigInt(network.bits - prefix);
  const low = { bits: network.bits, base: network.base, prefix };
  const high = { bits: network.bits, base: network.base + half, prefix };
  return [...split(low, inside), ...split(high, inside)];
}

function covers(outer: Network, inner: Network): boolean {
  const shift = BigInt(outer.bits - outer.prefix);
  return outer.bits === inner.bits && outer.prefix <= inner.prefix && outer.base >> shift === inner.base >> shift;
}

function networkOf(text: string): Network | undefined {
  const [address = '', suffix] = text.split('/');
  if (!ipaddr.isValid(address)) return undefined;
  const parsed = ipaddr.parse(address);
  const bits = parsed.kind() === 'ipv4' ? 32 : 128;
  const prefix = suffix === undefined ? bits : Number(suffix);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > bits) return undefined;
  const value = parsed.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const shift = BigInt(bits - prefix);
  return { bits, base: (value >> shift) << shift, prefix };
}

function networkText(network: Network): string {
  const address = addressText(network.base, network.bits);
  return network.prefix === network.bits ? address : `${address}/${network.prefix}`;
}

function addressText(value: bigint, bits: 32 | 128): string {
  const bytes = Array.from({ length: bits / 8 }, (_, i) => Number((value >> BigInt(bits - 8 * (i + 1))) & 255n));
  return ipaddr.fromByteArray(bytes).toString();
}
