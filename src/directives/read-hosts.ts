import { parseAddress } from './cidr';
import { splitPort } from './read-network';
import type { HostListEntry, ValueError } from './value';
import { cutItems, emptyItem, quotable } from './value-items';
import { fail, failed, type Input, type Piece, type Reader } from './value-text';

/**
 * `h1, h2:1025; [192.0.2.9]:2525, lookup-mx:real.test`: commas between hosts of equal preference, semicolons before
 * the next preference (M5 3.3.10.89). Host names come back in lower case.
 */
export const readHostList: Reader = quotable((input) => {
  const items = cutItems(input, { separators: ',;' });
  if (failed(items)) return items;
  if (items.every(({ text }) => text === '') && items.length === 1) return { kind: 'host-list', groups: [] };
  const groups: HostListEntry[][] = [];
  for (const [index, item] of items.entries()) {
    if (item.text === '' && index === items.length - 1 && index > 0) {
      input.warn('ends in a separator');
      continue;
    }
    const entry = entryOf(input, item);
    if ('kind' in entry) return entry;
    const group = groups.at(-1);
    if (item.after === ',' && group !== undefined) group.push(entry);
    else groups.push([entry]);
  }
  return { kind: 'host-list', groups };
});

const LOOKUP = /^lookup-mx:\s*/i;

/** Letters, digits, dots, dashes, underscores, and whatever an internationalised name has. */
const HOST = /^[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}._-]*[\p{L}\p{M}\p{N}_])?\.?$/u;

function entryOf(input: Input, item: Piece): HostListEntry | ValueError {
  if (item.text === '') return emptyItem(input);
  const lookup = LOOKUP.exec(item.text);
  if (lookup !== null) {
    const domain = item.text.slice(lookup[0].length);
    return isHost(domain) ? { via: 'mx', domain: domain.toLowerCase() } : fail('is not lookup-mx:DOMAIN', item);
  }
  const endpoint = splitPort(item.text);
  if ('reason' in endpoint) return fail(endpoint.reason, item);
  const port = endpoint.port === undefined ? {} : { port: endpoint.port };
  const address = parseAddress(endpoint.bracketed ? endpoint.host.replace(/^ipv6:/i, '') : endpoint.host);
  if (address !== undefined) return { via: 'address', address, ...port };
  if (endpoint.bracketed) return fail('is not an address in brackets, such as [192.0.2.1] or [IPv6:2001:db8::1]', item);
  return isHost(endpoint.host)
    ? { via: 'host', host: endpoint.host.toLowerCase(), ...port }
    : fail('is not a host, an address in brackets or lookup-mx:DOMAIN', item);
}

function isHost(text: string): boolean {
  return HOST.test(text) && !/^[\d.]+$/.test(text) && !text.includes('..');
}
