import { type CustomPatternMatcherReturn, createToken, type IToken, Lexer, type TokenType } from 'chevrotain';
import { BLANKS } from './characters';
import { scanTag, type TagShape } from './scan-tag';
import { closesInline, type Oddity, opensNested, scanValue } from './scan-value';

/**
 * Few and large tokens: a line is a name and the rest. Two modes: `line` where a name or a tag may begin, `value` from a
 * name to its line end. Blanks make no tokens; the tree fills them in from the offsets.
 */

/** Codes at which any word may begin, one for each of Chevrotain's buckets above 255. */
const WORD_STARTS = [
  ...Array.from({ length: 256 }, (_, code) => code),
  ...Array.from({ length: 512 }, (_, step) => 256 + step * 128).filter((code) => code <= 0xffff),
  0xffff,
];

const Blank = createToken({
  name: 'Blank',
  pattern: new RegExp(`[${BLANKS}\\r\\n]+`),
  group: Lexer.SKIPPED,
  line_breaks: true,
});
const Gap = createToken({ name: 'Gap', pattern: new RegExp(`[${BLANKS}]+`), group: Lexer.SKIPPED });
const LineEnd = createToken({
  name: 'LineEnd',
  pattern: new RegExp(`[\\r\\n][${BLANKS}\\r\\n]*`),
  group: Lexer.SKIPPED,
  line_breaks: true,
  pop_mode: true,
});

export const Comment = createToken({ name: 'Comment', pattern: /#[^\r\n]*/, start_chars_hint: ['#'] });

/** `<domain x>`, with or without its `>`; anywhere a line or an inline block goes on. */
export const OpenTag = createToken({
  name: 'OpenTag',
  pattern: (text, offset) => matchTag(text, offset, false),
  start_chars_hint: ['<'],
  line_breaks: false,
});
export const CloseTag = createToken({
  name: 'CloseTag',
  pattern: (text, offset) => matchTag(text, offset, true),
  start_chars_hint: ['<'],
  line_breaks: false,
});
/** A closing tag behind a directive on the same line. */
export const InlineCloseTag = createToken({
  name: 'InlineCloseTag',
  pattern: (text, offset) => (closesInline(text, offset) ? matchTag(text, offset, true) : null),
  start_chars_hint: ['<'],
  line_breaks: false,
  pop_mode: true,
});
/** An opening tag at the end of a directive's line. */
export const NestedTag = createToken({
  name: 'NestedTag',
  pattern: (text, offset) => (opensNested(text, offset) ? matchTag(text, offset, false) : null),
  start_chars_hint: ['<'],
  line_breaks: false,
});
/** A `<` that begins no tag takes the rest of its line. */
export const Malformed = createToken({
  name: 'Malformed',
  pattern: new RegExp(`<(?:[^#\\r\\n]*[^#\\r\\n${BLANKS}])?`),
  start_chars_hint: ['<'],
});

/** A line that begins with a regex is a value without a name. */
export const RegexLine = createToken({
  name: 'RegexLine',
  pattern: (text, offset) => matchValue(text, offset, true),
  start_chars_hint: ['/'],
  line_breaks: true,
  push_mode: 'value',
});
export const Name = createToken({
  name: 'Name',
  pattern: new RegExp(`[^#<${BLANKS}\\r\\n][^#${BLANKS}\\r\\n]*`),
  start_chars_hint: WORD_STARTS,
  push_mode: 'value',
});
export const Value = createToken({
  name: 'Value',
  pattern: (text, offset) => matchValue(text, offset, false),
  start_chars_hint: WORD_STARTS,
  line_breaks: true,
});

const modes = {
  line: [Blank, Comment, OpenTag, CloseTag, Malformed, RegexLine, Name],
  value: [Gap, LineEnd, Comment, InlineCloseTag, NestedTag, Value],
};

export const vocabulary: readonly TokenType[] = [...new Set([...modes.line, ...modes.value])];

const lexer = new Lexer(
  { modes, defaultMode: 'line' },
  // Spans are offsets; lines are counted from the source when somebody asks.
  { positionTracking: 'onlyOffset', ensureOptimizations: true },
);

/** Cuts a text into tokens; every character is in one, or is a blank. */
export function tokenize(text: string): IToken[] {
  return lexer.tokenize(text).tokens;
}

/** What a value holds beyond its text; undefined for the common value that is simply the text of its token. */
export interface ValuePayload {
  readonly value: string;
  readonly oddities: readonly Oddity[];
}

/** The parts of a tag token. */
export function tagShapeOf(token: IToken): TagShape {
  // Chevrotain types payloads as `any`; the patterns above are the only ones that set it.
  return token.payload;
}

/** The payload of a value token. */
export function valuePayloadOf(token: IToken): ValuePayload | undefined {
  return token.payload;
}

function matchTag(text: string, offset: number, closing: boolean): CustomPatternMatcherReturn | null {
  const shape = scanTag(text, offset);
  if (shape === undefined || shape.closing !== closing) return null;
  const match: CustomPatternMatcherReturn = [text.slice(offset, shape.end)];
  match.payload = shape;
  return match;
}

function matchValue(text: string, offset: number, opensLine: boolean): CustomPatternMatcherReturn | null {
  const shape = scanValue(text, offset, opensLine);
  if (shape.end === offset) return null;
  const match: CustomPatternMatcherReturn = [text.slice(offset, shape.end)];
  if (shape.oddities.length > 0) match.payload = { value: shape.value, oddities: shape.oddities };
  return match;
}
