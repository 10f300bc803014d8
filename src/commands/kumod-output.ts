import { catalogue } from '../diagnostics/catalogue';
import type { Finding, Place } from '../kumo/runtime/finding';
import type { DiskTree } from './read-tree';

export interface KumodRun {
  readonly code: number;
  /** Both outputs, in the order in which they came. */
  readonly output: string;
}

/** Of what kumod says, this many messages become findings. */
const MOST = 100;
/** The colours of its log. */
const ESCAPES = /\u001b\[[\d;]*m/g;
/** Lines of the log, and those that only repeat that it failed. */
const NOISE =
  /^(?:\d{4}-\d\d-\d\dT\S+\s+(?:TRACE|DEBUG|INFO)\b|Error: (?:Initialization raised an error|Validation failed)\.?$|Validation failed$|Caused by:$|stack traceback:|\s*\[C\]: in|\s*\d+: Validation failed$)/;

/**
 * What kumod says as findings, with the place where it names one: `PATH:LINE: text`, or a path and then `at line L,
 * column C`. Of a tree that it takes, what it prints is only for information.
 */
export function kumodFindings({ code, output }: KumodRun, home: string, tree: DiskTree): readonly Finding[] {
  const findingCode = code === 0 ? 'tree-kumod-output' : 'tree-kumod';
  const { severity } = catalogue[findingCode];
  const found: Finding[] = [];
  let file: string | undefined;
  for (const raw of output.replace(ESCAPES, '').split('\n')) {
    const text = raw.trim();
    if (text === '' || NOISE.test(text)) continue;
    const place = placeIn(text, home, tree);
    file = place?.path ?? file;
    const at = /\bat line (\d+),? column (\d+)/.exec(text);
    const where: Partial<Place> =
      at !== null && file !== undefined ? { path: file, line: Number(at[1]), column: Number(at[2]) } : (place ?? {});
    const message = `kumod: ${text.replaceAll(`${home}/`, '')}`.slice(0, 500);
    if (found.length < MOST) found.push({ code: findingCode, severity, message, ...where });
  }
  if (found.length > 0 || code === 0) return found;
  return [{ code: findingCode, severity, message: `kumod: it ended with code ${code} and said nothing` }];
}

function placeIn(text: string, home: string, tree: DiskTree): Place | undefined {
  const at = text.indexOf(`${home}/`);
  if (at < 0) return undefined;
  const match = /^([^\s:'"\])]+)(?::(\d+))?/.exec(text.slice(at + home.length + 1));
  const path = match?.[1] ?? '';
  if (!tree.files.has(path)) return undefined;
  return match?.[2] === undefined ? { path, line: 1 } : { path, line: Number(match[2]) };
}
