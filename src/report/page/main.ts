import type { ReportData } from '../html/data-format';
import { byId } from './dom';
import { startEffective } from './effective';
import { lineOfHash, startLines } from './lines';
import { createModel, type Model } from './model';
import { startTasks } from './tasks';

const read = (): ReportData => JSON.parse(byId('data', HTMLScriptElement).textContent ?? '');

function start(): void {
  document.documentElement.classList.add('scripted');
  startTasks();
  const model = createModel(read());
  const lines = startLines(model);
  const goToHash = (focus: boolean): void => {
    const found = lineOfHash(model, location.hash);
    if (found !== undefined) lines.choose(found.side, found.line, focus);
  };
  startEffective(model, (place) => {
    const line = lineOfPlace(model, place);
    if (line !== undefined) lines.choose('input', line, true);
  });
  addEventListener('hashchange', () => goToHash(true));
  document.addEventListener('click', ({ target }) => {
    const link = target instanceof Element ? target.closest<HTMLAnchorElement>('a[data-line]') : null;
    // The address may name the line already; then it does not change.
    if (link !== null && link.hash === location.hash) goToHash(true);
  });
  goToHash(false);
}

function lineOfPlace({ input }: Model, place: string): number | undefined {
  const colon = place.lastIndexOf(':');
  const file = input.files.find(({ path }) => path === place.slice(0, colon));
  const line = Number(place.slice(colon + 1));
  return file === undefined || line < 1 || line > file.length ? undefined : file.base + line - 1;
}

start();
