import type { Release } from './release';

/** The closed set of what a field can hold. The grammars behind the names are in `check-value.ts`. */
export type FieldType =
  | 'any-map'
  | 'bool'
  | 'bool-or-enum'
  | 'cidr-list'
  | 'duration'
  | 'enum'
  | 'enum-list'
  | 'flags'
  | 'int'
  | 'ip'
  | 'key-source'
  | 'limit'
  | 'limit-map'
  | 'listener-map'
  | 'min-free'
  | 'pool-entries'
  | 'port'
  | 'protocol'
  | 'record-map'
  | 'rocks-params'
  | 'shrink-policy'
  | 'signed'
  | 'socket-addr'
  | 'string'
  | 'string-list'
  | 'table'
  | 'throttle'
  | 'throttle-map'
  | 'trace-headers';

type DefaultValue = string | number | boolean | readonly DefaultValue[] | { readonly [key: string]: DefaultValue };

/** A field of one of KumoMTA's parameter tables. */
export interface FieldRow {
  readonly name: string;
  readonly type: FieldType;
  /** First release that has it. */
  readonly since: Release;
  /** Allowed words, exact in case. */
  readonly values?: readonly string[];
  readonly required?: true;
  /** What KumoMTA takes when the field is absent; durations as the manual writes them. */
  readonly default?: DefaultValue;
  /** Texts with this character in them are read as more than a name only since a later release. */
  readonly laterForm?: { readonly holds: string; readonly since: Release };
  /** KumoMTA knows the name and refuses to work with it. */
  readonly unsupported?: true;
}
