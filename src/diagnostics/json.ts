import type { Code, Severity } from './catalogue';
import type { Diagnostic } from './diagnostic';
import { inInputOrder } from './order';
import { positionAt, type Span } from './span';

/** A diagnostic as every JSON document of the tool has it. The place is missing when there is none. */
export interface JsonDiagnostic {
  readonly code: Code;
  readonly severity: Severity;
  readonly message: string;
  readonly help: string;
  readonly file?: string;
  /** One-based, `endColumn` exclusive, in UTF-16 code units. */
  readonly line?: number;
  readonly column?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
}

/** All diagnostics, ungrouped, in the order of the input and with their keys in a fixed order. */
export function diagnosticsToJson(list: readonly Diagnostic[]): readonly JsonDiagnostic[] {
  return inInputOrder(list).map(({ code, severity, message, help, span }) => ({
    code,
    severity,
    message,
    help,
    ...(span === undefined ? {} : placeFields(span)),
  }));
}

/** Where a span begins and ends, one-based, `endColumn` exclusive, as JSON documents have it. */
function placeFields(span: Span): {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
} {
  const start = positionAt(span.source, span.start);
  const end = positionAt(span.source, Math.max(span.end, span.start));
  return { file: span.source.path, line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
}
