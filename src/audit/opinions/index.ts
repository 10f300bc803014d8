import { backoffUntriggered } from './backoff-untriggered';
import { capsBelowLimits } from './caps-below-limits';
import { contradictingLimits } from './contradicting-limits';
import { needlessRollups } from './needless-rollups';
import { beatenBlocks, unreachablePatterns } from './never-counting';
import type { Opinion } from './opinion';
import { repeatedGenerals } from './repeated-generals';
import { secretsInFile } from './secrets-in-file';
import { unusedDefinitions } from './unused-definitions';
import { unusedKeys } from './unused-keys';
import { unusedSenders } from './unused-senders';
import { workArounds } from './work-arounds';

/** The checks of the second opinion; each has codes of its own, so their order does not matter. */
export const OPINIONS: readonly Opinion[] = [
  contradictingLimits,
  capsBelowLimits,
  backoffUntriggered,
  beatenBlocks,
  unreachablePatterns,
  unusedDefinitions,
  unusedSenders,
  unusedKeys,
  repeatedGenerals,
  needlessRollups,
  workArounds,
  secretsInFile,
];
