import type { Span } from '../diagnostics/span';
import type { DirectiveRow, Scope as ScopeName } from '../directives/row';
import type { Value } from '../directives/value';

/**
 * One line of a directive, or one opening tag: what the ledger counts. `value` is absent when the setting is unknown,
 * stands in a wrong place or has a value that cannot be read (`fault` says which).
 */
export interface Setting {
  /** Position in `PmtaConfig.settings`: the order of reading, includes in place. */
  readonly id: number;
  /** Lower case, canonical; `<domain>` for a tag, '' for a line that begins with a regex. */
  readonly name: string;
  /** The block in which it stands; for a tag, the block around it. */
  readonly scope: ScopeBlock;
  /** With a fault, a row that has the name in another place may stand here, so that its kind (a secret?) is known. */
  readonly row?: DirectiveRow;
  /** As written, without comment; secrets are in here too, so never show it for a row of kind `secret`. */
  readonly raw: string;
  readonly value?: Value;
  readonly fault?: 'unknown' | 'misplaced' | 'invalid';
  /** It stands in `config-defaults` or a file included there: what the main file says wins over it (M5 5.8). */
  readonly fromDefaults?: true;
  readonly span: Span;
  /** The value, or the argument of a tag; where a code frame points. */
  readonly valueSpan: Span;
  /** `mail-from /x/ <pattern-list>`: the block opened at the end of the line. */
  readonly nested?: ScopeBlock;
}

/** A block as written: `<domain gmail.com>`. Blocks given twice stay two blocks; the views below merge them. */
export interface ScopeBlock {
  readonly kind: ScopeName;
  /** '' for the top level and for tags without argument. */
  readonly argument: string;
  readonly parent?: ScopeBlock;
  /** The opening tag's own setting; absent for the top level. */
  readonly tag?: Setting;
  /** The directive lines, faulty ones too, in the order of the text, includes in place. */
  readonly settings: readonly Setting[];
  /** The blocks inside whose tags have no fault. A nested block of a directive line is only in its `nested`. */
  readonly blocks: readonly ScopeBlock[];
}

/** A domain pattern after macro expansion. */
export type DomainPattern =
  | { readonly form: 'any' }
  /** exact name, or a reserved one such as `{sparkpost}`; lower case */
  | { readonly form: 'name'; readonly name: string }
  /** `*.x` (subdomains only) */
  | { readonly form: 'below'; readonly name: string }
  /** `[*.]x` (the name and its subdomains) */
  | { readonly form: 'tree'; readonly name: string }
  /** `[ip/mask]`: recipients in address-literal domains */
  | { readonly form: 'literal'; readonly cidr: string };

/** One `<domain>` block and every pattern it stands for (several when its argument names macros). */
export interface DomainBlock {
  readonly block: ScopeBlock;
  readonly patterns: readonly DomainPattern[];
  /** Names of the macros in the argument; empty for an explicit block, which beats macro blocks. */
  readonly macros: readonly string[];
}

/** `<domain>` blocks of one place: the top level, a virtual-mta or a pool. */
export interface DomainScope {
  readonly blocks: readonly DomainBlock[];
}

export interface VirtualMta {
  /** Spelling of the first definition. `{default}` always exists. */
  readonly name: string;
  /** All `<virtual-mta NAME>` blocks of this name, in order; empty for an undeclared `{default}`. */
  readonly blocks: readonly ScopeBlock[];
  readonly domains: DomainScope;
  /** The pool whose `<domain>` blocks this virtual-mta inherits. */
  readonly domainPool?: VirtualMtaPool;
  /** All pools that have it as a member. */
  readonly pools: readonly VirtualMtaPool[];
}

export interface VirtualMtaPool {
  readonly name: string;
  readonly blocks: readonly ScopeBlock[];
  readonly domains: DomainScope;
  /** Member names as written, in order, with their settings; members that are not defined are in here too. */
  readonly members: readonly { readonly name: string; readonly setting: Setting }[];
}

export interface DomainMacro {
  readonly name: string;
  /** Fully expanded, lower case, in order, without duplicates. */
  readonly values: readonly string[];
  readonly setting: Setting;
}

/** `<source>` blocks merged by argument. */
export interface SourceAcl {
  /** Strict CIDR (`10.0.0.0/8`, `0.0.0.0/0`, `::1/128`) when selected by address, else undefined. */
  readonly cidr?: string;
  /** Argument as written; for a named source its name. */
  readonly name: string;
  readonly blocks: readonly ScopeBlock[];
}

export interface PmtaConfig {
  /** Every directive line and every opening tag, in reading order. Continuation lines belong to their directive. */
  readonly settings: readonly Setting[];
  readonly top: ScopeBlock;
  /** By lower-cased name. */
  readonly virtualMtas: ReadonlyMap<string, VirtualMta>;
  /** By lower-cased name. */
  readonly pools: ReadonlyMap<string, VirtualMtaPool>;
  readonly domains: DomainScope;
  /** By lower-cased name. */
  readonly macros: ReadonlyMap<string, DomainMacro>;
  readonly sources: readonly SourceAcl[];
  /**
   * Other top-level blocks by tag, e.g. `smtp-pattern-list`, then lower-cased argument ('' for a tag without one);
   * arguments that are paths or user names keep their case. Blocks of one name in order.
   */
  readonly named: ReadonlyMap<ScopeName, ReadonlyMap<string, readonly ScopeBlock[]>>;
}

/** The value that counts for one directive, and where it stands. */
export interface Effective {
  readonly setting: Setting;
  readonly value: Value;
  /** Which scope gave it. */
  readonly from: 'virtual-mta' | 'pool' | 'global';
  /** How specific the pattern was that gave it. */
  readonly pattern: DomainPattern;
}

/** Directive name → the value that counts; directives that nothing sets are absent (the table has the default). */
export type EffectiveSettings = ReadonlyMap<string, Effective>;
