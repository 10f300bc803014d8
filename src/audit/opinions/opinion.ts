import type { Diagnostics } from '../../diagnostics/diagnostic';
import type { Source } from '../../diagnostics/span';
import type { MxSnapshot } from '../../kumo/mx-snapshot';
import type { Ledger } from '../../pmta/ledger';
import type { PmtaConfig } from '../../pmta/model';

/** What the checks of the second opinion look at. */
export interface OpinionContext {
  readonly sources: readonly Source[];
  readonly config: PmtaConfig;
  readonly ledger: Ledger;
  /** Which domains share mail exchangers. */
  readonly mx: MxSnapshot;
  readonly diagnostics: Diagnostics;
}

/** One check: says in diagnostics of its own codes what could be reconsidered. */
export type Opinion = (context: OpinionContext) => void;
