import { createTracer, type Tracer } from '../compare/trace';
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
  files: ReadonlyMap<string, string> = filesOf(converted.conversion),
  now?: number,
): Promise<OpenTracer> {
  const loaded = await loadConversion(converted, request, files, now);
  const { tree, errors, tenants } = loaded;
  return {
    tracer: createTracer(converted.conversion.config, tree, tenants, loaded.now),
    errors,
    close: () => tree.close(),
  };
}
