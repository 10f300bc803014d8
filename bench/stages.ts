/** The stages of the pipeline, for bench/run.mjs, which times each by itself. */
export { createDiagnostics } from '../src/diagnostics/diagnostic';
export { emitFiles } from '../src/emit/emit';
export { verifyFiles } from '../src/emit/verify';
export { diskHost } from '../src/host-disk';
export { checkTree } from '../src/kumo/check/check-tree';
export { emptyPolicy } from '../src/kumo/model';
export { runPasses } from '../src/passes';
export { DEFAULT_OPTIONS, emptyEgress } from '../src/passes/pass';
export { createLedger } from '../src/pmta/ledger';
export { resolveConfig } from '../src/pmta/resolve';
export { loadConfig } from '../src/syntax/load';
