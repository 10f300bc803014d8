import { Chalk, type ChalkInstance } from 'chalk';
import { displayWidth, visibleText } from '../diagnostics/visible';
import { wrap } from '../diagnostics/wrap';
import { padEnd } from '../report/quote-terminal';
import type { Block, Column, Inline, Line, Section } from './document';

export interface TextOptions {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

const INDENT = 2;

/** Sections for a terminal. Text of the input cannot move its cursor or change its colours. */
export function sectionsText(sections: readonly Section[], { color, width }: TextOptions): string {
  const paint = new Chalk({ level: color ? 1 : 0 });
  return sections
    .map(({ title, level, blocks }) => {
      const body = blocks.flatMap((block, i) => [...(i > 0 ? [''] : []), ...blockLines(block, paint, width - INDENT)]);
      const shown = visibleText(title);
      const heading =
        level === 1
          ? [paint.bold(shown), '='.repeat(displayWidth(shown))]
          : [paint.bold(level === 2 ? shown : `${shown}:`)];
      return [...heading, ...body.map((line) => (line === '' ? '' : `${' '.repeat(INDENT)}${line}`)), ''].join('\n');
    })
    .join('\n');
}

function blockLines(block: Block, paint: ChalkInstance, width: number): readonly string[] {
  switch (block.kind) {
    case 'text':
      return wrap(shownLine(block.line), width);
    case 'table':
      return tableLines(block.columns, block.rows, paint, width);
    case 'list':
      return block.items.flatMap((item, i) => {
        const mark = block.style === 'numbers' ? `${i + 1}.` : '-';
        const room = String(block.items.length).length + 2;
        const pad = block.style === 'numbers' ? room : 2;
        return item
          .flatMap((line) => wrap(shownLine(line), width - pad))
          .map((line, n) => `${(n === 0 ? mark : '').padEnd(pad)}${line}`);
      });
  }
}

/** Columns as wide as their content; a last one of text takes what is left, and wraps. */
function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Line[])[],
  paint: ChalkInstance,
  width: number,
): readonly string[] {
  const last = columns.length - 1;
  const isText = columns[last]?.align === 'left';
  const widest = Math.max(24, Math.floor(width / 3));
  const cells = rows.map((row) =>
    row.map((line, i) => (isText && i < last ? cut(shownLine(line), widest) : shownLine(line))),
  );
  const widths = columns.map(({ title }, i) =>
    Math.max(displayWidth(title), ...cells.map((row) => displayWidth(row[i] ?? ''))),
  );
  const fixed = widths.slice(0, -1).reduce((sum, one) => sum + one + 2, 0);
  if (!isText && fixed + (widths[last] ?? 0) > width) return narrowLines(columns, cells, width);
  const head = rowText(
    columns.map(({ title }) => title),
    columns,
    widths,
  );
  const body = cells.flatMap((row) => {
    if (!isText) return [rowText(row, columns, widths)];
    const [first = '', ...rest] = wrap(row[last] ?? '', width - fixed);
    return [
      rowText([...row.slice(0, last), first], columns, widths),
      ...rest.map((line) => `${' '.repeat(fixed)}${line}`),
    ];
  });
  return [paint.dim(head), ...body];
}

/** Rows with more numbers than this leave out the zeros where each is told with its column. */
const FEW_NUMBERS = 4;

/** A table of numbers that is too wide: each row is a sentence. */
function narrowLines(
  columns: readonly Column[],
  cells: readonly (readonly string[])[],
  width: number,
): readonly string[] {
  return cells.flatMap(([name = '', ...numbers]) => {
    const pairs = numbers.map((number, i) => [number, `${number} ${columns[i + 1]?.title ?? ''}`] as const);
    const shown = pairs
      .filter(([number]) => number !== '' && (number !== '0' || numbers.length <= FEW_NUMBERS))
      .map(([, pair]) => pair);
    const [first = '', ...rest] = wrap(`${name}: ${shown.join(', ')}`, width - INDENT);
    return [first, ...rest.map((line) => `${' '.repeat(INDENT)}${line}`)];
  });
}

/** A text of at most so many columns. */
function cut(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let shown = '';
  for (const character of text) {
    if (displayWidth(shown + character) > columns - 1) break;
    shown += character;
  }
  return `${shown}…`;
}

function rowText(cells: readonly string[], columns: readonly Column[], widths: readonly number[]): string {
  return cells
    .map((cell, i) => {
      const [own, room] = [displayWidth(cell), widths[i] ?? 0];
      return columns[i]?.align === 'right' ? ' '.repeat(Math.max(0, room - own)) + cell : padEnd(cell, own, room);
    })
    .join('  ')
    .trimEnd();
}

function shownLine(line: Line): string {
  return line.map(shownInline).join('');
}

function shownInline(inline: Inline): string {
  if (typeof inline === 'string') return inline;
  if ('url' in inline) return visibleText(inline.url);
  return visibleText('code' in inline ? inline.code : inline.said);
}
