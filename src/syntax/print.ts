import { type Source, textOf } from '../diagnostics/span';
import type { Block, Directive, FileNode, Item } from './ast';

/**
 * The text of a tree, put together from its items. Equals the source byte for byte as long as the tree has no hole;
 * blanks that belong to no item are printed inside a directive only, and only if they are blanks.
 */
export function printFile(node: FileNode): string {
  return node.items.map(printItem).join('');
}

function printItem(item: Item): string {
  switch (item.kind) {
    case 'directive':
      return printDirective(item);
    case 'block':
      return printBlock(item);
    case 'blank':
      return blanksOf(item.span.source, item.span.start, item.span.end);
    case 'comment':
    case 'broken':
      return textOf(item.span);
  }
}

function printDirective({ nameSpan, valueSpan, block, span }: Directive): string {
  const head = textOf(nameSpan) + blanksOf(span.source, nameSpan.end, valueSpan.start) + textOf(valueSpan);
  return block === undefined ? head : head + blanksOf(span.source, valueSpan.end, block.span.start) + printBlock(block);
}

function printBlock({ tag, items, close }: Block): string {
  return textOf(tag.span) + items.map(printItem).join('') + (close === undefined ? '' : textOf(close));
}

/** Only the blanks and line ends of a stretch, so that a character that no item covers is missed in the output. */
function blanksOf(source: Source, start: number, end: number): string {
  return source.text.slice(start, end).replace(/[^ \t\v\f\r\n\uFEFF]/g, '');
}
