import type { Span } from '../diagnostics/span';
import type { BaseBlock } from './base-shaping';
import type { LogFiles } from './log-format';
import type { PolicyLua } from './policy-lua';
import type { SystemFile } from './system-file';

export { emptyBlock, emptyPathBlock, emptyPolicy, emptyQueueBlock } from './empty-policy';
export type { LogFiles } from './log-format';
export type {
  Ending,
  Failure,
  PatternEntry,
  PolicyLua,
  ReportRule,
  SignatureOptions,
  SignatureRules,
  SigningKey,
  SigningRules,
  StatusEntry,
} from './policy-lua';
export type { SystemFile } from './system-file';

/** What a KumoMTA field can hold, in TOML's and Lua's common part. Tables keep the order of their keys. */
export type KumoValue = string | number | boolean | readonly KumoValue[] | KumoTable;
export interface KumoTable {
  readonly [key: string]: KumoValue;
}

/** A value and the input lines it came from; no origin means: PowerMTA's default, written because KumoMTA's differs. */
export interface Field {
  readonly value: KumoValue;
  readonly origins: readonly Span[];
  /** Set when the value needs a word in the emitted file, e.g. `PowerMTA default`. */
  readonly comment?: string;
  /** Lines that ask for the same value elsewhere and needed none of their own there: for the source map only. */
  also?: Set<Span>;
}

/** Field name → value, in the order in which it is written. */
export type FieldMap = Map<string, Field>;

/** A block of a TOML file: its fields and where it came from. */
export interface FieldBlock {
  readonly fields: FieldMap;
  readonly origins: Span[];
  /** Lines of comment before the block. */
  readonly comments: string[];
}

export interface EgressPool {
  /** Source name → weight; 1 is not written. */
  readonly entries: Map<string, number>;
  readonly origins: Span[];
  readonly comments: string[];
}

export interface AutomationRule {
  /** fancy-regex, without slashes */
  readonly regex: readonly string[];
  readonly actions: readonly AutomationAction[];
  /** seconds */
  readonly duration: number;
  readonly origins: readonly Span[];
  readonly comments: readonly string[];
  /** Lines that the limits and the time come from: for the source map only. */
  readonly limits?: Set<Span>;
}

export type AutomationAction =
  | 'Suspend'
  | 'SuspendTenant'
  | 'SuspendCampaign'
  | 'Bounce'
  | 'BounceTenant'
  | 'BounceCampaign'
  | { readonly set: string; readonly value: KumoValue };

/** `["default"]`, `["gmail.com"]`: a block of shaping.toml. */
export interface PathBlock extends FieldBlock {
  /** false for names without MX, smart hosts and literals; undefined leaves KumoMTA's default (true). */
  mxRollup?: boolean;
  /** Source name → overrides. */
  readonly sources: Map<string, FieldBlock>;
  readonly automation: AutomationRule[];
  /** Other domains of the same MX group that this block covers by KumoMTA's own rollup. */
  readonly covers: string[];
}

export type ProviderMatch =
  | { readonly MXSuffix: string }
  | { readonly DomainSuffix: string }
  | { readonly HostName: string };

export interface ProviderBlock {
  readonly name: string;
  readonly match: ProviderMatch[];
  readonly fields: FieldMap;
  readonly origins: Span[];
  readonly comments: string[];
  readonly sources: Map<string, FieldBlock>;
  readonly automation: AutomationRule[];
}

export interface QueueBlock extends FieldBlock {
  /** Tenant → overrides for this domain. */
  readonly tenants: Map<string, FieldBlock>;
}

export interface EsmtpListener {
  /** `0.0.0.0:25` */
  readonly listen: Field;
  /** Further fields of start_esmtp_listener; `meta`, `trace_headers` are tables. */
  readonly fields: FieldMap;
  readonly origins: Span[];
}

export interface HttpListener {
  readonly fields: FieldMap;
  readonly origins: Span[];
  readonly comments: string[];
  /** Networks whose clients may read the metrics and nothing else (since 2026.03.04). */
  readonly monitors?: Field;
}

export interface Rename {
  readonly what: 'tenant' | 'campaign' | 'source' | 'pool';
  readonly from: string;
  readonly to: string;
  readonly why: string;
  readonly origin?: Span;
}

/** Goes to smtp_users.toml (0600) and nowhere else. */
export interface SmtpUser {
  readonly name: string;
  readonly password: string;
  /** Name of the `<source>` block whose settings apply to the user. */
  readonly source?: string;
  readonly origins: readonly Span[];
}

/** A secret that KumoMTA reads from a file of its own (smtp_auth_plain_password). */
export interface SecretFile {
  /** Path inside the tree. */
  readonly path: string;
  readonly content: string;
}

/** A file that has to be copied to where KumoMTA reads it. */
export interface FileCopy {
  readonly from: string;
  readonly to: string;
  readonly what: 'DKIM key' | 'TLS certificate and key' | 'CA file' | 'list of addresses' | 'header lines';
  readonly origins: readonly Span[];
}

/** The KumoMTA configuration as it will be written. Passes fill it; emit only reads it. */
export interface KumoPolicy {
  readonly spools: { readonly name: 'data' | 'meta'; readonly fields: FieldMap; readonly origins: Span[] }[];
  readonly logs: LogFiles[];
  /** `ip:port` of name servers; empty leaves the system's. */
  readonly nameServers: Field[];
  /** URLs for shared counters; empty: this node counts for itself. */
  readonly redis: string[];
  /** MX look-ups at a time; undefined leaves KumoMTA's limit (since 2025.05.06). */
  mxQueries?: Field;
  readonly listeners: EsmtpListener[];
  http?: HttpListener;
  /** Further HTTP listeners, for injection. */
  readonly injection: HttpListener[];
  readonly listenerDomains: Map<string, FieldBlock>;
  readonly sources: Map<string, FieldBlock>;
  /** Sources that are used before the others of their pools, within a daily limit. */
  readonly coldSources: Set<string>;
  readonly pools: Map<string, EgressPool>;
  readonly tenants: Map<string, FieldBlock>;
  /** tenant_header and the like, at the top of queues.toml. */
  readonly queueOptions: FieldMap;
  /** `default`, domains, `*.domain`. */
  readonly queues: Map<string, QueueBlock>;
  readonly shaping: {
    /** Files of KumoMTA's package that are loaded before shaping.toml. */
    readonly base: BaseBlock['file'][];
    readonly default: PathBlock;
    /** In file order: general before special. */
    readonly providers: ProviderBlock[];
    readonly domains: Map<string, PathBlock>;
  };
  readonly dkim: {
    readonly base: FieldBlock;
    readonly domains: Map<string, FieldBlock>;
    readonly signatures: Map<string, FieldBlock>;
  };
  /** bounce_rules/NN.toml, in order: class → regexes. */
  readonly bounceRules: { readonly rules: Map<string, string[]>; readonly origins: Span[] }[];
  readonly users: Map<string, SmtpUser>;
  readonly secrets: SecretFile[];
  readonly lua: PolicyLua;
  readonly renames: Rename[];
  /** Manual steps of the report, by the path they fill; no file of the tree has them. */
  readonly copies: Map<string, FileCopy>;
  readonly systemFiles: SystemFile[];
}
