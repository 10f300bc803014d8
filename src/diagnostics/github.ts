import type { Severity } from './catalogue';
import { type DiagnosticSet, type LocatedDiagnostic, locate, type Region } from './located';
import { quoteWorkflowData, quoteWorkflowProperty } from './quote-workflow';
import { placeOf } from './span';

const COMMANDS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' };

/** Of the related places of one diagnostic. */
const NAMED = 3;

/** The diagnostics as GitHub's workflow commands, one a line: each becomes an annotation of its line. '' for none. */
export function githubAnnotations(sets: readonly DiagnosticSet[]): string {
  return sets.flatMap(locate).map(annotation).join('');
}

/** A result without a place, as an annotation of the whole run. */
export function githubNotice(title: string, text: string): string {
  return `::notice title=${quoteWorkflowProperty(title)}::${quoteWorkflowData(text)}\n`;
}

function annotation({ diagnostic, region }: LocatedDiagnostic): string {
  const { severity, code, message, help, related } = diagnostic;
  // An annotation has one place; the others are named.
  const others = related.slice(0, NAMED).map((place) => `${place.message || 'see also'}: ${placeOf(place.span)}`);
  const properties = [...(region === undefined ? [] : placeProperties(region)), ['title', code] as const];
  const shown = properties.map(([name, value]) => `${name}=${quoteWorkflowProperty(value)}`).join(',');
  return `::${COMMANDS[severity]} ${shown}::${quoteWorkflowData([message, help, ...others].join('; '))}\n`;
}

/** GitHub takes columns only where the region is on one line. */
function placeProperties({ path, line, column, endLine, endColumn }: Region): readonly (readonly [string, string])[] {
  const lines = [
    ['file', path],
    ['line', String(line)],
    ['endLine', String(endLine)],
  ] as const;
  if (line !== endLine) return lines;
  return [...lines, ['col', String(column)], ['endColumn', String(Math.max(endColumn, column + 1))]];
}
