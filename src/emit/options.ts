import { BASE_SHAPING_FILES } from '../kumo/base-shaping';
import type { KumoPolicy } from '../kumo/model';

/** What emission needs to know besides the policy. */
export interface EmitOptions {
  /** Directory in which the tree will live, without a slash at the end; goes into every path inside the tree. */
  readonly installDir: string;
  /** KumoMTA release to write for, `2024.11.08`. */
  readonly target: string;
  /** First lines of every file, without comment marks. */
  readonly header?: string;
}

const HEADER = 'Written by pmta2kumo from a PowerMTA configuration; MIGRATION.md says what is left to do.';

/** The lines of the header comment. */
export function headerLines(options: EmitOptions): readonly string[] {
  return (options.header ?? HEADER).split(/\r\n?|\n/);
}

/** Where a file of the tree will live. */
export function installedPath(options: EmitOptions, path: string): string {
  return `${options.installDir.replace(/\/+$/, '')}/${path}`;
}

/** All shaping files in the order in which they count, KumoMTA's own first. */
export function shapingFiles(policy: KumoPolicy, options: EmitOptions): readonly string[] {
  const base = policy.shaping.base.map((file) => BASE_SHAPING_FILES[file]);
  return [...base, installedPath(options, 'shaping.toml')];
}
