import type { SideName } from './detail';
import { byId, counted, make, option } from './dom';
import { createFilter, type Wanted } from './filter';
import type { Model } from './model';
import type { Pane } from './pane';
import { glyphOf, type RowState } from './rows';

/** Search and filters over the panes. */
export interface Filters {
  /** Shows everything again. */
  clear(): void;
}

/** `changed` is called when the rows are others. */
export function startFilters(
  model: Model,
  panes: Readonly<Record<SideName, Pane>>,
  states: Readonly<Record<SideName, RowState>>,
  changed: () => void,
): Filters {
  const search = byId('search', HTMLInputElement);
  const area = byId('area', HTMLSelectElement);
  const found = byId('found', HTMLElement);
  const filter = createFilter(model);
  const boxes = outcomeBoxes(model);
  for (const [index, name] of model.data.areas.entries()) {
    if (model.data.kinds.some(([, , own]) => own === index)) area.append(option(String(index), name));
  }
  const wanted = (): Wanted => ({
    text: search.value.trim().toLowerCase(),
    outcomes: new Set(boxes.flatMap(({ box, outcome }) => (box.checked ? [outcome] : []))),
    area: area.value === '' ? -1 : Number(area.value),
  });
  const show = (): void => {
    const now = wanted();
    const [input, emitted] = [filter.input(now), filter.emitted(now)];
    for (const name of ['input', 'emitted'] as const) states[name].searched = now.text;
    panes.input.setRows(input.rows);
    panes.emitted.setRows(emitted.rows);
    const all = now.text === '' && now.outcomes.size === 0 && now.area === -1;
    const lines = counted(input.lines, 'line of the configuration', 'lines of the configuration');
    const others = counted(emitted.lines, 'line of the tree', 'lines of the tree');
    found.textContent = all ? `${lines}, ${others}` : `${lines} and ${others} found`;
    changed();
  };
  const clear = (): void => {
    search.value = '';
    area.value = '';
    for (const { box } of boxes) box.checked = false;
    show();
  };
  search.addEventListener('input', show);
  area.addEventListener('change', show);
  for (const { box } of boxes) box.addEventListener('change', show);
  search.form?.addEventListener('submit', (event) => event.preventDefault());
  startSearchKeys(search, panes.input, clear);
  show();
  return { clear };
}

function outcomeBoxes(model: Model): readonly { readonly box: HTMLInputElement; readonly outcome: number }[] {
  const host = byId('filters', HTMLElement);
  const counts = new Map<number, number>();
  for (const { settings } of model.data.input) {
    settings.forEach((number, at) => {
      const outcome = at % 2 === 1 ? model.data.kinds[number]?.[1] : undefined;
      if (outcome !== undefined) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    });
  }
  return model.data.outcomes.flatMap((name, outcome) => {
    const count = counts.get(outcome) ?? 0;
    if (count === 0) return [];
    const box = make('input', '');
    box.type = 'checkbox';
    box.autocomplete = 'off';
    box.value = name;
    const sign = make('span', `mark ${name}`, glyphOf(name));
    sign.setAttribute('aria-hidden', 'true');
    host.append(make('label', 'chip', box, sign, name, make('span', 'count', String(count))));
    return [{ box, outcome }];
  });
}

/** `/` leads to the search from anywhere but a field; in it, Enter leads to what was found and Escape clears. */
function startSearchKeys(search: HTMLInputElement, pane: Pane, clear: () => void): void {
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') clear();
    else if (event.key === 'Enter' || event.key === 'ArrowDown') pane.root.focus();
    else return;
    event.preventDefault();
  });
  document.addEventListener('keydown', (event) => {
    const { key, target, altKey, ctrlKey, metaKey } = event;
    if (key !== '/' || altKey || ctrlKey || metaKey) return;
    if (target instanceof Element && target.closest('input, select, textarea') !== null) return;
    event.preventDefault();
    search.focus();
  });
}
