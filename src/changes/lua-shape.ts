import luaparse, { type Chunk, type Expression, type Identifier, type Node, type Statement } from 'luaparse';

/** What the code of a Lua file says, however it is written. */
export interface LuaShape {
  /** The whole file with its locals numbered: equal for files that differ in names of locals, blanks and comments only. */
  readonly whole: string;
  /** Its statements, one by one, with the names of the file's own locals as they are. */
  readonly statements: readonly { readonly text: string; readonly line: number }[];
}

/** Undefined for what luaparse, which stops at Lua 5.3, cannot read. */
export function luaShape(text: string): LuaShape | undefined {
  try {
    // Bytes as characters, so that strings are decoded as Lua does.
    const bytes = Buffer.from(text.replace(/^\ufeff/, ''), 'utf8').toString('latin1');
    const chunk = luaparse.parse(bytes, {
      luaVersion: '5.3',
      comments: false,
      locations: true,
      encodingMode: 'pseudo-latin1',
    });
    return { whole: writer(true).body(chunk.body, undefined), statements: statementsOf(chunk) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function statementsOf({ body }: Chunk): LuaShape['statements'] {
  return body.map((statement) => ({
    text: writer(false).body([statement], undefined),
    line: statement.loc?.start.line ?? 1,
  }));
}

interface Scope {
  readonly names: Map<string, string>;
  readonly outer: Scope | undefined;
}

/** Writes a syntax tree in one form. `outermost`: locals of the file itself are numbered, too. */
function writer(outermost: boolean) {
  let count = 0;
  const declare = (scope: Scope, { name }: Identifier): string => {
    const own = outermost || scope.outer !== undefined ? `$${++count}` : name;
    scope.names.set(name, own);
    return own;
  };
  const lookUp = (scope: Scope | undefined, name: string): string => {
    for (let at = scope; at !== undefined; at = at.outer) {
      const found = at.names.get(name);
      if (found !== undefined) return found;
    }
    return name;
  };
  const body = (
    statements: readonly Statement[],
    outer: Scope | undefined,
    names: readonly Identifier[] = [],
  ): string => {
    const scope: Scope = { names: new Map(), outer };
    const declared = names.map((name) => declare(scope, name)).join(' ');
    return `[${declared}|${statements.map((each) => statement(each, scope)).join(';')}]`;
  };
  const list = (nodes: readonly Node[], scope: Scope): string => nodes.map((node) => write(node, scope)).join(',');
  const fn = (node: Extract<Node, { type: 'FunctionDeclaration' }>, scope: Scope): string => {
    const named = node.parameters.filter((each) => each.type === 'Identifier');
    const rest = node.parameters.length > named.length ? '...' : '';
    return `function${rest}${body(node.body, scope, named)}`;
  };
  const statement = (node: Statement, scope: Scope): string => {
    switch (node.type) {
      case 'LocalStatement': {
        const init = list(node.init, scope);
        return `local ${node.variables.map((each) => declare(scope, each)).join(',')}=${init}`;
      }
      case 'FunctionDeclaration': {
        if (node.identifier === null) return fn(node, scope);
        if (node.isLocal && node.identifier.type === 'Identifier') {
          return `local ${declare(scope, node.identifier)}=${fn(node, scope)}`;
        }
        return `${write(node.identifier, scope)}=${fn(node, scope)}`;
      }
      case 'AssignmentStatement':
        return `${list(node.variables, scope)}=${list(node.init, scope)}`;
      case 'CallStatement':
        return write(node.expression, scope);
      case 'ReturnStatement':
        return `return ${list(node.arguments, scope)}`;
      case 'IfStatement':
        return node.clauses
          .map(
            (clause) =>
              `${'condition' in clause ? `if ${write(clause.condition, scope)}` : 'else'}${body(clause.body, scope)}`,
          )
          .join('');
      case 'WhileStatement':
        return `while ${write(node.condition, scope)}${body(node.body, scope)}`;
      case 'RepeatStatement':
        return `repeat${body([...node.body, { ...RETURNS, arguments: [node.condition] }], scope)}`;
      case 'DoStatement':
        return `do${body(node.body, scope)}`;
      case 'ForNumericStatement': {
        const range = [node.start, node.end, ...(node.step === null ? [] : [node.step])];
        return `for ${list(range, scope)}${body(node.body, scope, [node.variable])}`;
      }
      case 'ForGenericStatement':
        return `for in ${list(node.iterators, scope)}${body(node.body, scope, node.variables)}`;
      case 'GotoStatement':
      case 'LabelStatement':
        return `${node.type} ${node.label.name}`;
      default:
        return node.type;
    }
  };
  const write = (node: Node, scope: Scope): string => {
    switch (node.type) {
      case 'Identifier':
        return lookUp(scope, node.name);
      case 'StringLiteral':
        return JSON.stringify(node.value);
      case 'NumericLiteral':
        return /^0x[^p.]*$|^\d+$/i.test(node.raw) ? `${node.value}` : `${node.value}f`;
      case 'BooleanLiteral':
        return String(node.value);
      case 'NilLiteral':
        return 'nil';
      case 'VarargLiteral':
        return '...';
      case 'FunctionDeclaration':
        return fn(node, scope);
      case 'TableConstructorExpression':
        return table(node, scope);
      case 'BinaryExpression':
      case 'LogicalExpression':
        return `(${write(node.left, scope)} ${node.operator} ${write(node.right, scope)})`;
      case 'UnaryExpression':
        return `(${node.operator} ${write(node.argument, scope)})`;
      case 'MemberExpression':
        return `${write(node.base, scope)}${node.indexer}${node.identifier.name}`;
      case 'IndexExpression':
        return `${write(node.base, scope)}${member(node.index, scope)}`;
      case 'CallExpression':
        return one(node, `${write(node.base, scope)}(${list(node.arguments, scope)})`);
      case 'TableCallExpression':
        return one(node, `${write(node.base, scope)}(${write(node.arguments, scope)})`);
      case 'StringCallExpression':
        return one(node, `${write(node.base, scope)}(${write(node.argument, scope)})`);
      default:
        return node.type;
    }
  };
  const member = (index: Expression, scope: Scope): string =>
    index.type === 'StringLiteral' && /^[A-Za-z_]\w*$/.test(index.value)
      ? `.${index.value}`
      : `[${write(index, scope)}]`;
  /** Fields with a name come in the order of their names: in a constructor of constants it has no meaning. */
  const table = ({ fields }: Extract<Node, { type: 'TableConstructorExpression' }>, scope: Scope): string => {
    const named: string[] = [];
    const others: string[] = [];
    for (const field of fields) {
      const value = write(field.value, scope);
      if (field.type === 'TableKeyString') named.push(`${JSON.stringify(field.key.name)}=${value}`);
      else if (field.type === 'TableKey') named.push(`${write(field.key, scope)}=${value}`);
      else others.push(value);
    }
    return `{${[...named.sort(), ...others].join(',')}}`;
  };
  return { body };
}

const RETURNS = { type: 'ReturnStatement' } as const;

/** A call in parentheses gives one value only. */
function one(node: Node, text: string): string {
  return 'inParens' in node && node.inParens === true ? `(${text})` : text;
}
