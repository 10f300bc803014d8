import type { Diagnostic } from './diagnostic';

/** By file in order of first appearance, then by place; what has no place comes first. */
export function inInputOrder(list: readonly Diagnostic[]): readonly Diagnostic[] {
  const files = new Map<string, number>();
  for (const { span } of list) {
    if (span !== undefined && !files.has(span.source.path)) files.set(span.source.path, files.size);
  }
  const rank = (diagnostic: Diagnostic): number => files.get(diagnostic.span?.source.path ?? '') ?? -1;
  return [...list].sort((a, b) => rank(a) - rank(b) || (a.span?.start ?? 0) - (b.span?.start ?? 0));
}
