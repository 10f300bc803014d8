import { EmbeddedActionsParser, type IToken, type ParserMethod } from 'chevrotain';
import { createDiagnostics, type Diagnostics } from '../diagnostics/diagnostic';
import { createSource, type Source, type Span } from '../diagnostics/span';
import type { Block, Broken, Directive, Item, Tag } from './ast';
import { makeBlock, makeBroken, makeComment, makeDirective, makeTag, spanOf } from './nodes';
import {
  CloseTag,
  Comment,
  InlineCloseTag,
  Malformed,
  Name,
  NestedTag,
  OpenTag,
  RegexLine,
  tagShapeOf,
  Value,
  valuePayloadOf,
  vocabulary,
} from './tokens';

/** Blocks in blocks. Real files need three; the limit keeps hostile ones from exhausting the stack. */
const MAX_NESTING = 64;

/**
 * The grammar of one file. It knows no directive names. Which closing tag closes which block depends on names, so gates
 * decide that; apart from it one token of lookahead is enough.
 *
 * Embedded actions build the tree at once: a CST in between would double time and memory for a large file. Recovery is
 * off because every sequence of tokens that the lexer makes is a sentence: broken input is part of the grammar.
 */
class ConfigParser extends EmbeddedActionsParser {
  private source: Source = createSource('', '');
  private diagnostics: Diagnostics = createDiagnostics();
  /** Tags of the blocks around the current place, outermost first. */
  private open: Tag[] = [];
  /** How many tags beyond the nesting limit still wait for their closing tags. */
  private refused = 0;
  /** Up to where the items made so far cover the text. */
  private covered = 0;

  constructor() {
    super([...vocabulary], { maxLookahead: 1, recoveryEnabled: false });
    this.performSelfAnalysis();
  }

  /** The items of a file. Undefined when the tokens are no sentence, which no text should bring about. */
  run(source: Source, tokens: IToken[], diagnostics: Diagnostics): readonly Item[] | undefined {
    this.input = tokens;
    this.source = source;
    this.diagnostics = diagnostics;
    this.open = [];
    this.refused = 0;
    this.covered = 0;
    const items = this.file();
    const complete = this.errors.length === 0;
    // The instance lives as long as the process; the text need not.
    this.input = [];
    this.source = createSource('', '');
    return complete ? items : undefined;
  }

  private readonly file = this.RULE('file', (): readonly Item[] => {
    const items = this.SUBRULE(this.items);
    this.ACTION(() => this.coverBlanks(items, this.source.text.length));
    return items;
  });

  private readonly items: ParserMethod<[], Item[]> = this.RULE('items', () => {
    const items: Item[] = [];
    this.MANY({
      GATE: () => !this.endsBlock(this.LA(1)),
      DEF: () => {
        this.ACTION(() => this.coverBlanks(items, this.LA(1).startOffset));
        const item = this.SUBRULE(this.item);
        this.ACTION(() => {
          items.push(item);
          this.covered = item.span.end;
        });
      },
    });
    return items;
  });

  private readonly item: ParserMethod<[], Item> = this.RULE('item', () =>
    this.OR<Item>([
      { ALT: () => this.SUBRULE(this.directive) },
      { ALT: () => makeComment(this.source, this.CONSUME(Comment)) },
      { GATE: () => this.hasRoom(), ALT: () => this.SUBRULE(this.block), IGNORE_AMBIGUITIES: true },
      { ALT: () => this.SUBRULE(this.broken) },
    ]),
  );

  private readonly directive: ParserMethod<[], Directive> = this.RULE('directive', () => {
    let name: IToken | undefined;
    let value: IToken | undefined;
    this.OR([
      {
        ALT: () => {
          name = this.CONSUME(Name);
          value = this.OPTION(() => this.CONSUME(Value));
        },
      },
      {
        ALT: () => {
          value = this.CONSUME(RegexLine);
        },
      },
    ]);
    this.ACTION(() => this.reportOddities(value));
    const block = this.OPTION2({
      // Lookahead alone would take the tag of the next line, too.
      GATE: () => this.LA(1).tokenType === NestedTag && this.hasRoom(),
      DEF: () => this.SUBRULE(this.block),
    });
    return this.ACTION(() => makeDirective(this.source, name, value, block));
  });

  private readonly block: ParserMethod<[], Block> = this.RULE('block', () => {
    const opening = this.OR([{ ALT: () => this.CONSUME(OpenTag) }, { ALT: () => this.CONSUME(NestedTag) }]);
    const tag = this.ACTION(() => this.enter(opening));
    const items = this.SUBRULE(this.items);
    const closing = this.OPTION({
      GATE: () => this.closesInnermost(this.LA(1)),
      DEF: () => this.OR2([{ ALT: () => this.CONSUME(CloseTag) }, { ALT: () => this.CONSUME(InlineCloseTag) }]),
    });
    return this.ACTION(() => this.leave(tag, items, closing));
  });

  private readonly broken: ParserMethod<[], Broken> = this.RULE('broken', () => {
    const token = this.OR([
      { ALT: () => this.CONSUME(OpenTag) },
      { ALT: () => this.CONSUME(NestedTag) },
      { ALT: () => this.CONSUME(CloseTag) },
      { ALT: () => this.CONSUME(InlineCloseTag) },
      { ALT: () => this.CONSUME(Malformed) },
    ]);
    this.ACTION(() => this.reportBroken(token));
    return this.ACTION(() => makeBroken(this.source, token));
  });

  private hasRoom(): boolean {
    return this.open.length < MAX_NESTING;
  }

  /** Blanks make no tokens: what lies between the last item and `end` is them. */
  private coverBlanks(items: Item[], end: number): void {
    if (end > this.covered) items.push({ kind: 'blank', span: { source: this.source, start: this.covered, end } });
    this.covered = end;
  }

  /** Whether the innermost block ends before `next`: the tag closes some open block, or shows that one was left open. */
  private endsBlock(next: IToken): boolean {
    const innermost = this.open.at(-1);
    if (innermost === undefined) return false;
    if (isClosing(next)) return this.refused === 0 && this.open.some((tag) => sameName(tag, this.nameOf(next)));
    if (next.tokenType !== OpenTag || innermost.argument === '') return false;
    const { argumentStart, argumentEnd } = tagShapeOf(next);
    return argumentEnd > argumentStart && sameName(innermost, this.nameOf(next));
  }

  private closesInnermost(next: IToken): boolean {
    const innermost = this.open.at(-1);
    return innermost !== undefined && isClosing(next) && this.endsBlock(next) && sameName(innermost, this.nameOf(next));
  }

  private nameOf(token: IToken): string {
    const { nameStart, nameEnd } = tagShapeOf(token);
    return this.source.text.slice(nameStart, nameEnd);
  }

  private enter(token: IToken): Tag {
    const tag = makeTag(this.source, token);
    this.reportTag(token);
    this.open.push(tag);
    this.covered = tag.span.end;
    return tag;
  }

  private leave(tag: Tag, items: Item[], closing: IToken | undefined): Block {
    this.open.pop();
    if (closing === undefined) {
      const next = this.LA(1);
      const start = Number.isNaN(next.startOffset) ? this.source.text.length : next.startOffset;
      const end = { source: this.source, start, end: start };
      this.report('tag-unclosed', tag.span, { name: tag.name }, [{ span: end, message: 'taken to end here' }]);
      return makeBlock(tag, items, undefined);
    }
    this.reportTag(closing);
    this.coverBlanks(items, closing.startOffset);
    return makeBlock(tag, items, spanOf(this.source, closing));
  }

  private get report(): Diagnostics['report'] {
    return this.diagnostics.report;
  }

  private reportTag(token: IToken): void {
    const shape = tagShapeOf(token);
    const span = spanOf(this.source, token);
    if (!shape.terminated) this.report('tag-unterminated', span, { name: this.nameOf(token) });
    if (shape.keptHash) this.report('hash-in-quotes', span, {});
  }

  private reportOddities(value: IToken | undefined): void {
    const oddities = value === undefined ? [] : (valuePayloadOf(value)?.oddities ?? []);
    const seen = new Set<string>();
    for (const { code, start, end } of oddities) {
      // A macro of a hundred lines is one thing to say, not a hundred.
      if (!seen.has(code)) this.report(code, { source: this.source, start, end }, {});
      seen.add(code);
    }
  }

  private reportStray(token: IToken, span: Span): void {
    const innermost = this.open.at(-1);
    const related = innermost === undefined ? [] : [{ span: innermost.span, message: 'the block that is open here' }];
    this.report('tag-stray', span, { name: this.nameOf(token) }, related);
  }

  private reportBroken(token: IToken): void {
    const span = spanOf(this.source, token);
    if (token.tokenType === Malformed) {
      this.report('tag-malformed', span, {});
    } else if (isClosing(token)) {
      if (this.refused === 0) this.reportStray(token, span);
      else this.refused--;
    } else {
      if (this.refused === 0) this.report('nesting-too-deep', span, { limit: String(MAX_NESTING) });
      this.refused++;
    }
  }
}

function isClosing(token: IToken): boolean {
  return token.tokenType === CloseTag || token.tokenType === InlineCloseTag;
}

/** Names of tags are taken case-blind, as those of directives (language.md 2). */
function sameName(tag: Tag, name: string): boolean {
  return tag.name.toLowerCase() === name.toLowerCase();
}

let parser: ConfigParser | undefined;

/** Parses tokens into the items of a file; one parser serves the process, since building it takes longer than a file. */
export function parseTokens(source: Source, tokens: IToken[], diagnostics: Diagnostics): readonly Item[] | undefined {
  parser ??= new ConfigParser();
  return parser.run(source, tokens, diagnostics);
}
