import type { Diagnostics } from './diagnostics/diagnostic';
import type { Source } from './diagnostics/span';
import { emitFiles } from './emit/emit';
import type { EmittedFile } from './emit/file';
import { verifyFiles } from './emit/verify';
import type { Host } from './host';
import { emptyPolicy, type KumoPolicy } from './kumo/model';
import { runPasses } from './passes';
import { type ConvertOptions, emptyEgress } from './passes/pass';
import { createLedger, type Ledger } from './pmta/ledger';
import type { PmtaConfig } from './pmta/model';
import { resolveConfig } from './pmta/resolve';
import { type LoadOptions, loadConfig } from './syntax/load';

/** Everything a command may want to show. `files` holds the configuration only; reports are made from the rest. */
export interface Conversion {
  /** The files that were read, in the order of reading; of what stood in them, `config` holds what counts. */
  readonly sources: readonly Source[];
  readonly config: PmtaConfig;
  readonly policy: KumoPolicy;
  readonly ledger: Ledger;
  readonly files: readonly EmittedFile[];
}

/** Told as a stage begins; `done` of `all` where something is counted. */
export type OnStage = (stage: string, done?: number, all?: number) => void;

/**
 * Reads the configuration at `path` (file or folder) and converts it. Writes nothing; throws HostError only. Stages are
 * told in words for people.
 */
export function convert(
  host: Host,
  path: string,
  options: ConvertOptions & LoadOptions,
  diagnostics: Diagnostics,
  onStage: OnStage = () => {},
): Conversion {
  const ledger = createLedger();
  const { sources, config } = readConfig(host, path, options, ledger, diagnostics, onStage);
  const policy = emptyPolicy();
  const context = { config, egress: emptyEgress(), policy, ledger, diagnostics, options };
  runPasses(context, (done, all) => onStage('converting', done, all));
  onStage('making the files');
  const files = emitFiles(policy, { installDir: options.installDir, target: options.target });
  onStage('reading the files back');
  for (const { path: file, line, message } of verifyFiles(files, policy)) {
    diagnostics.report('emitted-invalid', undefined, { file, line: String(line), message });
  }
  return { sources, config, policy, ledger, files };
}

/** Load and resolve. The syntax trees end here: of a large input they are most of what would be held in memory. */
function readConfig(
  host: Host,
  path: string,
  options: LoadOptions,
  ledger: Ledger,
  diagnostics: Diagnostics,
  onStage: OnStage,
): Pick<Conversion, 'sources' | 'config'> {
  onStage('reading');
  const loaded = loadConfig(host, path, options, diagnostics);
  onStage("applying PowerMTA's rules");
  return { sources: loaded.files.map(({ source }) => source), config: resolveConfig(loaded, ledger, diagnostics) };
}
