/** What bench/measure.mjs runs: the command line itself, told of each stage. */
export { runProgram } from '../src/cli-program';
export { diskHost } from '../src/host-disk';
