// Times the stages on generated configurations, and the start of the tool as it stands in dist/:
// node bench/run.mjs [--vmtas 70,700,7000]
// Each size runs in a process of its own, once and cold, as the tool does. Times are ratios to reading and splitting the
// same file in the same process, so that they can be compared between machines.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { esbuildHandlebars } from '../scripts/hbs-plugin.mjs';
import { generate } from './generate.mjs';

/** Runs of each program when the start is timed, and how much longer than Node by itself the tool may take. */
const STARTS = 20;
const SLOWEST_START = 1.5;

const STAGES = ['read+parse', 'resolve', 'lower', 'emit', 'verify', 'check'];

/** It loads its WebAssembly from beside its own file. */
const installedWasmoon = {
  name: 'installed-wasmoon',
  setup(bundler) {
    const path = pathToFileURL(createRequire(import.meta.url).resolve('wasmoon')).href;
    bundler.onResolve({ filter: /^wasmoon$/ }, () => ({ path, external: true }));
  },
};

/** Bundles the stages as the tool itself is bundled. */
async function bundleStages(folder) {
  const outfile = join(folder, 'stages.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'stages.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    minify: true,
    define: { __VERSION__: '"bench"' },
    banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" },
    plugins: [esbuildHandlebars, installedWasmoon],
    logLevel: 'warning',
  });
  return outfile;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** Milliseconds that a function takes, and what it gave. */
function timed(run) {
  const before = performance.now();
  const result = run();
  return { result, ms: performance.now() - before };
}

/** In the child: times one file and prints the figures as JSON. */
async function measure(stagesFile, config) {
  const stages = await import(pathToFileURL(stagesFile).href);
  const baseline = median(
    Array.from({ length: 9 }, () => timed(() => readFileSync(config, 'utf8').split('\n').length).ms),
  );
  const diagnostics = stages.createDiagnostics();
  const options = stages.DEFAULT_OPTIONS;
  const loaded = timed(() => stages.loadConfig(stages.diskHost(), config, {}, diagnostics));
  const ledger = stages.createLedger();
  const resolved = timed(() => stages.resolveConfig(loaded.result, ledger, diagnostics));
  const policy = stages.emptyPolicy();
  const lowered = timed(() =>
    stages.runPasses({ config: resolved.result, egress: stages.emptyEgress(), policy, ledger, diagnostics, options }),
  );
  const emitted = timed(() => stages.emitFiles(policy, { installDir: options.installDir, target: options.target }));
  const verified = timed(() => stages.verifyFiles(emitted.result, policy));
  const files = new Map(emitted.result.map((file) => [file.path, file.content]));
  const before = performance.now();
  const found = await stages.checkTree(files, { installDir: options.installDir, target: options.target });
  const checkMs = performance.now() - before;
  const figures = {
    baseline,
    stages: [loaded.ms, resolved.ms, lowered.ms, emitted.ms, verified.ms, checkMs],
    settings: resolved.result.settings.length,
    outcomes: ledger.entries().length,
    errors:
      diagnostics.list.filter((d) => d.severity === 'error').length +
      [...verified.result].length +
      found.filter((finding) => finding.severity === 'error').length,
    emittedLines: emitted.result.reduce((sum, file) => sum + file.content.split('\n').length - 1, 0),
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  };
  process.stdout.write(JSON.stringify(figures));
}

/** In the parent: one line of the table. */
function report(folder, stagesFile, vmtas) {
  const text = generate(vmtas);
  const config = join(folder, `config-${vmtas}`);
  writeFileSync(config, text);
  const { status, stdout, stderr } = spawnSync(process.execPath, [import.meta.filename, 'child', stagesFile, config], {
    encoding: 'utf8',
  });
  if (status !== 0) {
    process.stderr.write(`bench: ${vmtas} virtual-mtas: ${stderr}\n`);
    return false;
  }
  const figures = JSON.parse(stdout);
  const ratios = figures.stages.map((ms) => `${(ms / figures.baseline).toFixed(1)}x`.padStart(11));
  const total = figures.stages.reduce((sum, ms) => sum + ms, 0);
  const cells = [
    String(text.split('\n').length - 1).padStart(8),
    `${figures.baseline.toFixed(1)} ms`.padStart(10),
    ...ratios,
    `${(total / figures.baseline).toFixed(1)}x`.padStart(9),
    `${total.toFixed(0)} ms`.padStart(9),
    `${figures.peakMegabytes.toFixed(0)} MB`.padStart(8),
    String(figures.emittedLines).padStart(8),
    String(figures.errors).padStart(7),
  ];
  process.stdout.write(`${cells.join(' ')}\n`);
  if (figures.settings !== figures.outcomes) {
    process.stderr.write(`bench: ${figures.settings} settings, ${figures.outcomes} outcomes\n`);
    return false;
  }
  return true;
}

/** Milliseconds that a Node process takes from start to end. */
function startUp(args) {
  const { result, ms } = timed(() => spawnSync(process.execPath, args, { stdio: 'ignore' }));
  if (result.status !== 0) throw new Error(`node ${args.join(' ')} failed`);
  return ms;
}

/** `--version` against Node by itself, taken in turn so that a busy machine slows both. */
function reportStartUp() {
  const tool = join(import.meta.dirname, '..', 'bin', 'pmta2kumo.js');
  const runs = Array.from({ length: STARTS }, () => ({
    node: startUp(['-e', '0']),
    tool: startUp([tool, '--version']),
  }));
  const node = median(runs.map((run) => run.node));
  const version = median(runs.map((run) => run.tool));
  const ratio = version / node;
  const verdict = ratio <= SLOWEST_START ? 'fine' : 'too slow';
  process.stdout.write(
    `\n--version ${version.toFixed(1)} ms, node -e 0 ${node.toFixed(1)} ms (medians of ${STARTS}): ` +
      `${ratio.toFixed(2)}x, at most ${SLOWEST_START}x: ${verdict}\n`,
  );
  return ratio <= SLOWEST_START;
}

async function main() {
  const { values } = parseArgs({
    options: {
      vmtas: { type: 'string', default: '7,70,700,7000' },
      'stages-only': { type: 'boolean', default: false },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'pmta2kumo-bench-'));
  try {
    const stagesFile = await bundleStages(folder);
    const heads = ['lines', 'read+split', ...STAGES, 'total', 'total', 'peak', 'emitted', 'errors'];
    const widths = [8, 10, 11, 11, 11, 11, 11, 9, 9, 8, 8, 7];
    process.stdout.write(`${heads.map((head, i) => head.padStart(widths[i])).join(' ')}\n`);
    const fine = values.vmtas.split(',').map((vmtas) => report(folder, stagesFile, Number(vmtas)));
    process.exitCode = [...fine, values['stages-only'] || reportStartUp()].every(Boolean) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [mode, stagesFile, config] = process.argv.slice(2);
await (mode === 'child' ? measure(stagesFile, config) : main());
