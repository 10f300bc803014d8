import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { Input } from './inputs';
import { inputAt, inputs } from './inputs';
import { minimise } from './minimise';
import { examine, Fault, LAYERS, layersOf } from './properties';
import { readSeeds } from './seeds';

/** What run.mjs asks for. */
interface Job {
  readonly seed: number;
  readonly from: number;
  /** Number of the first input that is not run. */
  readonly to: number;
  readonly seedFolders: readonly string[];
  readonly failures: string;
  /** Properties whose faults were saved and made small before. */
  readonly known: readonly string[];
  /** `[0]` is the number of the input in hand, `[1]` counts up with each step. */
  readonly clock: Int32Array;
  /** Only saves the input with this number: the thread that had it in hand did not come back. */
  readonly save?: { readonly index: number; readonly why: string };
  /** Folder with an input that was saved. */
  readonly replay?: string;
  /** Number of an input that fails in this way, to see that it is noticed. */
  readonly plant?: { readonly index: number; readonly how: string };
}

const PROGRESS_EVERY = 500;
/** Inputs after which everything that is loaded once has been loaded. */
const WARM = 2_500;
/** Milliseconds that an ordinary input may take, twice in a row. Far above what any takes on a busy machine. */
const SLOW = 3_000;

const job = workerData as Job;
const known = new Set(job.known);
const counts: number[] = LAYERS.map(() => 0);
let ran = 0;
let slowest = 0;
let handles: number | undefined;

function say(message: Readonly<Record<string, unknown>>): void {
  parentPort?.postMessage(message);
}

/** What is wrong with an input, undefined for nothing. */
async function faultOf(input: Input, layers: number): Promise<Fault | undefined> {
  try {
    const passed = await examine(input, layers);
    if (passed.ran) ran++;
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error;
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    return new Fault(`throws ${message.replace(/\d+/g, 'N').slice(0, 80)}`, stack ?? message);
  }
}

async function timedFault(input: Input, layers: number): Promise<Fault | undefined> {
  const before = performance.now();
  const fault = await faultOf(input, layers);
  const took = performance.now() - before;
  slowest = Math.max(slowest, took);
  if (fault !== undefined || took < SLOW) return fault;
  const again = performance.now();
  await faultOf(input, layers);
  const second = performance.now() - again;
  return second < SLOW ? undefined : new Fault('takes long', `${took.toFixed(0)} and ${second.toFixed(0)} ms`);
}

/** `config` and what it includes, as files that can be converted, and the options beside them. */
function saveInput(folder: string, { files, options }: Input): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  writeFileSync(join(folder, 'options.json'), `${JSON.stringify(options, undefined, 2)}\n`);
}

function readInput(folder: string): Input {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => name !== 'options.json');
  const options = JSON.parse(readFileSync(join(folder, 'options.json'), 'utf8')) as Input['options'];
  return { files: Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))])), options };
}

async function save(index: number, input: Input, fault: Fault, layers: number): Promise<void> {
  if (known.has(fault.property)) {
    say({ fault: { index, property: fault.property } });
    return;
  }
  known.add(fault.property);
  const folder = join(job.failures, `${job.seed}-${index}`);
  saveInput(join(folder, 'input'), input);
  const same = async (candidate: Input) => {
    Atomics.add(job.clock, 1, 1);
    return (await faultOf(candidate, layers))?.property === fault.property;
  };
  const small = await minimise(input, same, { tries: 1500, ms: 30_000 });
  saveInput(join(folder, 'smallest'), small);
  writeFileSync(join(folder, 'fault.txt'), `${fault.property}\n\n${fault.detail}\n`);
  say({ fault: { index, property: fault.property, detail: fault.detail, folder } });
}

/** Open files and what keeps the loop of events alive; the least of three looks, since other threads open files too. */
function openHandles(): number {
  const look = () => {
    const files = process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
    return files + process.getActiveResourcesInfo().length;
  };
  return Math.min(look(), look(), look());
}

function checkHandles(index: number): void {
  const open = openHandles();
  handles ??= open;
  if (open > handles) say({ fault: { index, property: 'handles stay open', detail: `${handles}, then ${open}` } });
  handles = Math.max(handles, open);
}

async function plant(index: number): Promise<void> {
  if (job.plant?.index !== index) return;
  if (job.plant.how === 'hang') for (;;);
  if (job.plant.how === 'throw') throw new Fault('planted', 'as asked for');
}

async function runOne(index: number, input: Input): Promise<void> {
  const layers = layersOf(index);
  let fault = await timedFault(input, layers);
  await plant(index).catch((error: Fault) => {
    fault = error;
  });
  for (let layer = 0; layer < layers; layer++) counts[layer] = (counts[layer] ?? 0) + 1;
  if (fault !== undefined) await save(index, input, fault, layers);
}

function tell(next: number): void {
  say({ progress: { next, counts, ran, slowest, rss: process.memoryUsage().rss } });
  counts.fill(0);
  ran = 0;
}

async function run(): Promise<void> {
  const seeds = readSeeds(job.seedFolders);
  const arbitrary = inputs(seeds);
  say({ seeds: seeds.length, layers: LAYERS.map(({ name }) => name) });
  if (job.save !== undefined) {
    const folder = join(job.failures, `${job.seed}-${job.save.index}`);
    saveInput(join(folder, 'smallest'), inputAt(arbitrary, job.seed, job.save.index));
    writeFileSync(join(folder, 'fault.txt'), `${job.save.why}\n`);
    return;
  }
  for (let index = job.from; index < job.to; index++) {
    Atomics.store(job.clock, 0, index);
    Atomics.add(job.clock, 1, 1);
    await runOne(index, inputAt(arbitrary, job.seed, index));
    const done = index + 1 - job.from;
    if (done % WARM === 0) checkHandles(index);
    if (done % PROGRESS_EVERY === 0 || index + 1 === job.to) tell(index + 1);
  }
}

async function replay(folder: string): Promise<void> {
  const fault = await timedFault(readInput(folder), LAYERS.length);
  say({ replayed: fault === undefined ? undefined : `${fault.property}\n\n${fault.detail}` });
}

await (job.replay === undefined ? run() : replay(job.replay));
