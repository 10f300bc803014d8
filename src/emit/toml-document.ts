import type { Span } from '../diagnostics/span';
import type { EmittedFile } from './file';
import { placesOf, placesText } from './places';
import { type QuoteStyle, type TomlSegment, tomlComment, tomlKey, tomlName, tomlPath } from './quote-toml';

/** A line `key = value`. The value is TOML already, made by quote-toml; the key is quoted here. */
export interface TomlEntry {
  /** A word of KumoMTA's, or a name from the input. */
  readonly key: TomlSegment;
  readonly value: string;
  /** Said behind the value. */
  readonly comment?: string;
  readonly origins: readonly Span[];
}

/** Entries that stand together under a comment of their own. */
export interface TomlPart {
  readonly comments: readonly string[];
  /** Named in a comment, and the origin of the header's line. */
  readonly origins: readonly Span[];
  readonly entries: readonly TomlEntry[];
}

/** A table: header and entries. An empty path is the top of the file, which has no header and must be the first block. */
export interface TomlBlock {
  readonly path: readonly TomlSegment[];
  /** `[[...]]`, one more item of an array of tables. */
  readonly item?: boolean;
  /** The comment of the first stands before the header, those of the others between the entries. */
  readonly parts: readonly TomlPart[];
}

/** A TOML document as text, with the input places of its lines (one-based, counted from the document's first line). */
export interface TomlText {
  readonly kind: 'toml-text';
  readonly text: string;
  readonly origins: EmittedFile['origins'];
}

/** Blocks as text, one blank line between them. Blocks without parts, and top blocks without entries, are left out. */
export function tomlText(blocks: readonly TomlBlock[], style: QuoteStyle): TomlText {
  const lines: string[] = [];
  const origins: { readonly line: number; readonly places: readonly string[] }[] = [];
  for (const block of blocks) {
    const made = blockLines(block, style);
    if (made.length === 0) continue;
    if (lines.length > 0) lines.push('');
    for (const { text, origins: spans } of made) {
      if (spans.length > 0) origins.push({ line: lines.length + 1, places: placesOf(spans) });
      // A value may take several lines; its origin belongs to the first.
      lines.push(...text.split('\n'));
    }
  }
  return { kind: 'toml-text', text: lines.join('\n'), origins };
}

interface Line {
  readonly text: string;
  readonly origins: readonly Span[];
}

function blockLines(block: TomlBlock, style: QuoteStyle): readonly Line[] {
  const [first, ...more] = block.parts;
  if (first === undefined) return [];
  return [
    ...commentLines(first),
    ...headerLine(block, style, more.length === 0 ? first.origins : []),
    ...entryLines(first, style),
    ...more.flatMap((part) => [...commentLines(part), ...entryLines(part, style)]),
  ];
}

function entryLines(part: TomlPart, style: QuoteStyle): readonly Line[] {
  return part.entries.map((entry) => entryLine(entry, style));
}

function headerLine(block: TomlBlock, style: QuoteStyle, origins: readonly Span[]): readonly Line[] {
  if (block.path.length === 0) return [];
  const path = tomlPath(block.path, style);
  return [{ text: block.item === true ? `[[${path}]]` : `[${path}]`, origins }];
}

function commentLines(part: TomlPart): readonly Line[] {
  const places = placesText(part.origins);
  const texts = places === '' ? part.comments : [...part.comments, places];
  return texts.map((text) => ({ text: tomlComment(text), origins: [] }));
}

function entryLine(entry: TomlEntry, style: QuoteStyle): Line {
  const key = typeof entry.key === 'string' ? tomlKey(entry.key) : tomlName(entry.key.name, style);
  const comment = entry.comment === undefined ? '' : ` ${tomlComment(entry.comment)}`;
  return { text: `${key} = ${entry.value}${comment}`, origins: entry.origins };
}
