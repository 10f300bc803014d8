import type { Extent, Finding, FindingCode } from '../runtime/finding';

const STOPS: readonly FindingCode[] = [
  'tree-limit',
  'tree-lua-error',
  'tree-lua-syntax',
  'tree-module-missing',
  'tree-not-followed',
];
const ABSENCES: readonly FindingCode[] = ['tree-handler-missing', 'tree-spool-missing'];

/**
 * The same said twice is said once, with the better place; what only follows from a worse finding is left out. Sorted
 * by file and place, those without a place last.
 */
export function collate(findings: readonly Finding[], files: ReadonlyMap<string, string>): readonly Finding[] {
  const isConsequence = consequencesOf(findings);
  const unique = new Map<string, Finding>();
  for (const finding of findings) {
    if (isConsequence(finding)) continue;
    const key = `${finding.code} ${placeKey(finding)} ${finding.message}`;
    const known = unique.get(key);
    if (known === undefined || (known.column === undefined && finding.column !== undefined)) unique.set(key, finding);
  }
  const lines = new Map<string, readonly string[]>();
  const lineOf = (path: string, line: number) => {
    if (!lines.has(path)) lines.set(path, (files.get(path) ?? '').split(/\r\n|\n|\r/));
    return lines.get(path)?.[line - 1];
  };
  return [...unique.values()].map((finding) => withColumn(finding, lineOf)).sort(byPlace);
}

/** Tells findings that are there only because of others. */
function consequencesOf(findings: readonly Finding[]): (finding: Finding) => boolean {
  const placesOf = (wanted: FindingCode) => new Set(findings.filter(({ code }) => code === wanted).map(placeKey));
  const guessed = findings.some(({ code }) => code === 'tree-not-modelled' || code === 'tree-not-followed');
  const stopped = findings.some(({ code }) => STOPS.includes(code));
  const poolsToldOf = findings.some(({ code, path }) => code === 'tree-pool-undefined' && path !== undefined);
  const broken = placesOf('tree-lua-syntax');
  const misnamed = placesOf('tree-name-unknown');
  return (finding) => {
    // What is missing may stand where loading did not come to.
    if (stopped && ABSENCES.includes(finding.code)) return true;
    // A pool that a handler took from outside is not undefined; of another the block that names it was told.
    if (finding.code === 'tree-pool-undefined' && finding.path === undefined) return guessed || poolsToldOf;
    if (finding.code !== 'tree-lua-error' && finding.code !== 'tree-handler-failed') return false;
    const place = placeKey(finding);
    // Loading trips over what does not compile, and over the call of a name that is not there.
    return broken.has(place) || (misnamed.has(place) && /attempt to (?:call|index) a nil/.test(finding.message));
  };
}

function placeKey({ path, line }: Finding): string {
  return `${path ?? ''}:${line ?? 0}`;
}

/** Lua knows lines only: the name that the message is about, else the whole line. */
function withColumn(finding: Finding, lineOf: (path: string, line: number) => string | undefined): Finding {
  const { path, line, column } = finding;
  if (path === undefined || line === undefined || column !== undefined) return finding;
  const text = lineOf(path, line);
  return text === undefined ? finding : { ...finding, ...extentIn(text, line, finding.message) };
}

function extentIn(text: string, line: number, message: string): Extent {
  for (const [, quotedName, name] of message.matchAll(/["'`]([^"'`]{2,60})["'`]|\b((?:kumo|tsa|msg)[.:][\w.]+)/g)) {
    const wanted = quotedName ?? name ?? '';
    const start = text.indexOf(wanted);
    if (start >= 0) return { line, column: start + 1, endColumn: start + wanted.length + 1 };
  }
  const start = text.length - text.trimStart().length;
  return { line, column: start + 1, endColumn: Math.max(text.trimEnd().length, start + 1) + 1 };
}

function byPlace(a: Finding, b: Finding): number {
  const [left, right] = [a.path ?? '\uffff', b.path ?? '\uffff'];
  if (left !== right) return left < right ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
