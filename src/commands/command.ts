import type { TreesCompared } from '../changes/compare-trees';
import type { Host } from '../host';
import type { Finding } from '../kumo/runtime/finding';
import type { CheckJob } from './check-files';
import type { DiffJob } from './diff-files';
import type { ResolveMx } from './mx-lookup';

/**
 * 0 done · 1 findings at the failing level · 2 usage or environment · 3 a validation could not be carried out · 130
 * interrupted.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

/** The process as a command sees it; only the command line touches the real one. */
export interface CommandIo {
  readonly host: Host;
  /** Version of the tool. */
  readonly version: string;
  stdout(text: string): void;
  stderr(text: string): void;
  /** For diagnostics on the standard error. */
  readonly color: boolean;
  /** For reports on the standard output. */
  readonly outColor?: boolean;
  /** The standard output is a terminal, which must not be sent what it would obey. */
  readonly outIsTerminal?: boolean;
  /** The standard error is a terminal, where progress may be shown. */
  readonly isTerminal?: boolean;
  /** Told of each stage as it begins, perhaps more than once; for the benchmark. */
  onStage?(stage: string): void;
  /** Columns. */
  readonly width: number;
  /** Looks MX records up; the system's name servers where absent. */
  readonly resolveMx?: ResolveMx;
  /** Checks a tree where it can be ended from outside; in this thread where absent. */
  runCheck?(job: CheckJob): Promise<readonly Finding[] | string>;
  /** Compares two trees, likewise. */
  runDiff?(job: DiffJob): Promise<TreesCompared | string>;
  /** From the first call on, an interrupt aborts the signal instead of ending the process. */
  interrupts(): AbortSignal;
}
