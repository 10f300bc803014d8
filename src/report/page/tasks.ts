import { byId } from './dom';

/** Marks are kept for each place of the file by itself: files opened from a disk share one storage. */
const KEY = `pmta2kumo:tasks:${location.pathname}`;

/** What was marked as done; undefined where the browser keeps nothing for this page. */
function readMarks(): ReadonlySet<string> | undefined {
  try {
    const marks: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return new Set(Array.isArray(marks) ? marks.filter((mark) => typeof mark === 'string') : []);
  } catch (error) {
    return error instanceof SyntaxError ? new Set() : undefined;
  }
}

function keepMarks(marks: readonly string[]): boolean {
  try {
    localStorage.setItem(KEY, JSON.stringify(marks));
    return true;
  } catch {
    return false;
  }
}

/** Check boxes that are still checked when the page is opened again. */
export function startTasks(): void {
  const boxes = [...document.querySelectorAll<HTMLInputElement>('input[data-task]')];
  if (boxes.length === 0) return;
  const state = byId('tasks-state', HTMLElement);
  const left = byId('tasks-left', HTMLElement);
  let kept = true;
  const tell = (): void => {
    const done = boxes.filter(({ checked }) => checked).length;
    left.textContent = String(boxes.length - done);
    const lost = kept ? '' : '. This browser keeps no marks for this page: they last until it is closed';
    state.textContent = `${done} of ${boxes.length} done${lost}`;
  };
  const show = (): void => {
    const marks = readMarks();
    kept = marks !== undefined;
    for (const box of boxes) box.checked = marks?.has(box.dataset['task'] ?? '') ?? box.checked;
    tell();
  };
  for (const box of boxes) {
    box.addEventListener('change', () => {
      kept = keepMarks(boxes.flatMap(({ checked, dataset }) => (checked ? [dataset['task'] ?? ''] : [])));
      tell();
    });
  }
  addEventListener('storage', ({ key }) => {
    if (key === KEY) show();
  });
  show();
}
