import { make } from './dom';
import { type Model, placeOf, type Side } from './model';

/** One sign an outcome; the same as in the table of outcomes. */
export function glyphOf(outcome: string): string {
  return document.querySelector(`.outcomes .mark.${CSS.escape(outcome)}`)?.textContent ?? '';
}

export interface RowState {
  /** Lower case; what is found is marked. */
  searched: string;
  /** Lines that belong to the chosen one of the other side. */
  partners: ReadonlySet<number>;
}

/** Draws the rows of a side. */
export function rowDrawer(model: Model, side: Side, state: RowState): (row: number) => HTMLElement {
  const { outcomes } = model.data;
  const glyphs = outcomes.map(glyphOf);
  const isInput = side === model.input;
  const numbers = lineNumbers(side);
  return (row) => {
    if (row < 0) return heading(side, -1 - row);
    const line = side.lines[row] ?? '';
    const outcome = isInput ? model.outcomeOn(row) : -1;
    const name = outcomes[outcome] ?? '';
    const mark = make('span', `mark ${name}`, outcome === -1 ? '' : (glyphs[outcome] ?? ''));
    const told = outcome === -1 ? '' : make('span', 'unseen', `${name} `);
    const linked = side.partners(row).length;
    const element = make(
      'div',
      `row${isComment(line, isInput) ? ' comment' : ''}${state.partners.has(row) ? ' partner' : ''}`,
      make('span', 'no', String(numbers(row))),
      told,
      isInput ? mark : make('span', 'mark link', linked > 0 ? '←' : ''),
      make('code', '', ...marked(line, state.searched)),
    );
    if (isInput && linked > 0) element.append(make('span', 'to', '→'));
    return element;
  };
}

function heading(side: Side, index: number): HTMLElement {
  const file = side.files[index];
  const element = make('div', 'row file', file?.path ?? '');
  if (file !== undefined && file.remark !== '') element.append(make('span', 'remark', ` ${file.remark}`));
  element.setAttribute('role', 'presentation');
  return element;
}

/** The number of a line in its file. */
function lineNumbers(side: Side): (line: number) => string {
  return (line) => {
    const place = placeOf(side, line);
    return place.slice(place.lastIndexOf(':') + 1);
  };
}

function isComment(line: string, isInput: boolean): boolean {
  return isInput ? /^\s*#/.test(line) : /^\s*(?:#|--)/.test(line);
}

/** The text in pieces, with what was searched for in `mark` elements. */
function marked(text: string, searched: string): readonly (Node | string)[] {
  const lower = text.toLowerCase();
  if (searched === '' || lower.length !== text.length) return [text];
  const pieces: (Node | string)[] = [];
  let done = 0;
  for (let at = lower.indexOf(searched); at >= 0; at = lower.indexOf(searched, done)) {
    pieces.push(text.slice(done, at), make('mark', '', text.slice(at, at + searched.length)));
    done = at + searched.length;
  }
  return [...pieces, text.slice(done)];
}
