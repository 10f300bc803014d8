import { covers, type Network, networkText, parseNetwork } from '../directives/cidr';

/**
 * The addresses of a range in order, or undefined when there are more than `max`, or the text is no address.
 * A single address gives itself.
 */
export function addressesIn(range: string, max: number): readonly string[] | undefined {
  const network = parseNetwork(range);
  if (network === undefined) return undefined;
  const { bits, base, prefix } = network;
  const count = 1n << BigInt(bits - prefix);
  if (count > BigInt(max)) return undefined;
  return Array.from({ length: Number(count) }, (_, i) => networkText({ bits, base: base + BigInt(i), prefix: bits }));
}

/**
 * What is left of `cidr` without the networks in `holes`, as the fewest strict CIDRs, in order of address. A single
 * address is written without a suffix, as KumoMTA accepts it.
 */
export function subtract(cidr: string, holes: readonly string[]): readonly string[] {
  const network = parseNetwork(cidr);
  if (network === undefined) return [];
  const cut = holes.flatMap((hole) => parseNetwork(hole) ?? []);
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
