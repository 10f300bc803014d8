import type { Span } from '../diagnostics/span';
import type { FieldBlock, FieldMap } from './model';
import type { ReceptionLua } from './reception-lua';

/** What pmta.lua has to do because no helper can. Every part is absent when it is not needed. */
export interface PolicyLua {
  /** Peer rules by CIDR, and by name for the sources of listeners and users. Keys of a rule: see passes/sources.ts. */
  readonly sourcesByCidr: Map<string, FieldBlock>;
  readonly sourcesByName: Map<string, FieldBlock>;
  /**
   * `ip:port`, or `:port` for all addresses, of a listener → its named source; only for releases before 2025.05.06, whose
   * listeners cannot carry the name themselves.
   */
  readonly listenerSources: Map<string, string>;
  /** The one of sourcesByName that holds for mail handed in over HTTP. */
  httpSource?: string | undefined;
  /** Lower-cased PowerMTA name → tenant, for everything X-Virtual-MTA may name. */
  readonly tenants: Map<string, string>;
  /**
   * Tenant of a pool → tenants of its members, for pools whose members differ in retry, age, routing or signing: Lua
   * picks one member per message, so that the member's own settings apply.
   */
  readonly memberPools: Map<string, readonly string[]>;
  /** Source → virtual-mta, for virtual-mtas with several addresses: their limits are shared. */
  readonly sharedLimits: Map<string, string>;
  /** Some of these sources have a limit of their own beside the shared one, under the key `pmta-ip`. */
  perAddress?: true;
  /** Several cold sources share one daily limit. */
  sharedSelection?: true;
  /** Retry lists: domain key (as in queues.toml, `default` for all) → tenant ('' for all) → seconds. */
  readonly retryLists: {
    readonly domain: string;
    readonly tenant: string;
    readonly seconds: readonly number[];
    readonly origins: readonly Span[];
  }[];
  /** Pattern lists by name, those that a source refers to and those they call. */
  readonly patternLists: Map<string, readonly PatternEntry[]>;
  /** Name of a list of replies → its regexes, for backoffRetry. */
  readonly replyLists: Map<string, readonly string[]>;
  /**
   * Waits after a reply of `list` ('': none), instead of the queue's own: recipient-domain key → tenant ('' for all) → seconds for
   * each attempt, the last one repeats (M5 3.3.10.40).
   */
  readonly backoffRetry: {
    readonly domain: string;
    readonly tenant: string;
    readonly list: string;
    readonly seconds: readonly number[];
    /** Tenant that the message moves to instead of waiting (M5 10.3.2). */
    readonly reroute?: string;
    readonly origins: readonly Span[];
  }[];
  /** Name of a list of replies → those whose status changes, in order (M5 3.3.15). */
  readonly statusEntries: Map<string, readonly StatusEntry[]>;
  /** The list that holds for a recipient-domain key and tenant ('' for all); '' for none. */
  readonly statusLists: {
    readonly domain: string;
    readonly tenant: string;
    readonly list: string;
    readonly origins: readonly Span[];
  }[];
  /** Recipient-domain key → tenant ('' for all) → what ends a message's retries there. */
  readonly failures: {
    readonly domain: string;
    readonly tenant: string;
    readonly on: readonly Failure[];
    readonly origins: readonly Span[];
  }[];
  /** Recipient-domain key → tenant ('' for all) → tenant that the mail gets instead, '' for its own: M5 3.3.10.49. */
  readonly reroutes: {
    readonly domain: string;
    readonly tenant: string;
    readonly to: string;
    readonly origins: readonly Span[];
  }[];
  /** Queues that send nothing: name of the sender (`make.NAME`) → what their mail is logged with. */
  readonly endings: Map<string, Ending>;
  /** Recipient domain (`gmail.com`, `*.x`) → tenant ('' for all) → `queue`, `queue!route`, or `=name` for a whole queue: M5 10.9. */
  readonly queueTo: {
    readonly domain: string;
    readonly tenant: string;
    readonly queue: string;
    readonly origins: readonly Span[];
  }[];
  /** Events that decide whether a log records a message. */
  readonly logFilters: Map<string, LogFilter>;
  /** Headers that are taken off every message before it is signed. */
  readonly removeHeaders: string[];
  /** Domain → fancy-regexes of the addresses in it that mail is taken for from anybody (M5 3.3.1.32.3). */
  readonly relayAddresses: Map<string, readonly string[]>;
  /** Mail for these is looked at for reports, and what is none goes another way (M5 12.6, 12.7). */
  readonly processors: ReportRule[];
  /** Refused relaying is answered as a temporary failure. */
  softRelaying?: boolean;
  /** Users may relay from some networks only. */
  usersByPlace?: boolean;
  /** Delivery reports to senders; undefined when none are sent. */
  dsn?: DsnRules;
  /** What is done to recipients, senders and headers on reception. */
  readonly reception: ReceptionLua;
  /** DKIM by PowerMTA's rules; undefined when the helper does it. */
  signing?: SigningRules;
}

/** A reply that counts as another. */
export interface StatusEntry {
  /** fancy-regex */
  readonly regex: string;
  readonly code: 421 | 550;
  readonly origins: readonly Span[];
}

/** What becomes of mail to an address, to all of a domain, or to the addresses that a fancy-regex fits. */
export interface ReportRule {
  readonly key: 'address' | 'domain' | 'pattern';
  /** lower case, but for a pattern */
  readonly name: string;
  /** Kinds of report that are looked for. */
  readonly kinds: readonly ('bounce' | 'complaint')[];
  /** No report: it ends here. */
  readonly drop: boolean;
  /** No report: copies go to these. */
  readonly unmatchedTo: readonly string[];
  /** A report that cannot be read: copies go to these. */
  readonly errorsTo: readonly string[];
  readonly origins: readonly Span[];
}

/** Queues by recipient domain (itself, or all below `.x`) and tenant; what is absent fits all. */
export interface QueueRule {
  readonly domain?: string;
  readonly below?: string;
  readonly tenant?: string;
  readonly keep: boolean;
}

/** Lists of rules: in each the first that fits decides, none: no; a message is recorded when all say yes. */
export type LogFilter = readonly (readonly QueueRule[])[];

/** Failures after which PowerMTA does not try again (M5 3.3.10.60, .61, .63, .91); keys of pmta.lua. */
export type Failure = 'assume_delivery' | 'broken_transfer' | 'no_mx' | 'refused_greeting';

/** 250: logged as a delivery; 550: as a bounce. */
export interface Ending {
  readonly code: 250 | 550;
  readonly text: string;
}

/** Which senders get a report when mail could not be delivered, and what it says. */
export interface DsnRules {
  /** Host that makes the reports. */
  readonly host: string;
  /** Their From header; KumoMTA's own when undefined. */
  readonly from?: string;
  /** Sender-domain key → tenant ('' for all) → report or not; all get one when empty. */
  readonly senders: readonly { readonly domain: string; readonly tenant: string; readonly wanted: boolean }[];
}

/** One line of a pattern list (M5 3.3.14): the first that fits decides. */
export interface PatternEntry {
  readonly test: 'mail-from' | 'rcpt-to' | 'header' | 'any';
  /** Name of the header, for `header`. */
  readonly header?: string;
  /** fancy-regex; absent for `any` */
  readonly regex?: string;
  readonly result:
    | { readonly tenant: string }
    | { readonly list: string }
    /** The search ends here, without a tenant. */
    | { readonly ends: true }
    | { readonly entries: readonly PatternEntry[] };
  readonly origins: readonly Span[];
}

export interface SigningKey {
  readonly selector: string;
  /** lower case, or `*` */
  readonly domain: string;
  readonly file: string;
  readonly origins: readonly Span[];
}

export interface SigningRules {
  /** Keys every message may use, in order. */
  readonly globalKeys: readonly SigningKey[];
  /** Tenant → keys tried before the global ones. */
  readonly tenantKeys: Map<string, readonly SigningKey[]>;
  /** Lower-cased name → keys that a message asks for with `key-list=` in its X-DKIM-Options. */
  readonly keyLists: ReadonlyMap<string, readonly SigningKey[]>;
  readonly first: SignatureRules;
  readonly second?: SignatureRules;
}

/** When and how one of the two signatures is made. */
export interface SignatureRules extends SignatureOptions {
  /** Recipient-domain key (`default`, `gmail.com`, `*.gmail.com`) → tenant ('' for all) → sign or not. */
  readonly recipients: readonly {
    readonly domain: string;
    readonly tenant: string;
    readonly sign: boolean | 'if-options';
    /** Index in `others` of the options that count here; absent where the rules' own do. */
    readonly other?: number;
  }[];
  /** Further options, where not all recipients have the same. */
  readonly others?: readonly SignatureOptions[];
}

/** How a signature is made. */
export interface SignatureOptions {
  /** Fixed identity domain, `sender-or-from` or `strict-from`. */
  readonly identity: string;
  readonly fallback?: string;
  readonly headers: readonly string[];
  readonly fields: FieldMap;
}
