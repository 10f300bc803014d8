import type { Code, Severity } from './catalogue';
import type { Diagnostic, RelatedPlace } from './diagnostic';
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
  /** Other places that belong to it, such as the first definition; missing when there are none. */
  readonly related?: readonly JsonRelated[];
}

export type JsonRelated = { readonly message: string } & Required<Pick<JsonDiagnostic, PlaceKey>>;

type PlaceKey = 'file' | 'line' | 'column' | 'endLine' | 'endColumn';

/** All diagnostics, ungrouped, in the order of the input and with their keys in a fixed order. */
export function diagnosticsToJson(list: readonly Diagnostic[]): readonly JsonDiagnostic[] {
  return inInputOrder(list).map(({ code, severity, message, help, span, related }) => ({
    code,
    severity,
    message,
    help,
    ...(span === undefined ? {} : placeFields(span)),
    ...(related.length === 0 ? {} : { related: related.map(relatedFields) }),
  }));
}

function relatedFields({ span, message }: RelatedPlace): JsonRelated {
  return { message, ...placeFields(span) };
}

/** Where a span begins and ends, one-based, `endColumn` exclusive, as JSON documents have it. */
function placeFields(span: Span): Required<Pick<JsonDiagnostic, PlaceKey>> {
  const start = positionAt(span.source, span.start);
  const end = positionAt(span.source, Math.max(span.end, span.start));
  return { file: span.source.path, line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
}
