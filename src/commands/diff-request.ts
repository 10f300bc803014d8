import type { ConversionRequest } from './run-conversion';

export const DIFF_VIEWS = ['meaning', 'text', 'both'] as const;
export const DIFF_FORMATS = ['text', 'json', 'unified'] as const;

export interface DiffRequest extends Omit<ConversionRequest, 'dryRun'> {
  /** The tree, as given. */
  readonly dir: string;
  readonly view: (typeof DIFF_VIEWS)[number];
  /** `unified`: the differences of text alone, fit for `patch -p1`. */
  readonly format: (typeof DIFF_FORMATS)[number];
  /** Counts only. */
  readonly stat: boolean;
  /** Compare in spite of errors of the configuration. */
  readonly keepGoing: boolean;
}
