import { getAsset, isSea } from 'node:sea';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import type { TreesCompared } from './changes/compare-trees';
import type { CheckJob } from './commands/check-files';
import type { DiffJob } from './commands/diff-files';
import { catalogue } from './diagnostics/catalogue';
import { collate } from './kumo/check/collate';
import type { Finding } from './kumo/runtime/finding';

/** What a thread may be asked to do: everything that runs the Lua of somebody's tree. */
export type ThreadTask = { readonly check: CheckJob } | { readonly diff: DiffJob };

/** What the thread is given: `clock[0]` is 1 while Lua runs, `clock[1]` counts how often it began. */
export interface ThreadData {
  readonly task: ThreadTask;
  readonly clock: Int32Array;
}

/** What the thread says: the first are findings on the way, which count if it has to be ended. */
export type ThreadMessage<Result> = { readonly found: readonly Finding[] } | { readonly result: Result };

/** Milliseconds that Lua may run without a call of KumoMTA; its own limit is 5 seconds, looked at between calls. */
const LONGEST = 8_000;
const EVERY = 250;

/** Runs a check in a thread of its own and ends it when one call of the policy does not come back. */
export function checkInThread(job: CheckJob): Promise<readonly Finding[] | string> {
  return runInThread<readonly Finding[] | string>({ check: job }, (found) => collate([...found, endless()], job.files));
}

/** Compares two trees in a thread of its own, which is ended likewise. */
export function diffInThread(job: DiffJob): Promise<TreesCompared | string> {
  return runInThread<TreesCompared | string>({ diff: job }, () => ({
    kind: 'broken',
    which: 'before',
    findings: [endless()],
  }));
}

/** `ended` makes the result of a thread that had to be ended, of what it found until then. */
function runInThread<Result>(task: ThreadTask, ended: (found: readonly Finding[]) => Result): Promise<Result> {
  const clock = new Int32Array(new SharedArrayBuffer(8));
  const worker = newWorker({ workerData: { task, clock } satisfies ThreadData });
  const found: Finding[] = [];
  return new Promise((settle, fail) => {
    const stop = () => {
      settle(ended(found));
      void worker.terminate();
    };
    const watching = watch(clock, stop);
    worker.on('message', (message: ThreadMessage<Result>) => {
      if ('found' in message) found.push(...message.found);
      else settle(message.result);
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') stop();
      else fail(error);
    });
    worker.on('exit', () => {
      clearInterval(watching);
      fail(new Error('the thread that checks ended early'));
    });
  });
}

/** In the single executable there is no file to load; the code of the thread is a part of it (scripts/executable.mjs). */
function newWorker(options: WorkerOptions): Worker {
  if (isSea()) return new Worker(getAsset('check-worker.js', 'utf8'), { ...options, eval: true });
  return new Worker(new URL('./cli-check-worker.js', import.meta.url), options);
}

function watch(clock: Int32Array, end: () => void): NodeJS.Timeout {
  let [last, since] = [-1, Date.now()];
  return setInterval(() => {
    const runs = Atomics.load(clock, 1);
    if (Atomics.load(clock, 0) === 0 || runs !== last) [last, since] = [runs, Date.now()];
    else if (Date.now() - since > LONGEST) end();
  }, EVERY);
}

function endless(): Finding {
  const message = 'the policy does not come back from one call, as with a pattern that tries everything; it was ended';
  return { code: 'tree-limit', severity: catalogue['tree-limit'].severity, message };
}
