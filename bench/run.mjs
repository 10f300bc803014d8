// Times `convert` on generated configurations, stage by stage and as a whole, and the start of the tool as it stands in
// dist/: node bench/run.mjs [--shapes virtual-mtas,domains] [--sizes 1000,10000] [--quick] [--stages-only] [--start-only]
// Each size runs in a process of its own, once and cold, as the tool does. Times are ratios to reading and splitting the
// same files in the same process, so that they can be compared between machines.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from '../scripts/bundle.mjs';
import { generate, generateInto, SHAPE_NAMES } from './generate.mjs';
import { median, TOOL, timeAndMemoryOf, timeOf } from './process.mjs';
import { reportStart } from './start.mjs';
import { GOALS, growthTable, peakTable, stageTable, wholeTable } from './tables.mjs';
import { reportVerify } from './verify.mjs';

/** Sizes in lines. A check is a command of its own and is timed up to here only: its model of KumoMTA has a limit. */
const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const LARGEST_CHECK = 100_000;
const QUICK_SIZES = [300, 1_000];
/** Virtual-mtas, and domain blocks, whose pairs `verify` compares. */
const PAIRS = [[70, 700, 7_000], 200];
const QUICK_PAIRS = [[7, 14], 20];

/** Bundles the stages as the tool itself is bundled. */
async function bundleStages(folder) {
  const outdir = join(folder, 'stages');
  await bundle({
    entryPoints: [join(import.meta.dirname, 'stages.ts')],
    outdir,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    format: 'esm',
    banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" },
  });
  return join(outdir, 'stages.mjs');
}

/** Figures of one shape and size; throws when a run fails. */
function measure(folder, stagesFile, nodeMs, shape, size) {
  const paths = generateInto(join(folder, `${shape}-${size}`), shape, size);
  const lines = [...generate(shape, size).values()].reduce((sum, text) => sum + text.split('\n').length - 1, 0);
  const out = join(folder, `${shape}-${size}-tree`);
  const child = spawnSync(process.execPath, [join(import.meta.dirname, 'measure.mjs'), stagesFile, out, ...paths], {
    encoding: 'utf8',
  });
  if (child.status !== 0) throw new Error(`${shape}, ${size} lines: ${child.stderr.slice(0, 2000)}`);
  const tree = `${out}-whole`;
  const whole = timeAndMemoryOf([TOOL, 'convert', paths[0], '--output', tree, '--quiet']);
  const check = size <= LARGEST_CHECK ? timeAndMemoryOf([TOOL, 'check', tree, '--quiet']) : undefined;
  rmSync(out, { recursive: true });
  rmSync(tree, { recursive: true });
  return { shape, size, lines, ...JSON.parse(child.stdout), whole, check, nodeMs };
}

async function reportStages(folder, { shapes, sizes, runs }) {
  const stagesFile = await bundleStages(folder);
  const nodeMs = median(Array.from({ length: runs }, () => timeOf(['-e', '0'])));
  const figures = [];
  for (const shape of shapes) {
    for (const size of sizes) {
      figures.push(measure(folder, stagesFile, nodeMs, shape, size));
      process.stderr.write(`${shape}, ${size} lines: done\n`);
    }
  }
  const tables = [stageTable, peakTable, wholeTable, growthTable].map((table) => table(figures));
  process.stdout.write(`${tables.join('\n')}\n${GOALS}`);
}

async function main() {
  const { values } = parseArgs({
    options: {
      shapes: { type: 'string', default: SHAPE_NAMES.join(',') },
      sizes: { type: 'string' },
      quick: { type: 'boolean', default: false },
      'stages-only': { type: 'boolean', default: false },
      'start-only': { type: 'boolean', default: false },
    },
  });
  const sizes = values.sizes?.split(',').map(Number) ?? (values.quick ? QUICK_SIZES : SIZES);
  const shapes = values.shapes.split(',');
  const runs = values.quick ? 1 : 20;
  const folder = mkdtempSync(join(tmpdir(), 'pmta2kumo-bench-'));
  try {
    if (!values['start-only']) await reportStages(folder, { shapes, sizes, runs });
    if (!values['stages-only'] && !values['start-only']) reportVerify(...(values.quick ? QUICK_PAIRS : PAIRS));
    if (!values['stages-only']) reportStart(folder, runs);
  } catch (error) {
    process.stderr.write(`bench: ${error.message}\n`);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
