import type { Chunk, Expression, ForGenericStatement, FunctionDeclaration, Node, Statement } from 'luaparse';
import type { PolicyValue } from '../api/value';
import type { Place } from './finding';
import { callOf, nameOf, staticValue, textOfString } from './lua-places';

/** A call that runs while the server starts, with its arguments as far as the text tells them. */
export interface StartCall {
  /** `kumo.define_spool`, `policy-extras.queue:setup`: the module in place of the local name. */
  readonly name: string;
  readonly args: readonly PolicyValue[];
  readonly place: Place;
  /** The call itself, for the places of keys. */
  readonly node: Node;
}

interface Reading {
  readonly files: Map<string, File>;
  readonly chunkOf: (path: string) => Chunk | undefined;
  readonly onCall: (call: StartCall) => void;
  /** Handlers by event, to be read after the file. */
  readonly handlers: Map<string, { readonly file: File; readonly body: readonly Statement[] }[]>;
}

/** One file: what its local names stand for. */
interface File {
  readonly path: string;
  /** Local name → module, or function of one that a call of it comes to. */
  readonly names: Map<string, string>;
}

/** Functions whose result is called in place of their first argument. */
const WRAPPERS: ReadonlySet<string> = new Set(['kumo.memoize']);

/**
 * Reads in order what Lua code of this tool's own kind does at the start: the statements of the file, those of the modules
 * it requires, then the handlers of `events`. It follows loops over lists that are written out, and no function but
 * those handlers; what else is in the way is passed over. For any other code, run it (`loadTree`).
 */
export function readStartCalls(
  entry: string,
  events: readonly string[],
  chunkOf: Reading['chunkOf'],
  onCall: Reading['onCall'],
): void {
  const reading: Reading = { files: new Map(), chunkOf, onCall, handlers: new Map() };
  readFile(entry, reading);
  for (const event of events) {
    for (const { file, body } of reading.handlers.get(event) ?? []) readBody(body, file, reading);
  }
}

function readFile(path: string, reading: Reading): void {
  if (reading.files.has(path)) return;
  const file: File = { path, names: new Map() };
  reading.files.set(path, file);
  readBody(reading.chunkOf(path)?.body ?? [], file, reading);
}

function readBody(body: readonly Statement[], file: File, reading: Reading): void {
  for (const statement of body) readStatement(statement, file, reading);
}

function readStatement(statement: Statement, file: File, reading: Reading): void {
  switch (statement.type) {
    case 'LocalStatement':
    case 'AssignmentStatement':
      statement.init.forEach((value, index) => {
        const stands = readExpression(value, file, reading);
        const variable = statement.variables[index];
        if (stands !== undefined && variable?.type === 'Identifier') file.names.set(variable.name, stands);
      });
      return;
    case 'CallStatement':
      return void readExpression(statement.expression, file, reading);
    case 'ReturnStatement':
      for (const value of statement.arguments) readExpression(value, file, reading);
      return;
    case 'ForGenericStatement':
      readLoop(statement, file, reading);
      return;
    default:
  }
}

/** The body once for each element of a list that is written out. */
function readLoop({ iterators, body }: ForGenericStatement, file: File, reading: Reading): void {
  const call = iterators[0] === undefined ? undefined : callOf(iterators[0]);
  const [list] = call?.name === 'ipairs' ? call.args : [];
  if (list?.type !== 'TableConstructorExpression' || !body.some((statement) => mentionsKumo(statement))) return;
  for (const _ of list.fields) readBody(body, file, reading);
}

function mentionsKumo(statement: Statement): boolean {
  return statement.type === 'CallStatement' && callOf(statement.expression)?.name?.startsWith('kumo.') === true;
}

/** Reads the calls in an expression, inner ones first; gives the module or function that its value is. */
function readExpression(expression: Expression, file: File, reading: Reading): string | undefined {
  const call = callOf(expression);
  if (call?.name === undefined)
    return expression.type === 'MemberExpression' ? nameIn(file, nameOf(expression)) : undefined;
  if (call.name === 'require') return readModule(call.args[0], reading);
  const name = nameIn(file, call.name) ?? call.name;
  if (name === 'kumo.on') noteHandler(call.args, file, reading);
  const stands = call.args.map((arg) => readExpression(arg, file, reading));
  reading.onCall({ name, args: call.args.map(staticValue), place: placeOf(call.node, file), node: call.node });
  return WRAPPERS.has(name) ? stands[0] : undefined;
}

function noteHandler([event, handler]: readonly Expression[], file: File, { handlers }: Reading): void {
  const name = event?.type === 'StringLiteral' ? textOfString(event.raw) : undefined;
  if (name === undefined || handler?.type !== 'FunctionDeclaration') return;
  const { body }: FunctionDeclaration = handler;
  handlers.set(name, [...(handlers.get(name) ?? []), { file, body }]);
}

/** Reads a module of the tree; gives its name. */
function readModule(argument: Expression | undefined, reading: Reading): string | undefined {
  const name = argument?.type === 'StringLiteral' ? textOfString(argument.raw) : undefined;
  if (name !== undefined) readFile(`${name.replaceAll('.', '/')}.lua`, reading);
  return name;
}

/** A chain of names with what its first name stands for. */
function nameIn({ names }: File, chain: string | undefined): string | undefined {
  const [first = ''] = /^\w+/.exec(chain ?? '') ?? [];
  const stands = names.get(first);
  return stands === undefined ? chain : stands + (chain ?? '').slice(first.length);
}

/** Lua counts a call to the line on which its arguments begin. */
function placeOf(node: Node, { path }: File): Place {
  const line = 'base' in node ? node.base.loc?.end.line : undefined;
  return line === undefined ? { path } : { path, line };
}
