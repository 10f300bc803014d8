import { describe, type SideName } from './detail';
import { byId } from './dom';
import { startFilters } from './filters';
import { type Model, placeOf } from './model';
import { createPane, type Pane } from './pane';
import { type RowState, rowDrawer } from './rows';

/** The two panes, and what goes on between them. */
export interface Lines {
  /** Makes a line the chosen one, shows it and what belongs to it; `focus`: with the keyboard, too. */
  choose(side: SideName, line: number, focus: boolean): void;
}

const OTHER = { input: 'emitted', emitted: 'input' } as const;

export function startLines(model: Model): Lines {
  const states: Readonly<Record<SideName, RowState>> = {
    input: { searched: '', partners: new Set() },
    emitted: { searched: '', partners: new Set() },
  };
  const detail = byId('detail', HTMLElement);
  /** The line of the other side from which somebody came here. */
  let cameFrom = -1;
  const paneOf = (name: SideName): Pane => {
    const side = model[name];
    const file = byId(`${name}-file`, HTMLSelectElement);
    return createPane({
      root: byId(name, HTMLElement),
      columns: side.lines.reduce((most, { length }) => Math.max(most, length), 0),
      draw: rowDrawer(model, side, states[name]),
      onChoose: (line) => choose(name, line),
      onScroll: (row) => {
        const at = row < 0 ? -1 - row : side.files.findIndex(({ base, length }) => row >= base && row < base + length);
        file.selectedIndex = at;
      },
    });
  };
  const panes: Readonly<Record<SideName, Pane>> = { input: paneOf('input'), emitted: paneOf('emitted') };

  const choose = (name: SideName, line: number, back = -1): void => {
    const other = OTHER[name];
    const partners = model[name].partners(line);
    cameFrom = back;
    states[name].partners = new Set();
    states[other].partners = new Set(partners);
    panes[other].activate(-1, 'near');
    panes[name].activate(line, 'near');
    const first = partners.includes(back) ? back : partners[0];
    if (first !== undefined) panes[other].reveal(first);
    detail.replaceChildren(...describe(model, name, line, (side, to) => jump(side, to, line)));
  };
  const jump = (name: SideName, line: number, back: number): void => {
    if (!panes[name].rows().includes(line)) filters.clear();
    choose(name, line, back);
    panes[name].activate(line, 'middle');
    panes[name].root.focus({ preventScroll: true });
  };
  const filters = startFilters(model, panes, states, () => detail.replaceChildren());
  for (const name of ['input', 'emitted'] as const) startKeys(model, name, panes[name], (to) => jumpFrom(name, to));
  const jumpFrom = (name: SideName, to: 'other' | number): void => {
    if (to !== 'other') {
      choose(name, to);
      return;
    }
    const line = panes[name].active();
    const partners = model[name].partners(line);
    const target = partners.includes(cameFrom) ? cameFrom : partners[0];
    if (target !== undefined) jump(OTHER[name], target, line);
  };
  startFileChoice(model, panes);
  return {
    choose(name, line, focus) {
      byId('lines', HTMLElement).scrollIntoView();
      if (focus) jump(name, line, -1);
      else choose(name, line);
    },
  };
}

/** Outcomes that nobody has to read about. */
const QUIET: ReadonlySet<string> = new Set(['exact', 'implicit']);

function startKeys(model: Model, name: SideName, pane: Pane, go: (to: 'other' | number) => void): void {
  const telling = (row: number): boolean =>
    name === 'input'
      ? !QUIET.has(model.data.outcomes[model.outcomeOn(row)] ?? 'exact')
      : model.emitted.partners(row).length > 0;
  pane.root.addEventListener('keydown', ({ key, altKey, ctrlKey, metaKey }) => {
    if (altKey || ctrlKey || metaKey) return;
    if (key === 'Enter') go('other');
    if (key !== 'n' && key !== 'p') return;
    const rows = pane.rows();
    const step = key === 'n' ? 1 : -1;
    const active = rows.indexOf(pane.active());
    let at = active === -1 && step === -1 ? rows.length - 1 : active + step;
    while (at >= 0 && at < rows.length && !((rows[at] ?? -1) >= 0 && telling(rows[at] ?? -1))) at += step;
    const line = rows[at];
    if (line !== undefined) go(line);
  });
}

function startFileChoice(model: Model, panes: Readonly<Record<SideName, Pane>>): void {
  for (const name of ['input', 'emitted'] as const) {
    const select = byId(`${name}-file`, HTMLSelectElement);
    const { files } = model[name];
    for (const { path, length, remark } of files) {
      const choice = document.createElement('option');
      choice.textContent = remark === '' ? `${path} (${length})` : path;
      select.append(choice);
    }
    select.addEventListener('change', () => {
      const index = select.selectedIndex;
      const rows = panes[name].rows();
      const heading = rows.indexOf(-1 - index);
      const { base = 0, length = 0 } = files[index] ?? {};
      const below = rows.find((row) => row >= base && row < base + length);
      panes[name].top(heading === -1 ? (below ?? -1) : -1 - index);
    });
  }
}

/** The line that a place such as `config:12` in the address names. */
export function lineOfHash(model: Model, hash: string): { readonly side: SideName; readonly line: number } | undefined {
  const [, letter, digits] = /^#([LE])(\d{1,9})$/.exec(hash) ?? [];
  const side = letter === 'E' ? 'emitted' : 'input';
  const line = Number(digits ?? -1);
  return digits !== undefined && placeOf(model[side], line) !== '' ? { side, line } : undefined;
}
