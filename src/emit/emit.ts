import type { KumoPolicy } from '../kumo/model';
import type { EmittedFile } from './file';
import { FILES } from './files';
import type { EmitOptions } from './options';

/**
 * The policy tree in memory. The same policy and options give the same bytes: no dates, host names or versions. Files
 * with nothing to say are left out, except init.lua and the three data files it always names. Throws a RangeError for
 * numbers that no file can hold, which is a fault of the passes.
 */
export function emitFiles(policy: KumoPolicy, options: EmitOptions): readonly EmittedFile[] {
  return FILES.filter((row) => row.needed(policy)).flatMap((row) => row.make(policy, options));
}
