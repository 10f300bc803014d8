import type { ReportData } from '../html/data-format';
import { byId } from './dom';
import { startEffective } from './effective';
import { lineOfHash, startLines } from './lines';
import { createModel } from './model';
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
  startEffective(model, (side, line) => lines.choose(side, line, true));
  addEventListener('hashchange', () => goToHash(true));
  document.addEventListener('click', ({ target }) => {
    const link = target instanceof Element ? target.closest<HTMLAnchorElement>('a[data-line]') : null;
    // The address may name the line already; then it does not change.
    if (link !== null && link.hash === location.hash) goToHash(true);
  });
  goToHash(false);
}

start();
