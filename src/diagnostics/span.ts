/** A text that was read, with the name people know it by. */
export interface Source {
  /** As the user would type it: relative to the folder of the main file, or absolute outside it. */
  readonly path: string;
  readonly text: string;
  /** Offsets at which lines begin; computed once, when a position is first asked for. */
  readonly lineStarts: () => Uint32Array;
}

/** A stretch of a source: offsets in UTF-16 code units, `end` exclusive. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** One-based, as editors count; `column` in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A source over `text`; line ends are LF, CRLF or a lone CR. */
export function createSource(path: string, text: string): Source {
  let starts: Uint32Array | undefined;
  return { path, text, lineStarts: () => (starts ??= findLineStarts(text)) };
}

/** Line and column of an offset. Offsets beyond the text give the end of the text. */
export function positionAt(source: Source, offset: number): Position {
  const starts = source.lineStarts();
  const wanted = Math.min(Math.max(offset, 0), source.text.length);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= wanted) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: wanted - (starts[low] ?? 0) + 1 };
}

/** `path:line`, the form in which reports and comments name a place. */
export function placeOf(span: Span): string {
  return `${span.source.path}:${positionAt(span.source, span.start).line}`;
}

/** The text that a span covers. */
export function textOf(span: Span): string {
  return span.source.text.slice(span.start, span.end);
}

function findLineStarts(text: string): Uint32Array {
  const starts = [0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 10 || (code === 13 && text.charCodeAt(i + 1) !== 10)) starts.push(i + 1);
  }
  return Uint32Array.from(starts);
}
