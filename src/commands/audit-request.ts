import type { ConversionRequest } from './run-conversion';
import type { TellFlags } from './tell-diagnostics';

export const AUDIT_FORMATS = ['text', 'markdown', 'json', 'sarif', 'junit', 'github'] as const;
export type AuditFormat = (typeof AUDIT_FORMATS)[number];

export interface AuditRequest extends Omit<ConversionRequest, 'config' | 'dryRun'>, TellFlags {
  /** Main files or their folders, as given; at least one. */
  readonly configs: readonly string[];
  readonly format: AuditFormat;
  /** Only what makes the run fail. */
  readonly quiet: boolean;
  /** Warnings fail. */
  readonly strict: boolean;
}
