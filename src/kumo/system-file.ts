import type { Span } from '../diagnostics/span';

/** A file outside the tree that a person has to install: KumoMTA has no setting for what it does. */
export interface SystemFile {
  readonly path: string;
  readonly content: string;
  readonly origins: readonly Span[];
}
