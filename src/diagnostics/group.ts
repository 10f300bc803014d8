import type { Severity } from './catalogue';
import type { Diagnostic } from './diagnostic';

/** Diagnostics that are told together: some in full, the rest by their places. */
export interface DiagnosticGroup {
  readonly shown: readonly Diagnostic[];
  readonly rest: readonly Diagnostic[];
  /** How the rest is called: `like it`, or by its code when the messages differ. */
  readonly likeness: string;
}

/** Of the diagnostics with one code and one message, this many are shown in full. */
const SHOWN_ALIKE = 3;
/** Of one code, this many groups are shown, so that one cause in a large configuration does not bury the others. */
const SHOWN_OF_CODE: Readonly<Record<Severity, number>> = { error: 50, warning: 20, info: 5 };

/**
 * Pulls crowds together: more than three with the same code and message, and what one code has too many of. A few alike
 * stay where they are. The order is that of the list, a group standing where its first one stood.
 */
export function groupDiagnostics(list: readonly Diagnostic[]): readonly DiagnosticGroup[] {
  return limitCodes(groupAlike(list));
}

function groupAlike(list: readonly Diagnostic[]): readonly DiagnosticGroup[] {
  const crowds = new Map<string, Diagnostic[]>();
  for (const diagnostic of list) {
    const crowd = crowds.get(keyOf(diagnostic));
    if (crowd === undefined) crowds.set(keyOf(diagnostic), [diagnostic]);
    else crowd.push(diagnostic);
  }
  return list.flatMap((diagnostic) => {
    const crowd = crowds.get(keyOf(diagnostic)) ?? [];
    if (crowd.length <= SHOWN_ALIKE) return [{ shown: [diagnostic], rest: [], likeness: 'like it' }];
    if (crowd[0] !== diagnostic) return [];
    return [{ shown: crowd.slice(0, SHOWN_ALIKE), rest: crowd.slice(SHOWN_ALIKE), likeness: 'like it' }];
  });
}

function limitCodes(groups: readonly DiagnosticGroup[]): readonly DiagnosticGroup[] {
  const counts = new Map<string, number>();
  const tails = new Map<string, Diagnostic[]>();
  const limited: DiagnosticGroup[] = [];
  for (const group of groups) {
    const [first] = group.shown;
    if (first === undefined) continue;
    const count = (counts.get(first.code) ?? 0) + 1;
    counts.set(first.code, count);
    const all = [...group.shown, ...group.rest];
    const tail = tails.get(first.code);
    if (count <= SHOWN_OF_CODE[first.severity]) limited.push(group);
    else if (tail !== undefined) tail.push(...all);
    else {
      tails.set(first.code, all);
      limited.push({ shown: [], rest: all, likeness: `${first.severity}[${first.code}]` });
    }
  }
  return limited;
}

function keyOf({ code, message }: Diagnostic): string {
  return `${code} ${message}`;
}
