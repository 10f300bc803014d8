import type { Diagnostic } from './diagnostic';
import { inInputOrder } from './order';
import { positionAt, type Span } from './span';

/** What was said about one configuration or tree, for documents that name its files from where the tool was called. */
export interface DiagnosticSet {
  /** What was looked at, as the user named it. */
  readonly subject: string;
  /** Goes in front of the relative paths of its files: '' or `etc/pmta/`. */
  readonly base: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** Where a span begins and ends: one-based, `endColumn` exclusive, in UTF-16 code units. */
export interface Region {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface LocatedDiagnostic {
  readonly diagnostic: Diagnostic;
  /** Missing when the diagnostic has no place. */
  readonly region?: Region;
}

/** The diagnostics of a set in the order of the input, each with its place as a tool outside would look for it. */
export function locate({ base, diagnostics }: DiagnosticSet): readonly LocatedDiagnostic[] {
  return inInputOrder(diagnostics).map((diagnostic) => {
    const { span } = diagnostic;
    return span === undefined ? { diagnostic } : { diagnostic, region: regionOf(span, base) };
  });
}

/** A span as a region of a file that is named from where the tool was called. */
export function regionOf(span: Span, base: string): Region {
  const { path } = span.source;
  const start = positionAt(span.source, span.start);
  const end = positionAt(span.source, Math.max(span.end, span.start));
  return {
    path: path.startsWith('/') ? path : `${base}${path}`,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
  };
}
