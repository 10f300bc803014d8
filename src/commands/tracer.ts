import { createTracer, type Tracer } from '../compare/trace';
import { loadTree } from '../kumo/runtime/load-tree';
import type { Conversion } from '../pipeline';
import type { ConversionRequest, Converted } from './run-conversion';

/** A comparison of a conversion with the tree that it gives, run in the model of KumoMTA; `close` frees the model. */
export async function tracerFor(
  { conversion, mx }: Converted,
  { installDir, target }: Pick<ConversionRequest, 'installDir' | 'target'>,
  files: ReadonlyMap<string, string> = filesOf(conversion),
): Promise<{ readonly tracer: Tracer; close(): void }> {
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
  return { tracer: createTracer(conversion.config, tree, tenants, now), close: () => tree.close() };
}

function filesOf({ files }: Conversion): ReadonlyMap<string, string> {
  return new Map(files.map(({ path, content }) => [path, content]));
}
