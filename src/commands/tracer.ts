import { createTracer, type Tracer } from '../compare/trace';
import { createDomainRoles, sameCode } from '../kumo/runtime/domain-roles';
import { filesOf, loadConversion } from './loaded-tree';
import type { ConversionRequest, Converted } from './run-conversion';

/** A comparison with a tree that runs in the model of KumoMTA. */
export interface OpenTracer {
  readonly tracer: Tracer;
  /** How many errors the tree has: with any, what it resolves to means little. */
  readonly errors: number;
  /** Frees the model. */
  close(): void;
}

/**
 * Compares a conversion with the tree that it gives, or with the files of another one. `now`: unix time in seconds that
 * the tree sees.
 */
export async function tracerFor(
  converted: Converted,
  request: Pick<ConversionRequest, 'installDir' | 'target'>,
  files?: ReadonlyMap<string, string>,
  now?: number,
): Promise<OpenTracer> {
  const own = filesOf(converted.conversion);
  const { tree, errors, tenants, ...loaded } = await loadConversion(converted, request, files ?? own, now);
  // What Lua of other people does with a name is not known, so each name is asked about by itself.
  const roles = files === undefined || sameCode(own, files) ? createDomainRoles(files ?? own) : undefined;
  const options = { tenants, now: loaded.now, ...(roles === undefined ? {} : { roles }) };
  return { tracer: createTracer(converted.conversion.config, tree, options), errors, close: () => tree.close() };
}
