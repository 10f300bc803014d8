import luaparse, { type Node, type TableConstructorExpression } from 'luaparse';
import { textOfString } from './lua-places';

/** Where a text stands in the tables of the Lua files: places with the same name are places of the same kind. */
export interface LuaTexts {
  /** Code of each file without the data in it; undefined for files that cannot be taken apart. */
  readonly code: ReadonlyMap<string, string | undefined>;
  /** Places of each text. */
  readonly places: ReadonlyMap<string, readonly string[]>;
}

/** Deeper nesting is not followed. */
const DEEPEST = 300;

/** Takes the Lua files of a tree apart into code and the texts of their tables. */
export function readLuaTexts(files: ReadonlyMap<string, string>): LuaTexts {
  const places = new Map<string, string[]>();
  const code = new Map<string, string | undefined>();
  for (const [path, text] of files) if (path.endsWith('.lua')) code.set(path, readOne(path, text, places));
  return { code, places };
}

function readOne(path: string, text: string, places: Map<string, string[]>): string | undefined {
  try {
    const chunk = luaparse.parse(text, { luaVersion: '5.3', comments: false });
    const noteOne = (name: string, place: string) => {
      const known = places.get(name);
      if (known === undefined) places.set(name, [place]);
      else if (known.at(-1) !== place) known.push(place);
    };
    const note = (name: string, place: string) => {
      noteOne(name, place);
      // Names stand inside longer texts too, as in `queue!route`.
      for (const [word] of name.matchAll(/[\p{L}\p{N}_.-]+/gu)) if (word !== name) noteOne(word, `${place}~${name}`);
    };
    collect(chunk, path, note, 0);
    return codeOf(chunk, 0);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

type Note = (name: string, place: string) => void;

function collect(node: unknown, at: string, note: Note, depth: number): void {
  if (depth > DEEPEST) throw new RangeError('nested too deeply');
  if (Array.isArray(node)) {
    for (const [index, item] of node.entries()) collect(item, `${at}.${index}`, note, depth + 1);
    return;
  }
  if (!isNode(node)) return;
  if (node.type === 'StringLiteral') note(textOf(node.raw), at);
  else if (node.type === 'TableConstructorExpression') collectFields(node, at, note, depth);
  else for (const [name, value] of Object.entries(node)) collect(value, `${at}.${name}`, note, depth + 1);
}

function collectFields({ fields }: TableConstructorExpression, at: string, note: Note, depth: number): void {
  for (const [index, field] of fields.entries()) {
    if (field.type === 'TableValue') {
      // Of a list of texts only the members count, and of one of tables also the order.
      const listed = field.value.type === 'StringLiteral';
      collect(field.value, listed ? `${at}[]` : `${at}[${index}]`, note, depth + 1);
      continue;
    }
    const key = keyOf(field.key);
    note(key, `${at}{}=${dataOf(field.value)}`);
    collect(field.value, `${at}{${key}}`, note, depth + 1);
  }
}

/** A table's value as a text that is the same for equal values. */
function dataOf(node: Node): string {
  if (node.type === 'StringLiteral') return JSON.stringify(textOf(node.raw));
  if (node.type !== 'TableConstructorExpression') return codeOf(node, 0);
  const fields = node.fields.map((field) =>
    field.type === 'TableValue' ? dataOf(field.value) : `${keyOf(field.key)}=${dataOf(field.value)}`,
  );
  return `{${fields.join(',')}}`;
}

/** A node as a text, without what stands in tables of plain data, or of calls that take nothing else. */
function codeOf(node: unknown, depth: number): string {
  if (depth > DEEPEST) throw new RangeError('nested too deeply');
  if (Array.isArray(node)) return `[${node.map((item) => codeOf(item, depth + 1)).join(',')}]`;
  if (!isNode(node)) return JSON.stringify(node) ?? '';
  if (node.type === 'TableConstructorExpression') {
    const makers = new Set<string>();
    if (isData(node, makers)) return `data(${[...makers].sort().join(',')})`;
  }
  const parts = Object.entries(node).map(([name, value]) => `${name}:${codeOf(value, depth + 1)}`);
  return `(${parts.join(' ')})`;
}

function isData(node: Node, makers: Set<string>): boolean {
  switch (node.type) {
    case 'StringLiteral':
    case 'NumericLiteral':
    case 'BooleanLiteral':
      return true;
    case 'UnaryExpression':
      return node.operator === '-' && node.argument.type === 'NumericLiteral';
    case 'TableCallExpression':
      if (node.base.type !== 'Identifier') return false;
      makers.add(node.base.name);
      return isData(node.arguments, makers);
    case 'TableConstructorExpression':
      return node.fields.every(
        (field) => isData(field.value, makers) && (field.type !== 'TableKey' || isData(field.key, makers)),
      );
    default:
      return false;
  }
}

function keyOf(key: Node): string {
  if (key.type === 'Identifier') return key.name;
  return key.type === 'StringLiteral' ? textOf(key.raw) : codeOf(key, 0);
}

function textOf(raw: string): string {
  return textOfString(raw) ?? raw;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
