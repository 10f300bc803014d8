/** What bench/measure.mjs runs: `convert` as the command line runs it, told of each stage. */
export { convertCommand } from '../src/commands/convert';
export { diskHost } from '../src/host-disk';
export { DEFAULT_OPTIONS } from '../src/passes/pass';
