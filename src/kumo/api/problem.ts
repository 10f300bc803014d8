/** What is wrong with a field; `ignored` means that KumoMTA accepts it and does nothing. */
export type ProblemKind = 'unknown-field' | 'bad-type' | 'bad-value' | 'too-new' | 'missing-field' | 'ignored';

export interface Problem {
  readonly kind: ProblemKind;
  /** Keys from the checked table down to the faulty value. */
  readonly path: readonly string[];
  /** A sentence without the place. Never quotes what may be a secret. */
  readonly message: string;
}

/** The same problems seen from a table further out. */
export function within(key: string, problems: readonly Problem[]): readonly Problem[] {
  return problems.map((problem) => ({ ...problem, path: [key, ...problem.path] }));
}

/** A list with one problem at the checked value itself. */
export function problem(kind: ProblemKind, message: string): readonly Problem[] {
  return [{ kind, path: [], message }];
}
