import { type Code, catalogue, type Severity } from '../../diagnostics/catalogue';
import type { Problem, ProblemKind } from '../api/problem';

/** Codes of what running a tree can show; each is a row of the catalogue whose message is `{detail}`. */
export type FindingCode = Extract<Code, `tree-${string}`>;

/** Lines and columns are one-based, in UTF-16 code units; `endColumn` is exclusive and on the same line. */
export interface Extent {
  readonly line: number;
  readonly column?: number;
  readonly endColumn?: number;
}

/** A place in a file of the tree, whose path is relative to it. */
export interface Place extends Partial<Extent> {
  readonly path: string;
}

/** Something the model of KumoMTA has to say about the tree. */
export interface Finding extends Partial<Place> {
  readonly code: FindingCode;
  readonly severity: Severity;
  readonly message: string;
}

/** Collects findings; the same one twice counts once, since handlers run again and again. */
export interface Findings {
  readonly list: readonly Finding[];
  add(code: FindingCode, message: string, place?: Place): void;
}

/** Beyond this many, a tree is broken in one way a thousand times. */
const most = 500;

export function createFindings(): Findings {
  const list: Finding[] = [];
  const seen = new Set<string>();
  return {
    list,
    add(code, message, place) {
      const key = JSON.stringify([code, message, place?.path, place?.line, place?.column]);
      if (seen.has(key) || list.length >= most) return;
      seen.add(key);
      list.push({ code, severity: catalogue[code].severity, message: message.slice(0, 1000), ...place });
    },
  };
}

const codeOf: Readonly<Record<ProblemKind, FindingCode>> = {
  'bad-type': 'tree-bad-type',
  'bad-value': 'tree-bad-value',
  'missing-field': 'tree-missing-field',
  'quoted-duration': 'tree-duration-quoted',
  'swallowed-key': 'tree-swallowed-key',
  'too-new': 'tree-too-new',
  'unknown-field': 'tree-unknown-field',
  'zero-limit': 'tree-limit-zero',
};

/** Adds the problems of a checked table; `where` names the table, `placeOf` finds a key of it. */
export function addProblems(
  findings: Findings,
  problems: readonly Problem[],
  where: string,
  placeOf: (path: readonly string[]) => Place | undefined,
): void {
  for (const { kind, path, message } of problems) {
    const name = [where, ...path].filter((part) => part !== '').join('.');
    findings.add(codeOf[kind], name === '' ? message : `${name}: ${message}`, placeOf(path));
  }
}
