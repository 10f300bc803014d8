import type { Span } from '../diagnostics/span';

/** Mail for suppressed recipients that were accepted waits here to be bounced. */
export const SUPPRESSED_QUEUE = 'suppressed.pmta.internal';

/** What Lua does to recipients, senders and headers of a message on reception. Every part is empty when not needed. */
export interface ReceptionLua {
  readonly forwards: Forwards;
  /** Added to recipient domains without a dot; absent when no source asks for it. */
  domainSuffix?: string;
  /** Rewrite lists by name, in lower case. */
  readonly rewriteLists: Map<string, RewriteList>;
  /** Tenant → its rewrite list. */
  readonly rewriteOf: Map<string, string>;
  /** Lists of recipients by name, in lower case. */
  readonly addressLists: Map<string, AddressList>;
  /** Tenant ('' for all) → files of header lines, in the order in which they are put on top. */
  readonly headerFiles: Map<string, readonly string[]>;
  /** Headers that are taken off mail for a domain. */
  readonly removals: ByDomain<readonly string[]>[];
  /** Addresses that get a copy of what was delivered to a domain. */
  readonly deliveryCopies: ByDomain<readonly string[]>[];
  /** What X-MSYS-API says in mail for a domain; '' leaves the header out. */
  readonly apiHeaders: ByDomain<string>[];
  /** Tenant → PowerMTA's name of the virtual-mta or pool, where it is written otherwise. */
  readonly vmtaNames: Map<string, string>;
}

/** A value for a recipient-domain key (`default`, `gmail.com`, `*.gmail.com`) and a tenant ('' for all). */
export interface ByDomain<Value> {
  readonly domain: string;
  readonly tenant: string;
  readonly value: Value;
  readonly origins: readonly Span[];
}

/** Whose mail goes to other addresses. Everything but the targets is in lower case. */
export interface Forwards {
  /** `user@domain`, or `*@domain` for everybody else there → targets. */
  readonly byAddress: Map<string, readonly string[]>;
  /** Local part → targets, at each of the local domains. */
  readonly byLocalPart: Map<string, readonly string[]>;
  /** Domains of this server's own names. */
  readonly localDomains: string[];
  /** Those of them at which nobody else is taken mail for, except from clients that may relay. */
  readonly guardedDomains: string[];
}

/** The first entry of each half that fits is used (M5 3.3.18). */
export interface RewriteList {
  readonly senders: readonly { readonly from: AddressParts; readonly to: AddressParts }[];
  /** Domain, `*.domain` or `*` → domain, for the From header. */
  readonly fromDomains: readonly { readonly from: string; readonly to: string }[];
}

/** `*` stands for any; both empty is the null sender. */
export interface AddressParts {
  readonly user: string;
  readonly domain: string;
}

export interface AddressList {
  /** `user@domain`, or a domain; lower case. */
  readonly names: readonly string[];
  /** Local parts at the local domains; lower case. */
  readonly localParts: readonly string[];
  /** fancy-regex */
  readonly regexes: readonly string[];
  /** Files with one address, local part or pattern a line. */
  readonly files: readonly string[];
}

export function emptyReception(): ReceptionLua {
  return {
    forwards: { byAddress: new Map(), byLocalPart: new Map(), localDomains: [], guardedDomains: [] },
    rewriteLists: new Map(),
    rewriteOf: new Map(),
    addressLists: new Map(),
    headerFiles: new Map(),
    removals: [],
    deliveryCopies: [],
    apiHeaders: [],
    vmtaNames: new Map(),
  };
}
