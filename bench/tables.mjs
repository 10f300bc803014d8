// The tables of the benchmark as text.

const STAGES = ['load', 'resolve', 'lower', 'emit', 'verify', 'report', 'release', 'write'];

/** What the figures are held against. */
const MOST_TIMES = 5;
const MOST_GROWTH = 1.1;
const MOST_MEGABYTES = 1024;
export const GOALS = `goals: 100,000 lines in at most ${MOST_TIMES} times read+split and Node's start; ten times the lines in at most ${
  MOST_GROWTH * 10
} times as long; at most ${MOST_MEGABYTES} MB\n`;

function table(title, heads, rows) {
  const all = [heads, ...rows];
  const widths = heads.map((_, i) => Math.max(...all.map((row) => row[i].length)));
  const text = all.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '),
  );
  return `\n${title}\n${text.join('\n')}`;
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

function totalOf({ stages }) {
  return sum(STAGES.map((name) => stages[name].ms));
}

const times = (ratio) => `${ratio >= 100 ? ratio.toFixed(0) : ratio.toFixed(1)}x`;
const milliseconds = (ms) => (ms >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`);
const megabytes = (value) => `${value.toFixed(0)} MB`;

export function stageTable(figures) {
  return table(
    'time of each stage, as a multiple of read+split',
    ['shape', 'lines', 'read+split', ...STAGES, 'all', 'all', 'emitted'],
    figures.map((row) => [
      row.shape,
      String(row.lines),
      milliseconds(row.baseline),
      ...STAGES.map((name) => times(row.stages[name].ms / row.baseline)),
      times(totalOf(row) / row.baseline),
      milliseconds(totalOf(row)),
      String(row.emittedLines),
    ]),
  );
}

export function peakTable(figures) {
  return table(
    'peak memory during each stage',
    ['shape', 'lines', ...STAGES],
    figures.map((row) => [
      row.shape,
      String(row.lines),
      ...STAGES.map((name) => megabytes(row.stages[name].megabytes)),
    ]),
  );
}

export function wholeTable(figures) {
  return table(
    "the program as a whole, against read+split and Node's start",
    ['shape', 'lines', 'read+split+start', 'convert', 'times', 'peak', 'check', 'peak'],
    figures.map(({ shape, lines, baseline, nodeMs, whole, check }) => [
      shape,
      String(lines),
      milliseconds(baseline + nodeMs),
      milliseconds(whole.ms),
      times(whole.ms / (baseline + nodeMs)),
      megabytes(whole.megabytes),
      check === undefined ? '-' : milliseconds(check.ms),
      check === undefined ? '-' : megabytes(check.megabytes),
    ]),
  );
}

/** Growth from each size to the next of the same shape, divided by that of the lines. */
export function growthTable(figures) {
  const pairs = figures.flatMap((row, i) => {
    const before = figures[i - 1];
    return before?.shape === row.shape ? [[before, row]] : [];
  });
  if (pairs.length === 0) return '';
  const growth = (a, b, of) => times(of(b) / of(a));
  return table(
    'growth from one size to the next',
    ['shape', 'from', 'to', 'lines', 'all stages', 'convert', 'peak'],
    pairs.map(([a, b]) => [
      b.shape,
      String(a.lines),
      String(b.lines),
      growth(a, b, (row) => row.lines),
      growth(a, b, totalOf),
      growth(a, b, (row) => row.whole.ms),
      growth(a, b, (row) => row.whole.megabytes),
    ]),
  );
}
