import type { IToken } from 'chevrotain';
import type { Source, Span } from '../diagnostics/span';
import type { Block, Broken, Directive, Item, Tag, Trivia } from './ast';
import { unquoteArgument } from './scan-tag';
import { tagShapeOf, valuePayloadOf } from './tokens';

/** Builds the nodes of the tree out of tokens. A token covers `[startOffset, startOffset + image.length)`. */

export function spanOf(source: Source, token: IToken): Span {
  return { source, start: token.startOffset, end: token.startOffset + token.image.length };
}

export function makeTag(source: Source, token: IToken): Tag {
  const shape = tagShapeOf(token);
  return {
    name: source.text.slice(shape.nameStart, shape.nameEnd),
    nameSpan: { source, start: shape.nameStart, end: shape.nameEnd },
    argument: unquoteArgument(source.text.slice(shape.argumentStart, shape.argumentEnd)),
    argumentSpan: { source, start: shape.argumentStart, end: shape.argumentEnd },
    span: spanOf(source, token),
  };
}

/** `name` is absent for a line that begins with a regex; one of `name` and `value` is always there. */
export function makeDirective(
  source: Source,
  name: IToken | undefined,
  value: IToken | undefined,
  block: Block | undefined,
): Directive {
  const start = (name ?? value)?.startOffset ?? 0;
  const nameSpan = name === undefined ? { source, start, end: start } : spanOf(source, name);
  const valueSpan = value === undefined ? { source, start: nameSpan.end, end: nameSpan.end } : spanOf(source, value);
  const directive: Directive = {
    kind: 'directive',
    name: name?.image ?? '',
    nameSpan,
    value: value === undefined ? '' : (valuePayloadOf(value)?.value ?? value.image),
    valueSpan,
    span: { source, start, end: block?.span.end ?? valueSpan.end },
  };
  return block === undefined ? directive : { ...directive, block };
}

/** A block ends with its closing tag or, when that is missing, with the last thing in it. */
export function makeBlock(tag: Tag, items: readonly Item[], close: Span | undefined): Block {
  const { source, start } = tag.span;
  const end = close?.end ?? items.at(-1)?.span.end ?? tag.span.end;
  const block: Block = { kind: 'block', tag, items, span: { source, start, end } };
  return close === undefined ? block : { ...block, close };
}

export function makeComment(source: Source, token: IToken): Trivia {
  return { kind: 'comment', span: spanOf(source, token) };
}

export function makeBroken(source: Source, token: IToken): Broken {
  return { kind: 'broken', span: spanOf(source, token) };
}
