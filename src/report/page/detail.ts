import { make } from './dom';
import { type Model, placeOf, type Side } from './model';
import { glyphOf } from './rows';

/** Of the lines of the other side, this many are named. */
const NAMED = 24;

export type SideName = 'input' | 'emitted';

/** Says of a line what became of it, or where it came from; `go` leads to a line of the other side. */
export function describe(
  model: Model,
  name: SideName,
  line: number,
  go: (side: SideName, line: number) => void,
): readonly Node[] {
  const side = model[name];
  const place = make('strong', 'place', placeOf(side, line));
  return name === 'input'
    ? [place, ...settings(model, line), partners(model.emitted, 'emitted', side.partners(line), BECAME, go)]
    : [place, partners(model.input, 'input', side.partners(line), CAME, go)];
}

interface Words {
  readonly some: string;
  readonly none: string;
}

const BECAME: Words = { some: 'Became', none: 'No emitted line comes from this line by itself.' };
const CAME: Words = {
  some: 'Came from',
  none: 'No line of the configuration stands behind this one by itself: it is part of the frame, or a default.',
};

function settings(model: Model, line: number): readonly Node[] {
  const kinds = model.kindsOn(line);
  if (kinds.length === 0) return [make('p', '', 'No setting: a comment, an empty line, or part of the one above.')];
  return kinds.map(([directive, outcome, , note]) => {
    const name = model.data.outcomes[outcome] ?? '';
    const sign = make('span', `mark ${name}`, glyphOf(name));
    sign.setAttribute('aria-hidden', 'true');
    const word = make('span', `word ${name}`, sign, name);
    return make('p', '', word, ' ', make('code', '', directive), note === '' ? '' : ` ${note}`);
  });
}

function partners(
  side: Side,
  name: SideName,
  lines: readonly number[],
  words: Words,
  go: (side: SideName, line: number) => void,
): HTMLElement {
  if (lines.length === 0) return make('p', 'quiet', words.none);
  const buttons = lines.slice(0, NAMED).map((line) => {
    const button = make('button', 'jump', placeOf(side, line));
    button.type = 'button';
    button.addEventListener('click', () => go(name, line));
    return button;
  });
  const more = lines.length - buttons.length;
  return make('p', 'jumps', `${words.some} `, ...buttons, more > 0 ? ` and ${more} more` : '');
}
