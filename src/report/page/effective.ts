import type { ComparisonRow, PathData } from '../html/data-format';
import { byId, counted, make, option } from './dom';
import type { Model } from './model';

type GoToPlace = (place: string) => void;

/** The name that stands for every domain that no block names. */
const OTHERS = 'named-nowhere.example';

/** The effective settings of the chosen pair. `go` leads to a line of the input, by its place. */
export function startEffective({ data }: Model, go: GoToPlace): void {
  const { limits, vmtas, domains, pairs, paths } = data.effective;
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
        : pathView(path, vmtas[v] ?? '', domains[d] ?? '', go);
    host.replaceChildren(...shown, ...limit);
  };
  vmta.addEventListener('change', show);
  domain.addEventListener('change', show);
  vmta.form?.addEventListener('submit', (event) => event.preventDefault());
  show();
}

function pathView(path: PathData, vmta: string, domain: string, go: GoToPlace): readonly Node[] {
  const own = path.vmta === vmta && path.domain === domain;
  const computed = `PowerMTA has the same settings for it as for ${path.domain} through ${path.vmta}, for which this was computed.`;
  const { tenant, pool, sources, routing } = path;
  const facts = [
    ['PowerMTA', `queue ${path.queue}`],
    [
      'KumoMTA',
      `tenant ${tenant}, pool ${pool || 'none'}, ${sources.length === 1 ? 'source' : 'sources'} ${sources.join(', ') || 'none'}`,
    ],
    ...(routing === '' ? [] : [['', `routed to ${routing}`]]),
  ];
  const list = make(
    'dl',
    'facts',
    ...facts.flatMap(([name, text]) => [make('dt', '', name ?? ''), make('dd', '', text ?? '')]),
  );
  const same = own ? [] : [make('p', 'quiet', computed)];
  if (path.noMail !== '') return [...same, list, make('p', '', path.noMail)];
  return [
    ...same,
    list,
    comparisonTable(path.rows, go),
    folded(
      `All that counts in PowerMTA: ${counted(path.before.length, 'setting', 'settings')}`,
      table(['Directive', 'Value', 'Where'], path.before, go),
    ),
    folded(
      `All that KumoMTA resolves: ${counted(path.after.length, 'field', 'fields')}`,
      table(['Of', 'Field', 'Value'], path.after),
    ),
  ];
}

function comparisonTable(rows: readonly ComparisonRow[], go: GoToPlace): HTMLElement {
  const head = headRow(['Setting', 'PowerMTA', 'KumoMTA', 'Verdict', 'Where']);
  const body = make('tbody', '', ...rows.map((row) => comparisonRow(row, go)));
  body.setAttribute('role', 'rowgroup');
  const whole = make('table', 'compare', head, body);
  whole.setAttribute('role', 'table');
  return scrolling('Effective settings of this path', whole);
}

/** On a narrow screen it is no row of a table any more, so that its roles are said. */
function comparisonRow([directive, pmta, kumo, verdict, origin, why]: ComparisonRow, go: GoToPlace): HTMLElement {
  const name = make('th', '', directive);
  name.scope = 'row';
  name.setAttribute('role', 'rowheader');
  const cells = [
    make('td', '', pmta),
    make('td', '', kumo),
    make('td', `verdict ${verdict}`, verdict, ...(why === '' ? [] : [make('span', 'why', why)])),
    make('td', '', placeLink(origin, go)),
  ];
  cells.forEach((cell, index) => {
    cell.setAttribute('role', 'cell');
    const label = LABELS[index] ?? '';
    if (label !== '') cell.dataset['label'] = label;
  });
  const row = make('tr', '', name, ...cells);
  row.setAttribute('role', 'row');
  return row;
}

/** Said before a value where the head of the table is not in sight. */
const LABELS = ['PowerMTA', 'KumoMTA', '', ''];

function table(
  heads: readonly string[],
  rows: readonly (readonly [string, string, string])[],
  go?: GoToPlace,
): HTMLElement {
  const body = rows.map(([a, b, c]) =>
    make(
      'tr',
      '',
      make('td', '', a),
      make('td', '', make('code', '', b)),
      make('td', '', go === undefined ? make('code', '', c) : placeLink(c, go)),
    ),
  );
  return scrolling(heads.join(', '), make('table', '', headRow(heads), make('tbody', '', ...body)));
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
  if (!/:\d+$/.test(place)) return place;
  const button = make('button', 'jump', place);
  button.type = 'button';
  button.addEventListener('click', () => go(place));
  return button;
}
