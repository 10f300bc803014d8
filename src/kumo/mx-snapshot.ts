import { MX_SITES, type MxSite, mxHostsOf, mxSiteOf } from './mx-groups';

/** MX records by domain, lower case: preference and host, as DNS has them. An empty list: the domain has none. */
export type MxRecords = ReadonlyMap<string, readonly (readonly [preference: number, host: string])[]>;

/** What is known about which domains share mail exchangers. */
export interface MxSnapshot {
  /** The site of a domain; undefined when it shares with nobody, or nothing is known. */
  siteOf(domain: string): MxSite | undefined;
  /** Its MX hosts; empty when nothing is known. */
  hostsOf(domain: string): readonly string[];
  /** True when the domain is known to take no mail: no MX, or a null MX (RFC 7505). */
  takesNoMail(domain: string): boolean;
}

/** The large providers that are built in. */
export const BUILT_IN_MX: MxSnapshot = { siteOf: mxSiteOf, hostsOf: mxHostsOf, takesNoMail: () => false };

/** Records that were looked up, over the built-in ones. Domains with the same hosts in the same order are one site. */
export function snapshotOf(records: MxRecords): MxSnapshot {
  const hosts = new Map([...records].map(([domain, list]) => [domain, hostsIn(list)]));
  const byHosts = new Map<string, MxSite>();
  const sites = new Map<string, MxSite>();
  for (const [domain, own] of hosts) {
    if (own.length === 0) continue;
    const site = own.join(' ');
    const same = byHosts.get(site) ?? { site, hosts: own, suffix: '', domains: [] };
    byHosts.set(site, same);
    sites.set(domain, separateSite(own) ?? same);
  }
  return {
    siteOf: (domain) => (records.has(domain) ? sites.get(domain) : mxSiteOf(domain)),
    hostsOf: (domain) => hosts.get(domain) ?? mxHostsOf(domain),
    takesNoMail: (domain) => hosts.get(domain)?.length === 0,
  };
}

/** Microsoft gives each domain hosts of its own under one suffix. */
function separateSite(hosts: readonly string[]): MxSite | undefined {
  return MX_SITES.find(({ separate, suffix }) => separate && hosts.every((host) => host.endsWith(suffix)));
}

function hostsIn(list: readonly (readonly [number, string])[]): readonly string[] {
  const sorted = [...list].sort(([a, x], [b, y]) => a - b || (x < y ? -1 : 1));
  return [...new Set(sorted.map(([, host]) => plain(host)))].filter((host) => host !== '');
}

function plain(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}

/**
 * Reads a snapshot: `{ "gmail.com": [[5, "gmail-smtp-in.l.google.com"], …], "nobody.example": [] }`, or says what is
 * wrong with it.
 */
export function parseSnapshot(text: string): { readonly records: MxRecords } | { readonly fault: string } {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { fault: 'is not JSON' };
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return { fault: 'holds no table of domains' };
  const records = new Map<string, readonly (readonly [number, string])[]>();
  for (const [domain, list] of Object.entries(data)) {
    const pairs: unknown[] = Array.isArray(list) ? list : [undefined];
    if (!pairs.every(isRecord)) return { fault: `has something else than [[preference, host], …] for ${domain}` };
    const strange = [domain, ...pairs.map(([, host]) => host)].find((name) => !isMailHost(name));
    if (strange !== undefined) return { fault: `names ${JSON.stringify(strange.slice(0, 80))}, which is no host name` };
    records.set(domain.toLowerCase(), pairs);
  }
  return { records };
}

function isRecord(value: unknown): value is readonly [number, string] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'number' && typeof value[1] === 'string';
}

/** What DNS can carry as a name; `.` and nothing stand for "takes no mail" (RFC 7505). */
export function isMailHost(name: string): boolean {
  return name.length <= 254 && !/[\u0000-\u0020\u007f-\u009f"\\]/.test(name);
}

/** The text of a snapshot file: sorted, one domain a line. */
export function snapshotText(records: MxRecords): string {
  const lines = [...records]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([domain, list]) => {
      const sorted = [...list].sort(([a, x], [b, y]) => a - b || (x < y ? -1 : 1));
      return `  ${JSON.stringify(domain)}: ${JSON.stringify(sorted)}`;
    });
  return `{\n${lines.join(',\n')}\n}\n`;
}
