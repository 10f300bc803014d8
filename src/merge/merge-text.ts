import { anchorsOf } from './anchors';
import { mergeStretch, type Piece, type TextConflict } from './merge-stretch';
import { movedOrigins, originsIn, type SplitLine, withMoved } from './origins';

/** A merge in which conflicts are still open. */
export interface MergedText {
  readonly pieces: readonly Piece[];
  readonly conflicts: readonly TextConflict[];
  /** What ends a line of the edited file. */
  readonly lineEnd: '\n' | '\r\n';
}

/**
 * Who wins where both sides changed the same lines; `mark` writes both between markers, `union` both without, and tasks
 * of a check list once.
 */
export type Settlement = 'ours' | 'theirs' | 'mark' | 'union';

/** First words of the lines that enclose an open conflict, as in other tools. */
const MARKERS = {
  yours: '<<<<<<< edited by hand',
  before: '||||||| generated before',
  between: '=======',
  generated: '>>>>>>> generated now',
} as const;

/** In a check list a task is the same, ticked or not, wherever it comes from. */
const TASKS = originsIn('.md');

/**
 * Merges what a hand and the generator made of the same text, line by line: what one side left alone is taken from the
 * other. Changes of adjacent lines conflict; comments that name lines of the input do not count and come from the
 * generator. A file edited with CRLF throughout is merged as if with LF and keeps its CRLF; a missing last line end is
 * no change. `path` tells the kind of file.
 */
export function mergeText(path: string, base: string, yours: string, generated: string): MergedText {
  const lineEnd = /\n/.test(yours) && !/(?<!\r)\n/.test(yours) ? '\r\n' : '\n';
  const split = originsIn(path);
  const o = toLines(base).map(split);
  const a = toLines(lineEnd === '\r\n' ? yours.replaceAll('\r\n', '\n') : yours).map(split);
  const b = toLines(generated).map(split);
  const { pieces, pairs } = mergeLines(o, a, b);
  const moved = movedOrigins(pairs);
  const settled = pieces.map(
    (piece): Piece => ('yours' in piece ? { lines: piece.yours.map((line) => withMoved(line, moved)) } : piece),
  );
  const conflicts = settled.flatMap((piece) => ('conflict' in piece ? [piece.conflict] : []));
  return { pieces: settled, conflicts, lineEnd };
}

/** The text of a merge, its conflicts settled one way. */
export function settledText({ pieces, lineEnd }: MergedText, how: Settlement): string {
  const lines = pieces.flatMap((piece) => ('lines' in piece ? piece.lines : settledLines(piece.conflict, how)));
  return lines.map((line) => line + lineEnd).join('');
}

/** One-based line of the first conflict marker of this tool's that stands in a text. */
export function openMarker(text: string): number | undefined {
  const lines = text.split(/\r?\n/);
  const at = lines.findIndex((line) => line.startsWith(MARKERS.yours) || line.startsWith(MARKERS.generated));
  return at < 0 ? undefined : at + 1;
}

function settledLines({ yours, before, generated }: TextConflict, how: Settlement): readonly string[] {
  switch (how) {
    case 'ours':
      return yours;
    case 'theirs':
      return generated;
    case 'union': {
      const task = (line: string): string => TASKS(line.replace('[x]', '[ ]')).key;
      const said = new Set(yours.map(task));
      return [...yours, ...generated.filter((line) => !said.has(task(line)))];
    }
    case 'mark':
      return [MARKERS.yours, ...yours, MARKERS.before, ...before, MARKERS.between, ...generated, MARKERS.generated];
  }
}

interface MergedLines {
  readonly pieces: readonly (Piece | { readonly yours: readonly SplitLine[] })[];
  /** Lines that say the same before and now. */
  readonly pairs: readonly (readonly [before: SplitLine, now: SplitLine])[];
}

/** Stretch by stretch between lines that all three have. */
function mergeLines(o: readonly SplitLine[], a: readonly SplitLine[], b: readonly SplitLine[]): MergedLines {
  const keys = (lines: readonly SplitLine[]): readonly string[] => lines.map(({ key }) => key);
  const ends = [...anchorsOf(keys(o), keys(a), keys(b)), { base: o.length, yours: a.length, generated: b.length }];
  const pieces: (Piece | { readonly yours: readonly SplitLine[] })[] = [];
  const pairs: (readonly [SplitLine, SplitLine])[] = [];
  let from = { base: 0, yours: 0, generated: 0 };
  for (const to of ends) {
    const stretch = mergeStretch(
      o.slice(from.base, to.base),
      a.slice(from.yours, to.yours),
      b.slice(from.generated, to.generated),
      from.yours,
    );
    pieces.push(...stretch.pieces);
    pairs.push(...stretch.pairs);
    const [before, now] = [o[to.base], b[to.generated]];
    if (before !== undefined && now !== undefined) {
      pieces.push({ lines: [textOf(now)] });
      pairs.push([before, now]);
    }
    from = { base: to.base + 1, yours: to.yours + 1, generated: to.generated + 1 };
  }
  return { pieces, pairs };
}

function textOf(line: SplitLine): string {
  return line.withOrigins(line.origins);
}

/** Lines without their ends. */
function toLines(text: string): readonly string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
