import type { FileCopy } from '../kumo/model';
import type { Setting } from '../pmta/model';
import type { PassContext } from './pass';

/**
 * The path at which KumoMTA reads a file of PowerMTA's, and a step of the report that asks for the copy. `path(n)` names
 * the n-th choice (from 1); the first one that no other file has is taken.
 */
export function claimCopy(
  context: PassContext,
  from: string,
  path: (n: number) => string,
  what: FileCopy['what'],
  line: Setting,
): string {
  const { copies } = context.policy;
  for (let n = 1; ; n++) {
    const to = path(n);
    const taken = copies.get(to);
    if (taken !== undefined && taken.from !== from) continue;
    if (taken === undefined) copies.set(to, { from, to, what, origins: [line.span] });
    return to;
  }
}
