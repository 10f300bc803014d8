// Puts random configurations through the pipeline and says which break a property: see README.md beside this file.
// npm run fuzz -- [--runs N] [--seed S] [--from I] [--time SECONDS] [--resume] [--state DIR] [--corpus DIR] [--replay DIR]
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { bundle } from '../scripts/bundle.mjs';

const ROOT = join(import.meta.dirname, '..');
/** Milliseconds in which every step of every input has to come back, on the busiest machine. */
const PATIENCE = 30_000;
const LOOK_EVERY = 500;
const TELL_EVERY = 60_000;

const say = (text) => process.stdout.write(`${text}\n`);

function readArguments() {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '10000' },
      seed: { type: 'string' },
      from: { type: 'string', default: '0' },
      time: { type: 'string' },
      resume: { type: 'boolean', default: false },
      state: { type: 'string', default: join(ROOT, '.fuzz') },
      corpus: { type: 'string', default: join(ROOT, '..', 'shared', 'corpus') },
      replay: { type: 'string' },
      plant: { type: 'string' },
      patience: { type: 'string', default: String(PATIENCE) },
    },
  });
  const whole = (name) => {
    const number = Number(values[name]);
    if (!/^\d+$/.test(values[name]) || number > 2 ** 31 - 1) throw new Error(`--${name} takes a whole number`);
    return number;
  };
  return {
    runs: whole('runs'),
    seed: values.seed === undefined ? undefined : whole('seed'),
    from: whole('from'),
    ms: values.time === undefined ? Number.POSITIVE_INFINITY : whole('time') * 1000,
    resume: values.resume,
    folder: resolve(values.state),
    corpus: resolve(values.corpus),
    replay: values.replay === undefined ? undefined : resolve(values.replay),
    plant: plantOf(values.plant),
    patience: whole('patience'),
  };
}

/** `throw:7`, `hang:7`: a fault of our own at that input, to see that it is found. */
function plantOf(text) {
  if (text === undefined) return undefined;
  const [how, index] = text.split(':');
  return { how, index: Number(index) };
}

/** What is kept between runs: from which seed, which input is next, how many went through each layer, what was wrong. */
function startState(args) {
  const file = join(args.folder, 'state.json');
  if (args.resume) {
    if (!existsSync(file)) throw new Error(`there is nothing to resume in ${args.folder}`);
    return { file, state: JSON.parse(readFileSync(file, 'utf8')) };
  }
  const seed = args.seed ?? Math.floor(Math.random() * 2 ** 31);
  const state = { seed, from: args.from, next: args.from, counts: [0, 0, 0, 0], ran: 0, faults: {}, ms: 0 };
  return { file, state };
}

function writeState(file, state) {
  writeFileSync(`${file}.new`, `${JSON.stringify(state, undefined, 2)}\n`);
  renameSync(`${file}.new`, file);
}

function noteFault(state, { index, property, detail, folder }) {
  const seen = state.faults[property];
  if (seen !== undefined) {
    seen.count++;
    return;
  }
  state.faults[property] = { count: 1, index };
  say(`\nFAULT at input ${index}: ${property}`);
  if (detail !== undefined) say(detail.split('\n').slice(0, 8).join('\n'));
  if (folder !== undefined) say(`saved; run it again: npm run fuzz -- --replay ${join(folder, 'smallest')}`);
  say(`from its seed: npm run fuzz -- --seed ${state.seed} --from ${index} --runs 1\n`);
}

function noteProgress(session, { next, counts, ran, slowest, rss }) {
  const { state } = session;
  state.next = next;
  state.counts = state.counts.map((count, layer) => count + counts[layer]);
  state.ran += ran;
  session.slowest = Math.max(session.slowest, slowest);
  session.rss = Math.max(session.rss, rss);
  state.ms += performance.now() - session.since;
  session.since = performance.now();
  writeState(session.file, state);
  if (performance.now() - session.told < TELL_EVERY) return;
  session.told = performance.now();
  say(`${next} done, ${Object.keys(state.faults).length} faults, ${(session.rss / 2 ** 20).toFixed(0)} MB`);
}

/** Runs a thread until it is done, or ended because a step does not come back. Gives the input in hand, or undefined. */
function runThread(session, data) {
  const clock = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(pathToFileURL(session.bundle), {
    workerData: { ...data, clock },
    resourceLimits: { maxOldGenerationSizeMb: 1500 },
  });
  session.worker = worker;
  let [last, since] = [-1, performance.now()];
  return new Promise((settle, fail) => {
    const stuck = (why) => settle({ index: Atomics.load(clock, 0), why });
    const watching = setInterval(() => {
      const steps = Atomics.load(clock, 1);
      if (steps !== last) [last, since] = [steps, performance.now()];
      else if (steps > 0 && performance.now() - since > session.patience) {
        stuck(`does not come back within ${session.patience} ms`);
        void worker.terminate();
      }
      if (performance.now() > session.end) void worker.terminate();
    }, LOOK_EVERY);
    worker.on('message', (message) => {
      if (message.progress !== undefined) noteProgress(session, message.progress);
      if (message.fault !== undefined) noteFault(session.state, message.fault);
      if (message.seeds !== undefined) Object.assign(session, message);
      if ('replayed' in message) session.replayed = message.replayed ?? '';
    });
    worker.on('error', (error) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') stuck('takes more memory than there is');
      else fail(error);
    });
    worker.on('exit', () => {
      clearInterval(watching);
      settle(undefined);
    });
  });
}

async function fuzz(session, args) {
  const { state } = session;
  const to = args.resume ? Math.max(state.next, state.from + args.runs) : state.from + args.runs;
  const data = {
    seed: state.seed,
    seedFolders: [join(ROOT, 'fixtures'), args.corpus],
    failures: join(args.folder, 'failures'),
    ...(args.plant === undefined ? {} : { plant: args.plant }),
  };
  say(`seed ${state.seed}, inputs ${state.next} to ${to - 1}; the state is in ${args.folder}`);
  while (state.next < to && performance.now() < session.end) {
    const known = Object.keys(state.faults);
    const stuck = await runThread(session, { ...data, from: state.next, to, known });
    if (stuck === undefined) break;
    const { index, why } = stuck;
    await runThread(session, { ...data, from: 0, to: 0, known, save: stuck });
    noteFault(state, {
      index,
      property: why,
      folder: undefined,
      detail: `saved in ${data.failures}/${state.seed}-${index}`,
    });
    // Those between the last progress and this one were fine, and are not counted.
    state.next = index + 1;
    writeState(session.file, state);
  }
  return to;
}

function report({ state, slowest, rss, seeds, layers }, to) {
  const done = state.counts[0];
  const faults = Object.entries(state.faults);
  say(
    `\nseed ${state.seed}: inputs ${state.from} to ${state.next - 1}${state.next < to ? `, stopped before ${to - 1}` : ''}`,
  );
  for (const [layer, name] of layers.entries()) {
    const note = layer === 2 ? ` (those without an error; ${state.ran} trees were run)` : '';
    say(`${String(state.counts[layer]).padStart(9)}  ${name}${note}`);
  }
  say(
    `${(state.ms / 1000).toFixed(0)} s, ${((done / state.ms) * 1000).toFixed(0)} inputs a second; slowest ${slowest.toFixed(0)} ms, ` +
      `memory ${(rss / 2 ** 20).toFixed(0)} MB, ${seeds} slices as seeds`,
  );
  say(faults.length === 0 ? 'no faults' : `${faults.length} faults:`);
  for (const [property, { count, index }] of faults)
    say(`${String(count).padStart(9)}  ${property}; first at ${index}`);
  if (state.next < to) say('go on: npm run fuzz -- --resume --runs N');
  return faults.length === 0 ? 0 : 1;
}

async function main() {
  const args = readArguments();
  const folder = mkdtempSync(join(tmpdir(), 'pmta2kumo-fuzz-'));
  const session = { slowest: 0, rss: 0, told: 0, patience: args.patience, end: performance.now() + args.ms };
  try {
    session.bundle = join(folder, 'thread.mjs');
    await bundle({
      entryPoints: [join(import.meta.dirname, 'thread.ts')],
      outfile: session.bundle,
      format: 'esm',
      // Stacks are to be read.
      minify: false,
      // CommonJS dependencies call require() for Node's own modules.
      banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" },
    });
    if (args.replay !== undefined) {
      const stuck = await runThread(session, { replay: args.replay, known: [], failures: folder });
      const said = stuck?.why ?? session.replayed;
      say(said === '' ? 'passes' : said);
      return said === '' ? 0 : 1;
    }
    mkdirSync(args.folder, { recursive: true });
    Object.assign(session, startState(args), { since: performance.now(), told: performance.now() });
    process.once('SIGINT', () => void session.worker?.terminate());
    const to = await fuzz(session, args);
    writeState(session.file, session.state);
    return report(session, to);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    process.stderr.write(`fuzz: ${error.message}\n`);
    process.exitCode = 2;
  },
);
