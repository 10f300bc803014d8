import type { Source, Span } from '../diagnostics/span';

/**
 * The tree of one file. It is lossless: the spans of a file's items, in order, together with the blanks between
 * them, give back the text (see `print.ts`). It knows no directive names.
 */
export interface FileNode {
  readonly kind: 'file';
  readonly source: Source;
  readonly items: readonly Item[];
}

export type Item = Directive | Block | Trivia | Broken;

/** A word and the rest of its line: `max-smtp-out 20`, `reply /x/ mode=backoff`, `/re/ category` (empty name). */
export interface Directive {
  readonly kind: 'directive';
  /** As written. Empty for a line that begins with a regex, as in bounce-category-patterns. */
  readonly name: string;
  readonly nameSpan: Span;
  /**
   * The rest of the line, without the blanks around it and without a comment; comments and line ends inside a value
   * that runs over several lines are taken out of `value`, while `valueSpan` covers them.
   * Quotes and escapes are still in it: what they mean depends on the kind of value.
   */
  readonly value: string;
  readonly valueSpan: Span;
  /** From the first character of the name to the last of the value (or of the nested block). */
  readonly span: Span;
  /** `mail-from /x/ <pattern-list> ... </pattern-list>`: a block opened at the end of the line. */
  readonly block?: Block;
}

export interface Block {
  readonly kind: 'block';
  readonly tag: Tag;
  readonly items: readonly Item[];
  /** Absent when the block was closed by the end of the file or by the tag around it (then diagnosed). */
  readonly close?: Span;
  readonly span: Span;
}

/** `<domain gmail.com>`: name as written, argument without the blanks around it and with quotes taken off. */
export interface Tag {
  readonly name: string;
  readonly nameSpan: Span;
  readonly argument: string;
  readonly argumentSpan: Span;
  readonly span: Span;
}

/** Blanks, line ends and comments. */
export interface Trivia {
  readonly kind: 'blank' | 'comment';
  readonly span: Span;
}

/** Text that is no part of the language here: a stray closing tag, a tag without `>`. Always diagnosed. */
export interface Broken {
  readonly kind: 'broken';
  readonly span: Span;
}
