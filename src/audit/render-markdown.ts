import { quoteCode, quoteText } from '../report/quote-markdown';
import type { Block, Inline, Line, Section } from './document';

/** Sections as a Markdown document, for a mail or a ticket. Text of the input is never markup. */
export function sectionsMarkdown(sections: readonly Section[]): string {
  const parts = sections.map(({ title, level, blocks }) => {
    const heading = `${'#'.repeat(level)} ${quoteText(title)}`;
    return [heading, ...blocks.map(blockText)].join('\n\n');
  });
  return `${parts.join('\n\n')}\n`;
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'text':
      return lineText(block.line, 'text');
    case 'table':
      return [
        row(block.columns.map(({ title }) => title)),
        `|${block.columns.map(({ align }) => (align === 'right' ? '---:|' : '---|')).join('')}`,
        ...block.rows.map((cells) => row(cells.map((cell) => lineText(cell, 'table')))),
      ].join('\n');
    case 'list':
      return block.items
        .map((item, i) => {
          const mark = block.style === 'numbers' ? `${i + 1}.` : block.style === 'tasks' ? '- [ ]' : '-';
          const pad = ' '.repeat(block.style === 'numbers' ? mark.length + 1 : 2);
          return item.map((line, n) => `${n === 0 ? `${mark} ` : pad}${lineText(line, 'text')}`).join('  \n');
        })
        .join('\n');
  }
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function lineText(line: Line, place: 'text' | 'table'): string {
  return line.map((inline) => inlineText(inline, place)).join('');
}

function inlineText(inline: Inline, place: 'text' | 'table'): string {
  // Our own words, which hold no markup and no text of the input.
  if (typeof inline === 'string') return inline.replace(/[\\`*|<]/g, '\\$&');
  if ('url' in inline) return `<${encodeURI(inline.url)}>`;
  if ('code' in inline) return quoteCode(inline.code, place);
  return quoteText(inline.said);
}
