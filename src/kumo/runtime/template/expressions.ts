import { type Expression, TemplateError } from './syntax';
import type { Token } from './tokens';

/** Reads the tokens of one block from left to right. */
export interface Cursor {
  /** Takes the next token when it is this symbol or word. */
  take(text: string): boolean;
  expect(text: string): void;
  name(): string;
  /** Any next token; fails at the end. */
  next(): Token;
  peek(): Token | undefined;
}

export function cursorOf(tokens: readonly Token[]): Cursor {
  let at = 0;
  const isNext = (text: string) => tokens[at]?.kind !== 'string' && tokens[at]?.text === text;
  const next = (): Token => {
    const token = tokens[at++];
    if (token === undefined) throw new TemplateError('unexpected end of a block');
    return token;
  };
  const take = (text: string): boolean => {
    const found = isNext(text);
    if (found) at++;
    return found;
  };
  return {
    take,
    next,
    peek: () => tokens[at],
    expect(text) {
      if (!take(text)) throw new TemplateError(`expected ${text}, not ${tokens[at]?.text ?? 'the end'}`);
    },
    name() {
      const token = next();
      if (token.kind !== 'name') throw new TemplateError(`expected a name, not ${token.text}`);
      return token.text;
    },
  };
}

/** `x if y else z`, which binds loosest (minijinja's parser, from here on down). */
export function readExpression(cursor: Cursor): Expression {
  const yes = readBinary(cursor, 0);
  if (!cursor.take('if')) return yes;
  const when = readBinary(cursor, 0);
  return cursor.take('else')
    ? { kind: 'choice', when, yes, no: readExpression(cursor) }
    : { kind: 'choice', when, yes };
}

const LEVELS: readonly (readonly string[])[] = [['or'], ['and'], ['==', '!=', 'in'], ['+', '-'], ['~']];
const COMPARISON = 2;

/** Public for the head of a `for`, whose `if` is not a choice. */
export function readBinary(cursor: Cursor, level: number): Expression {
  const operators = LEVELS[level];
  if (operators === undefined) return readUnary(cursor);
  if (level === COMPARISON && cursor.take('not')) return { kind: 'not', of: readBinary(cursor, level) };
  let left = readBinary(cursor, level + 1);
  for (;;) {
    const operator = operators.find((text) => cursor.take(text));
    if (operator !== undefined) left = { kind: 'binary', operator, left, right: readBinary(cursor, level + 1) };
    else if (level === COMPARISON && cursor.take('not')) {
      cursor.expect('in');
      left = { kind: 'not', of: { kind: 'binary', operator: 'in', left, right: readBinary(cursor, level + 1) } };
    } else return left;
  }
}

/** A value with what follows it: attributes, calls, filters, tests. */
function readUnary(cursor: Cursor): Expression {
  let value = readPrimary(cursor);
  for (;;) {
    if (cursor.take('.')) value = { kind: 'attribute', of: value, key: { kind: 'literal', value: cursor.name() } };
    else if (cursor.take('[')) value = readSubscript(cursor, value);
    else if (cursor.take('|')) value = { kind: 'filter', of: value, name: cursor.name(), ...readArguments(cursor) };
    else if (cursor.take('is')) {
      const negated = cursor.take('not');
      const test: Expression = { kind: 'test', of: value, name: cursor.name(), args: readArguments(cursor).args };
      value = negated ? { kind: 'not', of: test } : test;
    } else return value;
  }
}

function readSubscript(cursor: Cursor, of: Expression): Expression {
  const from = cursor.peek()?.text === ':' ? undefined : readExpression(cursor);
  if (!cursor.take(':')) {
    cursor.expect(']');
    if (from === undefined) throw new TemplateError('empty subscript');
    return { kind: 'attribute', of, key: from };
  }
  const to = cursor.take(']') ? undefined : readExpression(cursor);
  if (to !== undefined) cursor.expect(']');
  return { kind: 'slice', of, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function readArguments(cursor: Cursor): { args: Expression[]; named: Map<string, Expression> } {
  const args: Expression[] = [];
  const named = new Map<string, Expression>();
  if (!cursor.take('(')) return { args, named };
  while (!cursor.take(')')) {
    if (args.length + named.size > 0) cursor.expect(',');
    const value = readExpression(cursor);
    if (value.kind === 'name' && cursor.take('=')) named.set(value.name, readExpression(cursor));
    else args.push(value);
  }
  return { args, named };
}

const CONSTANTS: Readonly<Record<string, boolean | null>> = { true: true, false: false, none: null };

function readPrimary(cursor: Cursor): Expression {
  const token = cursor.next();
  if (token.kind === 'string') return { kind: 'literal', value: token.text };
  if (token.kind === 'number') return { kind: 'literal', value: Number(token.text) };
  if (token.kind === 'name') {
    const constant = CONSTANTS[token.text];
    if (constant !== undefined) return { kind: 'literal', value: constant };
    if (cursor.peek()?.text !== '(' || cursor.peek()?.kind !== 'symbol') return { kind: 'name', name: token.text };
    return { kind: 'call', name: token.text, args: readArguments(cursor).args };
  }
  if (token.text === '(') {
    const inner = readExpression(cursor);
    cursor.expect(')');
    return inner;
  }
  if (token.text === '[') return { kind: 'list', items: readItems(cursor, ']', () => readExpression(cursor)) };
  if (token.text !== '{') throw new TemplateError(`unexpected ${token.text}`);
  const entries = readItems(cursor, '}', () => {
    const key = readExpression(cursor);
    cursor.expect(':');
    return [key, readExpression(cursor)] as const;
  });
  return { kind: 'map', entries };
}

function readItems<T>(cursor: Cursor, close: string, read: () => T): readonly T[] {
  const items: T[] = [];
  while (!cursor.take(close)) {
    if (items.length > 0) cursor.expect(',');
    items.push(read());
  }
  return items;
}
