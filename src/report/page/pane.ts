/**
 * A list of very many rows of equal height, of which only those in sight exist. For readers it is a listbox: the pane
 * has the focus, `aria-activedescendant` names the active row.
 */
export interface Pane {
  readonly root: HTMLElement;
  /** Rows to show: a line, or `-1 - n` for the n-th heading. */
  setRows(rows: readonly number[]): void;
  readonly rows: () => readonly number[];
  /** Makes the row of a line the active one and brings it into sight; false where it is not among the rows. */
  activate(line: number, where: 'near' | 'middle'): boolean;
  /** Brings a line into the middle without making it active. */
  reveal(line: number): void;
  /** Brings a row, which may be a heading, to the top. */
  top(row: number): void;
  /** The active line; -1 for none. */
  readonly active: () => number;
  /** Draws the rows anew, after something about them changed. */
  refresh(): void;
}

export interface PaneOptions {
  readonly root: HTMLElement;
  /** Characters of the longest line, so that the pane does not change its width while it scrolls. */
  readonly columns: number;
  /** A row of a line or heading; its id and place in the list are set here. */
  readonly draw: (row: number) => HTMLElement;
  /** A line was chosen by a click or by moving. */
  readonly onChoose: (line: number) => void;
  /** The first row in sight changed. */
  readonly onScroll: (row: number) => void;
}

/** Rows drawn above and below those in sight. */
const SPARE = 12;

export function createPane({ root, columns, draw, onChoose, onScroll }: PaneOptions): Pane {
  const sizer = document.createElement('div');
  const window = document.createElement('div');
  sizer.className = 'sizer';
  window.className = 'rows';
  sizer.setAttribute('role', 'presentation');
  window.setAttribute('role', 'presentation');
  sizer.append(window);
  root.append(sizer);
  sizer.style.minWidth = `${Math.min(columns, 1_100) + 14}ch`;
  let rows: readonly number[] = [];
  let active = -1;
  let height = 20;
  let asked = false;
  let first = -1;

  const paint = (): void => {
    asked = false;
    const from = Math.max(0, Math.floor(root.scrollTop / height) - SPARE);
    const to = Math.min(rows.length, Math.ceil((root.scrollTop + root.clientHeight) / height) + SPARE);
    const drawn: HTMLElement[] = [];
    for (let at = from; at < to; at++) drawn.push(rowAt(at));
    window.style.transform = `translateY(${from * height}px)`;
    window.replaceChildren(...drawn);
    const shown = active >= 0 && drawn.some(({ id }) => id === idOf(active));
    if (shown) root.setAttribute('aria-activedescendant', idOf(active));
    else root.removeAttribute('aria-activedescendant');
    const top = Math.min(rows.length - 1, Math.round(root.scrollTop / height));
    if (top === first) return;
    first = top;
    onScroll(rows[top] ?? -1);
  };
  const idOf = (line: number): string => `${root.id}-${line}`;
  const rowAt = (at: number): HTMLElement => {
    const row = rows[at] ?? -1;
    const element = draw(row);
    if (row < 0) return element;
    element.id = idOf(row);
    element.dataset['row'] = String(row);
    element.setAttribute('role', 'option');
    element.setAttribute('aria-selected', String(row === active));
    element.setAttribute('aria-posinset', String(at + 1));
    element.setAttribute('aria-setsize', String(rows.length));
    if (row === active) element.classList.add('active');
    return element;
  };
  const ask = (): void => {
    if (!asked) requestAnimationFrame(paint);
    asked = true;
  };
  const measure = (): void => {
    // Depends on the reader's font size.
    const probe = draw(-1);
    window.replaceChildren(probe);
    height = probe.getBoundingClientRect().height || height;
    sizer.style.height = `${rows.length * height}px`;
    paint();
  };
  const scrollTo = (at: number, where: 'near' | 'middle'): void => {
    const [top, seen] = [at * height, root.clientHeight];
    const away = top < root.scrollTop + height || top > root.scrollTop + seen - 2 * height;
    if (where === 'middle' && away) root.scrollTop = top - (seen - height) / 2;
    else if (top < root.scrollTop) root.scrollTop = top;
    else if (top + height > root.scrollTop + seen) root.scrollTop = top + height - seen;
  };

  root.addEventListener('scroll', ask, { passive: true });
  new ResizeObserver(measure).observe(root);
  root.addEventListener('click', ({ target, clientY }) => {
    const row = target instanceof Element ? target.closest<HTMLElement>('[data-row]')?.dataset['row'] : undefined;
    // Rows that were drawn anew between press and release are not the target, the pane is.
    const at = Math.floor((clientY - sizer.getBoundingClientRect().top) / height);
    const line = row === undefined ? rows[at] : Number(row);
    if (line !== undefined && line >= 0) onChoose(line);
  });
  root.addEventListener('keydown', (event) => {
    const step = stepOf(event, Math.max(1, Math.floor(root.clientHeight / height) - 1));
    if (step === undefined || rows.length === 0) return;
    event.preventDefault();
    const next = lineNear(rows, rows.indexOf(active), step);
    if (next !== undefined) onChoose(next);
  });

  return {
    root,
    rows: () => rows,
    active: () => active,
    refresh: ask,
    setRows(next) {
      rows = next;
      first = -1;
      if (!rows.includes(active)) active = -1;
      sizer.style.height = `${rows.length * height}px`;
      root.scrollTop = 0;
      measure();
    },
    activate(line, where) {
      const at = rows.indexOf(line);
      active = at === -1 ? -1 : line;
      if (at !== -1) scrollTo(at, where);
      paint();
      return at !== -1;
    },
    top(row) {
      root.scrollTop = rows.indexOf(row) * height;
      ask();
    },
    reveal(line) {
      const at = rows.indexOf(line);
      if (at !== -1) scrollTo(at, 'middle');
      ask();
    },
  };
}

/** How far a key moves; Infinity to an end. */
function stepOf({ key, altKey, ctrlKey, metaKey }: KeyboardEvent, page: number): number | undefined {
  if (altKey || ctrlKey || metaKey) return undefined;
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: page,
    PageUp: -page,
    Home: Number.NEGATIVE_INFINITY,
    End: Number.POSITIVE_INFINITY,
  };
  return steps[key];
}

/** The line a step away, or the nearest behind it: headings are passed over. */
function lineNear(rows: readonly number[], at: number, step: number): number | undefined {
  const direction = Math.sign(step);
  const start = at === -1 && step > 0 && Number.isFinite(step) ? -1 : at;
  let next = Math.min(Math.max(start + step, 0), rows.length - 1);
  while ((rows[next] ?? -1) < 0 && next > 0 && next < rows.length - 1) next += direction;
  if ((rows[next] ?? -1) < 0) next = rows.findIndex((row) => row >= 0);
  return rows[next];
}
