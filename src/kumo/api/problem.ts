/** What is wrong with a field; `swallowed-key`: KumoMTA says nothing about a name it does not know. */
export type ProblemKind =
  | 'bad-type'
  | 'bad-value'
  | 'missing-field'
  | 'quoted-duration'
  | 'swallowed-key'
  | 'too-new'
  | 'unknown-field'
  | 'zero-limit';

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
