import { isAddress } from '../api/grammars';

/**
 * What the caller knows about a domain's mail exchangers; hosts in order of preference. No MX record: the domain's own
 * address serves. `nxdomain`: there is no such domain.
 */
export type MxLookup = (
  domain: string,
) => { readonly hosts: readonly string[] } | 'no-mx-record' | 'nxdomain' | undefined;

export interface MailExchanger {
  /** Lower case, without the dot at the end. */
  readonly hosts: readonly string[];
  /** Name of the ready queue's site; empty for a null MX. */
  readonly site: string;
  readonly literal: boolean;
  /** False where no MX record exists, so that `hosts` is the domain itself. */
  readonly recorded: boolean;
}

/** Looks mail exchangers up. Without data a domain is a site of its own. */
export interface Mx {
  /** Undefined when there are no data for the domain. */
  resolve(domain: string): MailExchanger | undefined;
  /** There is certainly no such domain. */
  isAbsent(domain: string): boolean;
  siteOf(domain: string): string;
}

export function createMx(lookup: MxLookup | undefined): Mx {
  const known = new Map<string, MailExchanger | undefined>();
  const resolve = (domain: string): MailExchanger | undefined => {
    if (!known.has(domain)) known.set(domain, resolveUncached(lookup, domain));
    return known.get(domain);
  };
  return {
    resolve,
    isAbsent: (domain) => lookup?.(domain.toLowerCase()) === 'nxdomain',
    siteOf: (domain) => resolve(domain)?.site ?? domain.toLowerCase(),
  };
}

function resolveUncached(lookup: MxLookup | undefined, domain: string): MailExchanger | undefined {
  const literal = /^\[(?:IPv6:)?([^\]]+)\](?::\d+)?$/i.exec(domain)?.[1];
  if (literal !== undefined && isAddress(literal)) {
    return { hosts: [literal], site: literal, literal: true, recorded: false };
  }
  const found = lookup?.(domain.toLowerCase());
  if (found === undefined || found === 'nxdomain') return undefined;
  if (found === 'no-mx-record') return { hosts: [domain], site: domain, literal: false, recorded: false };
  const hosts = found.hosts.map((host) => host.toLowerCase().replace(/\.$/, '')).filter((host) => host !== '');
  return { hosts, site: siteName(hosts), literal: false, recorded: true };
}

/**
 * The name of a set of hosts as KumoMTA makes it (crates/mailexchanger): label by label from the right, alternatives in
 * brackets, `?` where a name has no such label. `(alt1|alt2)?.gmail-smtp-in.l.google.com`.
 * KumoMTA takes the hosts by preference; the order is not known here, so one set of hosts is one site.
 */
export function siteName(hosts: readonly string[]): string {
  const names = [...hosts].sort().map((host) => host.split('.').reverse());
  const depth = Math.max(0, ...names.map((labels) => labels.length));
  const parts: string[] = [];
  for (let at = 0; at < depth; at++) {
    const labels = [...new Set(names.map((name) => name[at]).filter((label) => label !== undefined))];
    const text = labels.length === 1 ? (labels[0] ?? '') : `(${labels.join('|')})`;
    parts.unshift(names.some((name) => name.length <= at) ? `${text}?` : text);
  }
  return parts.join('.');
}
