import { MASK, secretRanges, secretStart } from './secrets';
import { positionAt, type Span } from './span';
import { cellOf } from './visible';

/** A source line made fit for a terminal, and the columns (zero-based, `end` exclusive) under which a span lies. */
export interface Frame {
  /** One-based. */
  readonly line: number;
  readonly column: number;
  readonly text: string;
  readonly markStart: number;
  readonly markEnd: number;
}

/** A character of the line as shown, and whether the span covers it. */
interface Piece {
  readonly shown: string;
  readonly width: number;
  readonly marked: boolean;
}

/** Lines longer than this are cut around the span before anything else is done with them. */
const LONGEST_LINE = 4_000;

/**
 * The line on which a span begins, with what lies under the span. Secrets are masked, control characters shown, and a
 * line wider than `width` columns is windowed around the start of the span. A span over several lines is marked to
 * the end of the first.
 */
export function frameOf(span: Span, width: number): Frame {
  const position = positionAt(span.source, span.start);
  const start = Math.min(Math.max(span.start, 0), span.source.text.length);
  const lineStart = start - position.column + 1;
  const line = cutLine(span.source.text, lineStart, start);
  const from = start - line.start;
  const to = Math.min(Math.max(span.end - line.start, from + 1), Math.max(line.text.length, from + 1));
  const pieces = toPieces(line.text, previousLine(span.source.text, lineStart), from, to);
  return { ...position, ...windowed(pieces, width) };
}

function cutLine(text: string, lineStart: number, at: number): { readonly text: string; readonly start: number } {
  let end = lineStart;
  while (end < text.length && text.charCodeAt(end) !== 10 && text.charCodeAt(end) !== 13) end++;
  if (end - lineStart <= LONGEST_LINE) return { text: text.slice(lineStart, end), start: lineStart };
  // A line with a secret keeps the beginning by which the secret is known.
  const secret = secretStart(text.slice(lineStart, at + 1));
  const begin = secret === undefined ? at - LONGEST_LINE / 2 : lineStart;
  const start = Math.max(lineStart, begin);
  return { text: text.slice(start, Math.min(end, Math.max(at + 1, start + LONGEST_LINE))), start };
}

function previousLine(text: string, lineStart: number): string {
  const end = text.slice(Math.max(0, lineStart - 2), lineStart) === '\r\n' ? lineStart - 2 : lineStart - 1;
  if (end <= 0) return '';
  const start = Math.max(text.lastIndexOf('\n', end - 1), text.lastIndexOf('\r', end - 1)) + 1;
  return text.slice(start, Math.min(end, start + LONGEST_LINE));
}

function toPieces(line: string, previous: string, from: number, to: number): readonly Piece[] {
  const pieces: Piece[] = [];
  let offset = 0;
  for (const secret of secretRanges(line, previous)) {
    addPlain(pieces, line, offset, secret.start, from, to);
    pieces.push({ shown: MASK, width: MASK.length, marked: secret.start < to && secret.end > from });
    offset = secret.end;
  }
  addPlain(pieces, line, offset, line.length, from, to);
  if (from >= line.length) pieces.push({ shown: ' ', width: 1, marked: true });
  return pieces;
}

function addPlain(pieces: Piece[], line: string, start: number, end: number, from: number, to: number): void {
  let column = sumWidth(pieces);
  let offset = start;
  for (const character of line.slice(start, end)) {
    const next = offset + character.length;
    // The byte order mark at the start of a file is no mistake.
    const cell = offset === 0 && character === '\ufeff' ? { shown: '', width: 0 } : cellOf(character, column);
    pieces.push({ ...cell, marked: offset < to && next > from });
    column += cell.width;
    offset = next;
  }
}

function windowed(pieces: readonly Piece[], width: number): Pick<Frame, 'text' | 'markStart' | 'markEnd'> {
  const total = sumWidth(pieces);
  const room = Math.max(width, 20);
  let first = 0;
  let last = pieces.length;
  if (total > room) {
    // A third of the room goes to what stands before the span.
    const mark = pieces.findIndex((piece) => piece.marked);
    first = mark;
    for (let used = 0; first > 0; first--) {
      used += pieces[first - 1]?.width ?? 0;
      if (used > room / 3) break;
    }
    last = first;
    for (let used = 2; last < pieces.length; last++) {
      used += pieces[last]?.width ?? 0;
      if (used > room - 2) break;
    }
    last = Math.max(last, mark + 1);
  }
  return assemble(pieces.slice(first, last), first > 0 ? '… ' : '', last < pieces.length ? ' …' : '');
}

function assemble(
  shown: readonly Piece[],
  before: string,
  after: string,
): Pick<Frame, 'text' | 'markStart' | 'markEnd'> {
  const firstMark = shown.findIndex((piece) => piece.marked);
  const lastMark = shown.findLastIndex((piece) => piece.marked);
  const markStart = before.length + sumWidth(shown.slice(0, firstMark));
  const markEnd = before.length + sumWidth(shown.slice(0, lastMark + 1));
  const text = (before + shown.map((piece) => piece.shown).join('') + after).trimEnd();
  return { text, markStart, markEnd: Math.max(markEnd, markStart + 1) };
}

function sumWidth(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + piece.width, 0);
}
