import { MASK, maskEmbedded, type SecretRange, secretRanges } from './secrets';
import { positionAt, type Source, type Span } from './span';

/** Of the lines under a span, this many characters are looked at. */
const LOOKED_AT = 4096;
/** A text may be cut (`…`): so many characters of a long secret are known again. */
const TELLING = 20;
/** Shorter words of a secret of several words are words like others. */
const SHORTEST_WORD = 3;

/**
 * A piece of the input that is to become part of a message about `span`, without the secrets that stand on the lines
 * under it, whichever way they got into the piece.
 */
export function hideSecrets(text: string, span: Span | undefined): string {
  if (text === '') return text;
  const shown = maskEmbedded(text);
  const secrets = span === undefined ? NONE : knownSecretsUnder(span);
  if (span === undefined || secrets.length === 0 || isNameOnLine(text, span)) return shown;
  return secrets.reduce(without, shown);
}

const NONE: readonly string[] = [];
/** Of the span that was asked for last: a report asks for all that it says of a line. */
let last: { readonly span: WeakRef<Span>; readonly secrets: readonly string[] } | undefined;

function knownSecretsUnder(span: Span): readonly string[] {
  if (last?.span.deref() === span) return last.secrets;
  const secrets = secretsUnder(span);
  last = { span: new WeakRef(span), secrets };
  return secrets;
}

/** A directive's name stands in front of its value, and is shown with it: no secret, though its value may repeat it. */
function isNameOnLine(text: string, { source, start }: Span): boolean {
  const { line } = positionAt(source, start);
  const match = /^([\s<]*)([\w-]+)/.exec(lineText(source, line));
  if (match === null || folded(match[2] ?? '') !== folded(text)) return false;
  const at = (match[1] ?? '').length;
  return !rangesOn(source, line).some((range) => range.start <= at && at < range.end);
}

function secretsUnder(span: Span): readonly string[] {
  const { source } = span;
  const first = positionAt(source, span.start).line;
  const stop = Math.min(span.end, span.start + LOOKED_AT);
  const found: string[] = [];
  for (let line = first; line === first || lineStart(source, line) < stop; line++) {
    if (lineStart(source, line) >= source.text.length) break;
    const text = lineText(source, line);
    for (const { start, end } of rangesOn(source, line)) {
      found.push(...wordsOf(text.slice(start, end)));
    }
  }
  // The longest first, so that the rest of a whole secret does not stay behind.
  return [...new Set(found)].sort((a, b) => b.length - a.length);
}

function rangesOn(source: Source, line: number): readonly SecretRange[] {
  return secretRanges(lineText(source, line), line > 1 ? lineText(source, line - 1) : '');
}

function wordsOf(secret: string): readonly string[] {
  const bare = secret.trim().replace(/^["']|["']$/g, '');
  const words = bare.split(/[\s"',;=:<>|]+/).filter((word) => word.length >= SHORTEST_WORD);
  return [secret, bare, ...words].filter((word) => word !== '');
}

/** Case-blind: the names of directives reach messages in lower case. */
function without(text: string, secret: string): string {
  const [inText, wanted] = [folded(text), folded(secret)];
  const probe = wanted.slice(0, TELLING);
  let shown = '';
  let done = 0;
  for (let at = inText.indexOf(probe); at >= 0; at = inText.indexOf(probe, Math.max(done, at + 1))) {
    let length = probe.length;
    while (length < wanted.length && inText[at + length] === wanted[length]) length++;
    if (length < TELLING && isInsideWord(text, at, length)) continue;
    shown += text.slice(done, at) + MASK;
    done = at + length;
  }
  return shown + text.slice(done);
}

/** In lower case where that keeps all offsets. */
function folded(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text;
}

/** The password `x` is no part of `example`. */
function isInsideWord(text: string, at: number, length: number): boolean {
  const joins = (index: number): boolean => /[\p{L}\p{N}]{2}/u.test(text.slice(Math.max(0, index - 1), index + 1));
  return joins(at) || joins(at + length);
}

function lineStart(source: Source, line: number): number {
  return source.lineStarts()[line - 1] ?? source.text.length;
}

function lineText(source: Source, line: number): string {
  const start = lineStart(source, line);
  const end = Math.min(lineStart(source, line + 1), start + LOOKED_AT);
  return source.text.slice(start, end).replace(/[\r\n]+$/, '');
}
