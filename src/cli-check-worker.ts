import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadData, ThreadMessage } from './cli-check-thread';
import { checkFiles } from './commands/check-files';
import { diffFiles } from './commands/diff-files';
import { diskHost } from './host-disk';

const { task, clock }: ThreadData = workerData;
const say = (message: ThreadMessage<unknown>): void => parentPort?.postMessage(message);
const watch = {
  enter: () => {
    Atomics.add(clock, 1, 1);
    Atomics.store(clock, 0, 1);
  },
  leave: () => void Atomics.store(clock, 0, 0),
};
const io = { host: diskHost(), stderr: () => {} };

// What is wrong with the options comes back as the result; what throws ends the thread, which tells of it.
async function run(): Promise<void> {
  if ('diff' in task) say({ result: await diffFiles(task.diff, io, watch) });
  else say({ result: await checkFiles(task.check, io, { watch, found: (found) => say({ found }) }) });
}

void run();
