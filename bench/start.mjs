// How long the tool takes to start, against Node that does nothing. Both are timed in turn, so that a busy machine slows
// both.
import { join } from 'node:path';
import { generateInto } from './generate.mjs';
import { median, TOOL, timeOf } from './process.mjs';

/** What is timed, and at most how many times as long as `node -e 0` it should take. */
const CASES = [
  { name: '--version', goal: 1.3, args: () => ['--version'] },
  { name: '--help', goal: 1.3, args: () => ['--help'] },
  { name: 'convert of 300 lines', goal: 2.5, args: (folder) => convert300(folder) },
];

function convert300(folder) {
  const [config] = generateInto(join(folder, 'start'), 'virtual-mtas', 300);
  return ['convert', config, '--output', join(folder, 'start-tree'), '--force', '--quiet'];
}

/** Times each case `runs` times; returns whether all goals are met. */
export function reportStart(folder, runs) {
  process.stdout.write(`\nstart, medians of ${runs} runs\n`);
  const met = CASES.map(({ name, goal, args }) => {
    const own = args(folder);
    const pairs = Array.from({ length: runs }, () => ({ node: timeOf(['-e', '0']), tool: timeOf([TOOL, ...own]) }));
    const node = median(pairs.map((pair) => pair.node));
    const tool = median(pairs.map((pair) => pair.tool));
    const verdict = tool / node <= goal ? 'met' : 'not met';
    process.stdout.write(
      `${name.padEnd(22)} ${tool.toFixed(1).padStart(7)} ms, node -e 0 ${node.toFixed(1)} ms: ` +
        `${(tool / node).toFixed(2)}x, goal ${goal}x: ${verdict}\n`,
    );
    return tool / node <= goal;
  });
  return met.every(Boolean);
}
