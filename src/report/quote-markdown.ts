import { visibleText } from '../diagnostics/visible';

/**
 * Text of the input as a Markdown code span. Nothing in it is markup: the fence is longer than any run of backticks
 * inside, control characters are made visible, and `|` is escaped where the span stands in a table.
 */
export function quoteCode(text: string, place: 'text' | 'table' = 'text'): string {
  const shown = visibleText(text);
  if (shown.trim() === '') return shown === '' ? '*(empty)*' : '*(blank)*';
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  // CommonMark takes one blank off both ends when both are there.
  const pad = /^`|`$|^ .* $/.test(shown) ? ' ' : '';
  const span = `${fence}${pad}${shown}${pad}${fence}`;
  return place === 'table' ? span.replaceAll('|', '\\|') : span;
}

/**
 * A sentence, which may hold text of the input, as plain Markdown text on one line: no markup, HTML, link or mention
 * comes of it.
 */
export function quoteText(text: string): string {
  return visibleText(text.trim())
    .replace(/[\\`*[\]|~$]/g, '\\$&')
    .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/#(?=\d)/g, '#&#8203;')
    .replace(/:(?=\/\/)/g, ':&#8203;')
    .replace(/\bwww\./gi, '$&&#8203;')
    .replace(/@/g, '@&#8203;')
    .replace(/^([#+=-]|\d+(?=[.)]))/, (start) => (/\d/.test(start) ? `${start}&#8203;` : `\\${start}`));
}

/** Lines as a fenced block, indented to belong to a list item; the fence is longer than any inside. */
export function quoteBlock(text: string, indent: number): string {
  const lines = text.replace(/\n$/, '').split('\n').map(visibleText);
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  const margin = ' '.repeat(indent);
  return [fence, ...lines, fence].map((line) => `${margin}${line}`.trimEnd()).join('\n');
}
