/** Where a directive or tag may stand: a tag's name, or `global` for the top level. */
export type Scope =
  | 'global'
  | 'acct-file'
  | 'address-list'
  | 'aliases'
  | 'bounce-category-patterns'
  | 'bounce-processor'
  | 'dns'
  | 'domain'
  | 'domain-key-list'
  | 'email-patterns'
  | 'feedback-loop-processor'
  | 'gm-imprinter'
  | 'mx-rollup-list'
  | 'pattern-list'
  | 'proxy'
  | 'rewrite-list'
  | 'signals'
  | 'signals-filter'
  | 'smtp-listener'
  | 'smtp-pattern-list'
  | 'smtp-user'
  | 'source'
  | 'source-group'
  | 'spool'
  | 'sparkpost-analytics'
  | 'suppression-list'
  | 'transmissions-api'
  | 'transmissions-api-listener'
  | 'virtual-mta'
  | 'virtual-mta-pool';

/** How the text after a directive is read; `values.ts` has one reader a kind. */
export type ValueKind =
  | 'address-rewrite' // mail-from *@a *@b
  | 'alias'
  | 'bool'
  | 'bool-or-interval' // bounce-upon-no-mx
  | 'category-pattern' // /re/ category
  | 'cidr'
  | 'cidr-data-rate'
  | 'cidr-int'
  | 'cidr-rate'
  | 'cold-virtual-mta' // NAME, or CIDR HOST before 4.5
  | 'daily-rates'
  | 'data-rate'
  | 'domain-key'
  | 'domain-macro'
  | 'domain-pattern'
  | 'domain-rewrite' // from-domain
  | 'email-list'
  | 'enum'
  | 'header-pattern' // header NAME /re/ result
  | 'host-list' // smtp-hosts, route
  | 'http-access'
  | 'int'
  | 'int-or-unlimited'
  | 'interval'
  | 'interval-or-never'
  | 'intervals'
  | 'ip'
  | 'list'
  | 'listener'
  | 'map-header'
  | 'mx-limit' // mx-connection-limit PATTERN N
  | 'mx-rollup' // mx PATTERN NAME.rollup [rollup-by-ip]
  | 'name' // one word: reference, host, path without blanks
  | 'path'
  | 'path-pair' // pickup
  | 'path-secret' // certificate file and pass phrase
  | 'pattern' // /re/ result
  | 'pattern-result' // * result
  | 'port' // 0 switches off where a port can be switched off
  | 'privacy-policy'
  | 'proxy-client'
  | 'proxy-source-host'
  | 'rate'
  | 'record-fields'
  | 'record-types' // records d,b: a list of short codes, whichever spelling was written
  | 'regex-or-text' // relay-address, address
  | 'reply'
  | 'secret'
  | 'signals'
  | 'size'
  | 'source-host' // IP|CIDR HOST
  | 'tag' // the argument of a tag
  | 'text';

export type Exactness = 'exact' | 'approximate';

interface RowBase {
  readonly name: string;
  /** One row a (name, scope). */
  readonly scope: Scope;
  /** True for `<tag>` rows; the scope of a tag row is where the tag stands. */
  readonly tag?: true;
  readonly value: ValueKind;
  /** Allowed words, for `enum`. */
  readonly words?: readonly string[];
  /** `adds`: each line counts; `last`: one value, the last line in a block wins. */
  readonly repeats: 'adds' | 'last';
  /** PowerMTA's value when nothing is set, as it would be written. */
  readonly default?: string;
  /**
   * Values (lower case) with which the directive asks for nothing, so that the setting ends `implicit` although the
   * directive itself is manual or unsupported: `log-commands no`.
   */
  readonly idle?: readonly string[];
  /** The sentence that reports show: why, and what a person has to do. */
  readonly note: string;
  /** Manual section or other source, in the codes of the language notes (M5 3.3.10.89 …). */
  readonly ref: string;
}

export interface ConvertedRow extends RowBase {
  readonly disposition: 'direct' | 'lowered';
  readonly target: string;
  readonly exactness: Exactness;
  /** First KumoMTA release with the preferred form. */
  readonly since: string;
}

export interface PlainRow extends RowBase {
  readonly disposition: 'implicit' | 'manual' | 'unsupported';
  readonly target?: string;
}

export type DirectiveRow = ConvertedRow | PlainRow;
