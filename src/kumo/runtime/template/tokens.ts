import { TemplateError } from './syntax';

export interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'symbol';
  readonly text: string;
}

/** A stretch of a template: text as it is, or what stands between `{{ }}` or `{% %}`. */
export interface Segment {
  readonly kind: 'text' | 'output' | 'tag';
  readonly text: string;
  readonly tokens: readonly Token[];
}

const TOKEN = /\s*(?:([A-Za-z_]\w*)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(\d+)|(==|!=|[-+~|.,:()[\]{}=]))/sy;
const OPENING = /\{[{%#]/g;

/**
 * Cuts a minijinja template into text and blocks. A closing `}}` inside a string or a map does not end a block, as in
 * minijinja's own lexer.
 */
export function segmentsOf(template: string): readonly Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  while (at < template.length) {
    OPENING.lastIndex = at;
    const open = OPENING.exec(template);
    const end = open?.index ?? template.length;
    if (end > at) segments.push({ kind: 'text', text: template.slice(at, end), tokens: [] });
    if (open === null) break;
    if (open[0] === '{#') throw new TemplateError('comments are not modelled');
    const output = open[0] === '{{';
    const block = tokensUntil(template, end + 2, output ? '}}' : '%}');
    segments.push({ kind: output ? 'output' : 'tag', text: '', tokens: block.tokens });
    at = block.end;
  }
  return segments;
}

function tokensUntil(template: string, start: number, close: string): { tokens: Token[]; end: number } {
  const tokens: Token[] = [];
  let at = start;
  let depth = 0;
  for (;;) {
    while (/\s/.test(template[at] ?? '')) at++;
    if (depth === 0 && template.startsWith(close, at)) return { tokens, end: at + 2 };
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(template);
    if (match === null) throw new TemplateError(`unexpected ${JSON.stringify(template.slice(at, at + 10) || 'end')}`);
    const token = tokenOf(match);
    if (token.kind === 'symbol' && /[([{]/.test(token.text)) depth++;
    if (token.kind === 'symbol' && /[)\]}]/.test(token.text)) depth--;
    tokens.push(token);
    at = TOKEN.lastIndex;
  }
}

function tokenOf([, name, string, number, symbol]: RegExpExecArray): Token {
  if (name !== undefined) return { kind: 'name', text: name };
  if (string !== undefined) return { kind: 'string', text: unescaped(string.slice(1, -1)) };
  if (number !== undefined) return { kind: 'number', text: number };
  return { kind: 'symbol', text: symbol ?? '' };
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, code: string | undefined, char: string) =>
    code === undefined ? (ESCAPES[char] ?? char) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
