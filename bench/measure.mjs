// One conversion in a process of its own, once and cold, as the tool does it: node measure.mjs STAGES OUT CONFIG...
// Prints the figures as JSON.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What `convert` calls its stages, and what the table does. */
const COLUMN_OF = {
  reading: 'load',
  "applying PowerMTA's rules": 'resolve',
  converting: 'lower',
  'making the files': 'emit',
  'reading the files back': 'verify',
  'making the reports': 'report',
  'finding the release that the tree needs': 'release',
  writing: 'write',
};

/** Makes Linux forget the largest memory so far; elsewhere peaks never fall. */
function forgetPeak() {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {}
}

/** Largest resident memory since `forgetPeak`, in MB. */
function peakMegabytes() {
  try {
    const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) / 1024;
  } catch {}
  return process.resourceUsage().maxRSS / 1024;
}

/** Milliseconds for reading the files and splitting them into lines: the median of nine runs. */
function readAndSplit(paths) {
  const runs = Array.from({ length: 9 }, () => {
    const before = performance.now();
    for (const path of paths) readFileSync(path, 'utf8').split('\n');
    return performance.now() - before;
  });
  return runs.sort((a, b) => a - b)[4];
}

/** Notes time and peak memory of each stage; a stage that comes twice counts as one. */
function createWatch() {
  const stages = {};
  let current;
  let since = 0;
  const close = () => {
    if (current === undefined) return;
    const known = stages[current] ?? { ms: 0, megabytes: 0 };
    known.ms += performance.now() - since;
    known.megabytes = Math.max(known.megabytes, peakMegabytes());
    stages[current] = known;
  };
  const enter = (stage) => {
    const column = stage === undefined ? undefined : COLUMN_OF[stage];
    if (stage !== undefined && column === undefined) throw new Error(`the table has no column for ${stage}`);
    if (column === current) return;
    close();
    current = column;
    forgetPeak();
    since = performance.now();
  };
  return { stages, enter };
}

/** Lines of Lua and TOML in a tree. */
function linesOf(folder) {
  const names = readdirSync(folder, { recursive: true }).filter((name) => /\.(?:lua|toml)$/.test(name));
  return names.reduce((sum, name) => sum + readFileSync(join(folder, name), 'utf8').split('\n').length - 1, 0);
}

const [stagesFile, out, ...paths] = process.argv.slice(2);
const { runProgram, diskHost } = await import(pathToFileURL(stagesFile).href);
const baseline = readAndSplit(paths);
const watch = createWatch();
let said = '';
const io = {
  host: diskHost(),
  version: 'bench',
  stdout: () => {},
  stderr: (text) => {
    said += text.slice(0, 2000);
  },
  width: 100,
  onStage: watch.enter,
  interrupts: () => new AbortController().signal,
};
const terminal = { isTty: false, env: {} };
const exit = await runProgram(['convert', paths[0], '--output', out, '--quiet'], io, terminal);
watch.enter(undefined);
if (exit !== 0) {
  process.stderr.write(`convert ended with ${exit}: ${said.slice(0, 2000)}\n`);
  process.exitCode = 1;
} else {
  process.stdout.write(JSON.stringify({ baseline, stages: watch.stages, emittedLines: linesOf(out) }));
}
