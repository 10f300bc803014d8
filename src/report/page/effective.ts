import type { ComparisonRow, PathData } from '../html/data-format';
import type { SideName } from './detail';
import { byId, counted, make, option } from './dom';
import { lineOfPlace, type Model, placeOf } from './model';

type GoToPlace = (place: string) => void;
type GoToLine = (side: SideName, line: number) => void;

/** The name that stands for every domain that no block names. */
const OTHERS = 'named-nowhere.example';

/** The effective settings of the chosen pair. `go` leads to a line. */
export function startEffective(model: Model, go: GoToLine): void {
  const { limits, vmtas, domains, pairs, paths } = model.data.effective;
  const host = byId('path', HTMLElement);
  const vmta = byId('vmta', HTMLSelectElement);
  const domain = byId('domain', HTMLSelectElement);
  const limit = limits === '' ? [] : [make('p', 'note', limits)];
  if (paths.length === 0) {
    if (vmta.form !== null) vmta.form.hidden = true;
    host.append(...limit);
    return;
  }
  vmta.append(...vmtas.map((name, index) => option(String(index), name)));
  domain.append(...domains.map((name, index) => option(String(index), name === OTHERS ? 'any other domain' : name)));
  const show = (): void => {
    const [v, d] = [vmta.selectedIndex, domain.selectedIndex];
    const path = paths[pairs[v]?.[d] ?? -1];
    const shown =
      path === undefined
        ? [make('p', '', 'This pair is not in the report.')]
        : pathView(model, path, { vmta: vmtas[v] ?? '', domain: domains[d] ?? '' }, go);
    host.replaceChildren(...shown, ...limit);
  };
  vmta.addEventListener('change', show);
  domain.addEventListener('change', show);
  vmta.form?.addEventListener('submit', (event) => event.preventDefault());
  show();
}

function pathView(
  model: Model,
  path: PathData,
  pair: { readonly vmta: string; readonly domain: string },
  go: GoToLine,
): readonly Node[] {
  const own = path.vmta === pair.vmta && path.domain === pair.domain;
  const others = `PowerMTA has the same settings for it as for ${path.domain} through ${path.vmta}, which is shown.`;
  const head = [...(own ? [] : [make('p', 'quiet', others)]), factList(path)];
  if (path.noMail !== '') return [...head, make('p', '', path.noMail)];
  const count = `All that counts in PowerMTA: ${counted(path.before.length, 'setting', 'settings')}`;
  const before = beforeTable(model, path.before, go);
  if (!path.compared) return [...head, make('h3', '', count), before];
  return [
    ...head,
    comparisonTable(path.rows, (place) => goToPlace(model, place, go)),
    folded(count, before),
    folded(
      `All that KumoMTA resolves: ${counted(path.after.length, 'field', 'fields')}`,
      table(
        ['Of', 'Field', 'Value'],
        path.after.map(([of, field, value]) => [of, make('code', '', field), make('code', '', value)]),
      ),
    ),
  ];
}

function factList({ queue, compared, tenant, pool, sources, routing }: PathData): HTMLElement {
  const source = `${sources.length === 1 ? 'source' : 'sources'} ${sources.join(', ') || 'none'}`;
  const facts = [
    ['PowerMTA', `queue ${queue.replace(`${OTHERS}/`, 'DOMAIN/')}`],
    ...(compared ? [['KumoMTA', `tenant ${tenant}, pool ${pool || 'none'}, ${source}`]] : []),
    ...(routing === '' ? [] : [['', `routed to ${routing}`]]),
  ];
  const items = facts.flatMap(([name, text]) => [make('dt', '', name ?? ''), make('dd', '', text ?? '')]);
  return make('dl', 'facts', ...items);
}

/** Of the emitted lines of a setting, this many are shown. */
const MOST_BECAME = 3;

/** What counts in PowerMTA, how it ended, and the lines it became. */
function beforeTable(model: Model, before: PathData['before'], go: GoToLine): HTMLElement {
  const rows = before.map(([directive, value, place]) => {
    const line = lineOfPlace(model, place);
    const outcome = model.data.outcomes[line === undefined ? -1 : model.outcomeOn(line)] ?? '';
    const became = line === undefined ? [] : model.input.partners(line);
    const lines = became.slice(0, MOST_BECAME).map((to) => {
      const text = model.emitted.lines[to]?.trim() ?? '';
      const jump = jumpButton(placeOf(model.emitted, to), () => go('emitted', to));
      return make('span', 'became', jump, make('code', '', text));
    });
    const more = became.length - lines.length;
    const cell = make('span', '', ...lines, more > 0 ? `and ${more} more` : '');
    const from = line === undefined ? place : jumpButton(place, () => go('input', line));
    return [make('code', '', directive), make('code', '', value), from, make('span', outcome, outcome), cell] as const;
  });
  return table(['Directive', 'PowerMTA', 'Where', 'Outcome', 'Became in KumoMTA'], rows);
}

function comparisonTable(rows: readonly ComparisonRow[], go: GoToPlace): HTMLElement {
  return table(
    ['Setting', 'PowerMTA', 'KumoMTA', 'Verdict', 'Where'],
    rows.map(([directive, pmta, kumo, verdict, origin, why]) => {
      const reason = why === '' ? '' : make('span', 'why', why);
      const told = make('span', '', make('span', `verdict ${verdict}`, verdict), reason);
      return [directive, pmta, kumo, told, placeLink(origin, go)];
    }),
  );
}

/** Columns that are said before a value where the head of the table is not in sight. */
const SAID: ReadonlySet<string> = new Set(['PowerMTA', 'KumoMTA']);

/** A table whose rows become blocks on a narrow screen, where they are no rows for the browser any more: so roles are said. */
function table(heads: readonly string[], rows: readonly (readonly (Node | string)[])[]): HTMLElement {
  const body = make('tbody', '', ...rows.map((cells) => tableRow(heads, cells)));
  const whole = make('table', 'compare', headRow(heads), body);
  whole.setAttribute('role', 'table');
  body.setAttribute('role', 'rowgroup');
  return scrolling(heads.join(', '), whole);
}

function tableRow(heads: readonly string[], [first = '', ...cells]: readonly (Node | string)[]): HTMLElement {
  const name = make('th', '', first);
  name.scope = 'row';
  name.setAttribute('role', 'rowheader');
  const others = cells.map((content, index) => {
    const cell = make('td', '', content);
    const label = heads[index + 1] ?? '';
    cell.setAttribute('role', 'cell');
    if (SAID.has(label)) cell.dataset['label'] = label;
    return cell;
  });
  const row = make('tr', '', name, ...others);
  row.setAttribute('role', 'row');
  return row;
}

function headRow(names: readonly string[]): HTMLElement {
  const cells = names.map((name) => {
    const cell = make('th', '', name);
    cell.scope = 'col';
    return cell;
  });
  return make('thead', '', make('tr', '', ...cells));
}

/** Scrolls by itself where it is too wide, also by keyboard. */
function scrolling(label: string, content: HTMLElement): HTMLElement {
  const region = make('div', 'scroll', content);
  region.setAttribute('role', 'region');
  region.setAttribute('aria-label', label);
  region.tabIndex = 0;
  return region;
}

function folded(title: string, content: HTMLElement): HTMLElement {
  return make('details', '', make('summary', '', title), content);
}

function placeLink(place: string, go: GoToPlace): Node | string {
  return /:\d+$/.test(place) ? jumpButton(place, () => go(place)) : place;
}

function jumpButton(text: string, go: () => void): HTMLButtonElement {
  const button = make('button', 'jump', text);
  button.type = 'button';
  button.addEventListener('click', go);
  return button;
}

function goToPlace(model: Model, place: string, go: GoToLine): void {
  const line = lineOfPlace(model, place);
  if (line !== undefined) go('input', line);
}
