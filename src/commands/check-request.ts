import type { SourceRequest } from './check-source';
import type { TellFlags } from './tell-diagnostics';

export const CHECK_FORMATS = ['text', 'json', 'sarif', 'junit', 'github'] as const;

export interface CheckRequest extends SourceRequest, TellFlags {
  /** The tree, as given. */
  readonly dir: string;
  /** `true`: the kumod of this machine; a text: that program. */
  readonly kumod?: true | string;
  readonly format: (typeof CHECK_FORMATS)[number];
  /** Only what makes the run fail. */
  readonly quiet: boolean;
  /** Warnings fail. */
  readonly strict: boolean;
}
