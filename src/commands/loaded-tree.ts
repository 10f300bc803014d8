import type { LoadedTree } from '../kumo/runtime/answers';
import { loadTree } from '../kumo/runtime/load-tree';
import type { Conversion } from '../pipeline';
import type { ConversionRequest, Converted } from './run-conversion';

/** A tree that runs in the model of KumoMTA, with what is known of a conversion. */
export interface OpenedTree {
  readonly tree: LoadedTree;
  /** Unix time in seconds that the tree sees. */
  readonly now: number;
  /** How many errors the tree has: with any, what it resolves to means little. */
  readonly errors: number;
  /** Tenants of virtual-mtas and pools, by lower-cased name, where they are not the name in lower case. */
  readonly tenants: ReadonlyMap<string, string>;
}

/** Loads the tree that a conversion gives, or the files of another one. The caller closes it. */
export async function loadConversion(
  { conversion, mx }: Pick<Converted, 'conversion' | 'mx'>,
  { installDir, target }: Pick<ConversionRequest, 'installDir' | 'target'>,
  files: ReadonlyMap<string, string> = filesOf(conversion),
  now = Math.floor(Date.now() / 1000),
): Promise<OpenedTree> {
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
  return { tree, now, errors, tenants };
}

/** The files that a conversion would write, by path. */
export function filesOf({ files }: Conversion): ReadonlyMap<string, string> {
  return new Map(files.map(({ path, content }) => [path, content]));
}
