import { type Network, networkText, parseNetwork } from './cidr';

interface Node {
  full: boolean;
  low?: Node;
  high?: Node;
}

/** Addresses that are taken already; asking for many networks costs about as much as there are. */
export interface NetworkSet {
  /**
   * Takes a network; gives what of it was free until now, as the fewest strict CIDRs in order of address (a single
   * address without a suffix). Empty when all of it was taken, or the text is no network.
   */
  take(cidr: string): readonly string[];
}

export function createNetworkSet(): NetworkSet {
  const roots: Readonly<Record<32 | 128, Node>> = { 32: { full: false }, 128: { full: false } };
  return {
    take(cidr) {
      const network = parseNetwork(cidr);
      const node = network === undefined ? undefined : nodeOf(roots[network.bits], network);
      if (network === undefined || node === undefined) return [];
      const free = freeIn(node, network);
      // What lies below a full node is never looked at again.
      node.full = true;
      delete node.low;
      delete node.high;
      return free.map(networkText);
    },
  };
}

/** The node of a network, made when it is missing; undefined when a wider network is taken. */
function nodeOf(root: Node, { base, bits, prefix }: Network): Node | undefined {
  let node = root;
  for (let depth = 0; depth < prefix && !node.full; depth++) {
    const side = (base >> BigInt(bits - depth - 1)) & 1n ? 'high' : 'low';
    const next = node[side] ?? { full: false };
    node[side] = next;
    node = next;
  }
  return node.full ? undefined : node;
}

function freeIn(node: Node | undefined, network: Network): readonly Network[] {
  if (node?.full === true) return [];
  if (node?.low === undefined && node?.high === undefined) return [network];
  const { bits, base } = network;
  const prefix = network.prefix + 1;
  const half = 1n << BigInt(bits - prefix);
  return [...freeIn(node.low, { bits, base, prefix }), ...freeIn(node.high, { bits, base: base + half, prefix })];
}
