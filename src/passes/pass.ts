import type { Diagnostics } from '../diagnostics/diagnostic';
import { newestRelease } from '../kumo/api/release';
import type { BaseShaping } from '../kumo/base-shaping';
import type { KumoPolicy } from '../kumo/model';
import { BUILT_IN_MX, type MxSnapshot } from '../kumo/mx-snapshot';
import type { Ledger } from '../pmta/ledger';
import type { PmtaConfig, Setting, VirtualMta } from '../pmta/model';

/** What the user decides about the output. */
export interface ConvertOptions {
  /** Directory in which the tree will live; goes into the paths inside the tree. */
  readonly installDir: string;
  /** KumoMTA release to write for, `2024.11.08`. */
  readonly target: string;
  /** Write relaying for everybody when the input allows it. */
  readonly allowOpenRelay: boolean;
  /** `helper`: KumoMTA's DKIM helper signs where one key per From domain is enough; `lua`: always by PowerMTA's rule. */
  readonly dkim: 'helper' | 'lua';
  /** Send delivery reports to senders, as PowerMTA does; KumoMTA sends none by itself. */
  readonly dsn: boolean;
  /** Whether PowerMTA's defaults that differ from KumoMTA's are written out. */
  readonly pmtaDefaults: 'write' | 'skip';
  /** KumoMTA's shaping files that are loaded below the tree's own. */
  readonly baseShaping: BaseShaping;
  /** URLs of the Redis nodes that the nodes of a cluster share their counters in; empty: each node counts for itself. */
  readonly redis: readonly string[];
  /** Which domains share mail exchangers. */
  readonly mx: MxSnapshot;
  /** What accounting files become: PowerMTA's CSV by templates, or KumoMTA's own JSON records. */
  readonly acctFormat: 'csv' | 'json';
}

export const DEFAULT_OPTIONS: ConvertOptions = {
  installDir: '/opt/kumomta/etc/policy',
  target: newestRelease,
  allowOpenRelay: false,
  dkim: 'helper',
  dsn: false,
  pmtaDefaults: 'write',
  baseShaping: 'none',
  redis: [],
  mx: BUILT_IN_MX,
  acctFormat: 'csv',
};

/** A virtual-mta that takes the first messages of each day from another one. */
export interface ColdVirtualMta {
  /** Whose limits its sources have. */
  readonly owner: VirtualMta;
  readonly sources: readonly string[];
  /** The line that makes it cold. */
  readonly line: Setting;
}

/** A pool of sources for mail of one tenant to one domain, and the lines that ask for it. */
export interface PoolChoice {
  readonly pool: string;
  readonly settings: readonly Setting[];
}

/** Who sends as what: made by the egress pass, read by all later ones. Keys are lower-cased PowerMTA names. */
export interface EgressNames {
  /** Virtual-mta → its egress sources, one per address. */
  readonly sourcesOf: Map<string, readonly string[]>;
  /** Virtual-mta or pool → tenant. */
  readonly tenantOf: Map<string, string>;
  /** Virtual-mta → its cold ones. */
  readonly coldsOf: Map<string, readonly ColdVirtualMta[]>;
  /** Virtual-mta → sources with its settings that send for others within a daily limit. */
  readonly coldSourcesOf: Map<string, readonly string[]>;
  /** Tenant → domain → pool, where cold sources are used for some domains only. */
  readonly poolsByDomain: Map<string, ReadonlyMap<string, PoolChoice>>;
}

export function emptyEgress(): EgressNames {
  return {
    sourcesOf: new Map(),
    tenantOf: new Map(),
    coldsOf: new Map(),
    coldSourcesOf: new Map(),
    poolsByDomain: new Map(),
  };
}

/** Every source whose path has the settings of a virtual-mta. */
export function pathSourcesOf(egress: EgressNames, name: string): readonly string[] {
  const key = name.toLowerCase();
  return [...(egress.sourcesOf.get(key) ?? []), ...(egress.coldSourcesOf.get(key) ?? [])];
}

export interface PassContext {
  readonly config: PmtaConfig;
  readonly egress: EgressNames;
  readonly policy: KumoPolicy;
  readonly ledger: Ledger;
  readonly diagnostics: Diagnostics;
  readonly options: ConvertOptions;
}

/**
 * One area of the conversion. A pass takes settings (settling them in the ledger under its name) and sets values of the
 * policy, never one that another pass has set.
 */
export interface Pass {
  readonly name: string;
  /** Passes whose results it reads; they stand before it in the list. */
  readonly needs: readonly string[];
  run(context: PassContext): void;
}
