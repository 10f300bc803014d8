import { eastAsianWidth } from 'get-east-asian-width';

/**
 * Text of the input as a terminal may show it: nothing in it can move the cursor, change colours or reorder what the
 * reader sees (control characters, bidirectional overrides), and every character has a known width.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|(?! )\p{Zs}/u;
const ZERO_WIDTH = /[\p{Mn}\p{Me}]/u;
const EMOJI = /\p{Emoji_Presentation}/u;

/** One character of the input as it is shown: what is printed, and how many terminal columns it takes. */
export interface Cell {
  readonly shown: string;
  readonly width: number;
}

/** How one code point is shown; a tab as the blanks up to the next multiple of four from `column` (zero-based). */
export function cellOf(character: string, column: number): Cell {
  if (character === '\t') {
    const width = 4 - (column % 4);
    return { shown: ' '.repeat(width), width };
  }
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x20 && code < 0x7f) return { shown: character, width: 1 };
  if (UNSAFE.test(character)) {
    const shown = escapeOf(code);
    return { shown, width: shown.length };
  }
  return { shown: character, width: widthOf(character, code) };
}

/** The text with everything unsafe for a terminal made visible: `\x1b`, `\n`, `\u{202e}`. Tabs become `\t`. */
export function visibleText(text: string): string {
  let shown = '';
  for (const character of text) shown += character === '\t' ? '\\t' : cellOf(character, 0).shown;
  return shown;
}

/** Terminal columns that a text takes once it went through {@link visibleText}. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += widthOf(character, character.codePointAt(0) ?? 0);
  return width;
}

function widthOf(character: string, code: number): number {
  if (code < 0x300) return 1;
  if (ZERO_WIDTH.test(character)) return 0;
  return EMOJI.test(character) ? 2 : eastAsianWidth(code);
}

function escapeOf(code: number): string {
  if (code === 0x0a) return '\\n';
  if (code === 0x0d) return '\\r';
  const hex = code.toString(16);
  return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`;
}
