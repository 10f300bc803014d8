import type { HostListEntry } from '../directives/value';
import type { Comparison, KumoPath, PmtaPath } from './sides';

/** Where mail goes: the queue's own mail exchangers, another domain's, or hosts. */
export function compareRoute(pmta: PmtaPath, kumo: KumoPath): Comparison {
  const wanted = pmtaRoute(pmta);
  const found = kumoRoute(kumo);
  const same = wanted === found || (wanted === OWN && found === `mx:${pmta.queue}`);
  const [port] = kumo.paths.values();
  const lines = ['smtp-hosts', 'route', 'queue-to']
    .flatMap((name) => pmta.settings.get(name)?.setting ?? [])
    .slice(0, 1);
  return {
    directive: 'smtp-hosts',
    lines,
    read: [
      ...(port?.['smtp_port'] === undefined || same ? [] : [{ from: 'path', field: 'smtp_port' } as const]),
      { from: 'queue', field: mxList(kumo.queue['protocol']) === undefined ? 'routing_domain' : 'protocol' },
    ],
    pmta: wanted,
    kumo: found,
    verdict:
      kumo.message === undefined && found === OWN && wanted !== OWN ? 'not-comparable' : same ? 'equal' : 'differs',
    why: same ? '' : kumo.message === undefined ? NOBODY : 'Mail goes to other hosts.',
  };
}

/** The route of a queue that nothing routes elsewhere. */
export const OWN = 'its own mail exchangers';
/** Why a thing that only a message shows was not looked at. */
export const NOBODY = 'No client of the configuration gets this tenant, so no message could be sent through the tree.';

/** Where PowerMTA sends the mail of a queue, as a text. */
export function pmtaRoute({ value, queue, domain }: PmtaPath): string {
  const hosts = value('smtp-hosts') ?? value('route');
  if (hosts?.kind === 'host-list' && hosts.groups.length > 0) {
    const entries = hosts.groups.flat().map(entryText);
    return entries.length === 1 ? (entries[0] ?? '') : [...entries].sort().join(', ');
  }
  return queue === domain || queue.endsWith('.rollup') ? OWN : `mx:${queue}`;
}

function entryText(entry: HostListEntry): string {
  if (entry.via === 'mx') return `mx:${entry.domain.toLowerCase()}`;
  const host = entry.via === 'address' ? `[${entry.address}]` : entry.host.toLowerCase();
  return entry.port === undefined || entry.port === 25 ? host : `${host}:${entry.port}`;
}

/** The same for KumoMTA. */
export function kumoRoute({
  queue,
  routingDomain,
  paths,
}: Pick<KumoPath, 'queue' | 'routingDomain' | 'paths'>): string {
  const [path] = paths.values();
  const port = typeof path?.['smtp_port'] === 'number' && path['smtp_port'] !== 25 ? `:${path['smtp_port']}` : '';
  const list = mxList(queue['protocol']);
  if (list !== undefined)
    return list
      .map((host) => `${host.toLowerCase().replace('[ipv6:', '[')}${port}`)
      .sort()
      .join(', ');
  if (routingDomain === null) return OWN;
  return routingDomain.startsWith('[')
    ? `${routingDomain}${routingDomain.endsWith(']') ? port : ''}`
    : `mx:${routingDomain}`;
}

/** The hosts of a queue with a fixed list; undefined where its mail follows MX records. */
export function mxList(protocol: unknown): readonly string[] | undefined {
  if (typeof protocol !== 'object' || protocol === null || !('smtp' in protocol)) return undefined;
  const { smtp } = protocol;
  if (typeof smtp !== 'object' || smtp === null || !('mx_list' in smtp)) return undefined;
  return Array.isArray(smtp.mx_list) ? smtp.mx_list.map(hostOf) : undefined;
}

/** A host is a text, or a table with its address. */
function hostOf(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return String(entry);
  return 'name' in entry ? String(entry.name) : JSON.stringify(entry);
}
