import { asList, asTable } from '../api/value';
import type { Place } from './finding';
import type { QueueBlock } from './queue-data';

/** A block that sends to hosts of its own choice. */
export interface SmartHost {
  readonly where: string;
  readonly hosts: readonly string[];
  /** Routing domain whose shaping holds; the recipient's domain when undefined. */
  readonly destination: string | undefined;
  readonly place: Place | undefined;
}

/** The hosts that a queue block names, if it does. */
export function smartHost(
  where: string,
  { params, places }: Pick<QueueBlock, 'params' | 'places'>,
): readonly SmartHost[] {
  const smtp = asTable(asTable(params.get('protocol'))?.['smtp']);
  const list = (asList(smtp?.['mx_list']) ?? []).map((item) => asTable(item)?.['addr'] ?? item);
  const named = list.filter((item) => typeof item === 'string');
  const routing = params.get('routing_domain');
  const destination = typeof routing === 'string' ? routing : undefined;
  // With mx_list the routing domain decides the shaping only.
  const hosts = named.length > 0 || destination === undefined ? named : [destination];
  const place = places.get(named.length > 0 ? 'protocol' : 'routing_domain');
  return hosts.length === 0 ? [] : [{ where, hosts, destination, place }];
}
