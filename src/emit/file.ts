/** A file of the tree, in memory. */
export interface EmittedFile {
  /** Relative to the tree, with forward slashes. */
  readonly path: string;
  readonly content: string;
  /** 0o600 for files that hold secrets, else 0o644. */
  readonly mode: 0o600 | 0o644;
  /** Emitted line (one-based) → input places, for the manifest's source map. */
  readonly origins: readonly { readonly line: number; readonly places: readonly string[] }[];
}
