import { createTracer, type Tracer } from '../compare/trace';
import { loadTree } from '../kumo/runtime/load-tree';
import type { Conversion } from '../pipeline';
import type { ConversionRequest, Converted } from './run-conversion';

/** A comparison with a tree that runs in the model of KumoMTA. */
export interface OpenTracer {
  readonly tracer: Tracer;
  /** How many errors the tree has: with any, what it resolves to means little. */
  readonly errors: number;
  /** Frees the model. */
  close(): void;
}

/** Compares a conversion with the tree that it gives, or with the files of another one. */
export async function tracerFor(
  { conversion, mx }: Converted,
  { installDir, target }: Pick<ConversionRequest, 'installDir' | 'target'>,
  files: ReadonlyMap<string, string> = filesOf(conversion),
): Promise<OpenTracer> {
  const now = Math.floor(Date.now() / 1000);
  const tree = await loadTree(files, {
    installDir,
    target,
    now,
    mx: (domain) => {
      const hosts = mx.hostsOf(domain);
      return hosts.length === 0 ? undefined : { hosts };
    },
  });
  const renames = conversion.policy.renames.filter(({ what }) => what === 'tenant');
  const tenants = new Map(renames.map(({ from, to }) => [from.toLowerCase(), to]));
  const errors = tree.findings.filter(({ severity }) => severity === 'error').length;
  return { tracer: createTracer(conversion.config, tree, tenants, now), errors, close: () => tree.close() };
}

function filesOf({ files }: Conversion): ReadonlyMap<string, string> {
  return new Map(files.map(({ path, content }) => [path, content]));
}
