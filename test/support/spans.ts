import type { Span } from '../../src/diagnostics/span';
import type { Item } from '../../src/syntax/ast';

/** The spans of a tree that follow each other without overlapping, in the order of the text. */
export function spansIn(items: readonly Item[]): Span[] {
  return items.flatMap((item) => {
    if (item.kind === 'block') return [item.tag.span, ...spansIn(item.items), ...(item.close ? [item.close] : [])];
    if (item.kind !== 'directive') return [item.span];
    return [item.nameSpan, item.valueSpan, ...(item.block === undefined ? [] : spansIn([item.block]))];
  });
}
