import type { Diagnostics } from '../diagnostics/diagnostic';
import type { Source, Span } from '../diagnostics/span';
import type { FileNode, Item } from './ast';
import { parseTokens } from './grammar';
import { tokenize } from './tokens';

/** Control characters other than tab, line ends, vertical tab and form feed. */
const CONTROL = /[\0-\x08\x0e-\x1f\x7f]/;

/**
 * Parses one file into a tree that covers the whole text. Never throws: what is no part of the language becomes a
 * `broken` item with a diagnostic (codes `tag-*`, `nesting-too-deep`, `continued-*`, `hash-in-quotes`,
 * `control-character`). Includes are not followed; see `load.ts`.
 */
export function parseFile(source: Source, diagnostics: Diagnostics): FileNode {
  reportControlCharacters(source, diagnostics);
  const items = parseTokens(source, tokenize(source.text), diagnostics);
  return { kind: 'file', source, items: items ?? [unreadable(source, diagnostics)] };
}

function reportControlCharacters(source: Source, diagnostics: Diagnostics): void {
  const start = source.text.search(CONTROL);
  if (start < 0) return;
  const code = source.text.charCodeAt(start).toString(16).toUpperCase().padStart(4, '0');
  diagnostics.report('control-character', { source, start, end: start + 1 }, { character: `U+${code}` });
}

/** The grammar accepts every text; should it not, then nothing of the file may be lost without a word. */
function unreadable(source: Source, diagnostics: Diagnostics): Item {
  const span: Span = { source, start: 0, end: source.text.length };
  diagnostics.report('file-not-understood', span, {});
  return { kind: 'broken', span };
}
