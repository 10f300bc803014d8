import { createDiagnostics, type Diagnostic } from '../../src/diagnostics/diagnostic';
import { createSource, positionAt, textOf } from '../../src/diagnostics/span';
import type { FileNode, Item } from '../../src/syntax/ast';
import { parseFile } from '../../src/syntax/parse';

/** One line a thing, indented by nesting: `name = value`, `<tag argument>`, `</>` for a closed block, `# comment`. */
export function outlineOf(items: readonly Item[], indent = ''): string[] {
  return items.flatMap((item) => outlineOfItem(item, indent));
}

function outlineOfItem(item: Item, indent: string): string[] {
  switch (item.kind) {
    case 'blank':
      return [];
    case 'comment':
      return [`${indent}${textOf(item.span)}`];
    case 'broken':
      return [`${indent}broken ${textOf(item.span)}`];
    case 'directive': {
      const own = `${indent}${item.name} = ${item.value}`;
      return item.block === undefined ? [own] : [own, ...outlineOfItem(item.block, `${indent}  `)];
    }
    case 'block': {
      const { name, argument } = item.tag;
      const open = `${indent}<${argument === '' ? name : `${name} ${argument}`}>`;
      const close = item.close === undefined ? [] : [`${indent}</>`];
      return [open, ...outlineOf(item.items, `${indent}  `), ...close];
    }
  }
}

/** `code line:column`, or `code -` without a place. */
export function placeOfEach(list: readonly Diagnostic[]): string[] {
  return list.map(({ code, span }) => {
    if (span === undefined) return `${code} -`;
    const { line, column } = positionAt(span.source, span.start);
    return `${code} ${line}:${column}`;
  });
}

export interface Parsed {
  readonly node: FileNode;
  readonly outline: readonly string[];
  readonly found: readonly string[];
}

export function parseText(text: string): Parsed {
  const diagnostics = createDiagnostics();
  const node = parseFile(createSource('config', text), diagnostics);
  return { node, outline: outlineOf(node.items), found: placeOfEach(diagnostics.list) };
}
