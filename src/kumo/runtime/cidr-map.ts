import ipaddr from 'ipaddr.js';
import { isAddress } from '../api/grammars';

type Address = ReturnType<typeof ipaddr.parse>;

/** The address in `IP`, `[IP]`, `IP:PORT` or `[IP]:PORT`; undefined when there is none. */
export function addressIn(text: string): Address | undefined {
  const bare = isAddress(text) ? text : (/^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([^:]+):\d+$/.exec(text)?.[1]);
  return bare !== undefined && isAddress(bare) ? ipaddr.process(bare) : undefined;
}

/** Is the address inside one of the addresses and CIDRs? Entries that are neither are passed over. */
export function inCidrList(address: string, list: readonly string[]): boolean {
  return longestPrefix(address, list) !== undefined;
}

/** The entry with the longest prefix that holds the address (crates/cidr-map). */
export function longestPrefix(address: string, entries: Iterable<string>): string | undefined {
  const wanted = addressIn(address);
  if (wanted === undefined) return undefined;
  let best: { readonly entry: string; readonly bits: number } | undefined;
  for (const entry of entries) {
    const range = rangeOf(entry);
    if (range === undefined || range[0].kind() !== wanted.kind()) continue;
    if (wanted.match(range[0], range[1]) && (best === undefined || range[1] > best.bits))
      best = { entry, bits: range[1] };
  }
  return best?.entry;
}

function rangeOf(entry: string): [Address, number] | undefined {
  const [address = '', bits] = entry.split('/');
  if (!isAddress(address)) return undefined;
  const parsed = ipaddr.parse(address);
  const full = parsed.kind() === 'ipv4' ? 32 : 128;
  return [parsed, bits === undefined ? full : Math.min(Number(bits), full)];
}
