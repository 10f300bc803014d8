import type { FunctionDeclaration, Node } from 'luaparse';
import { didYouMean } from '../../diagnostics/likeness';
import { checkField } from '../api/check-fields';
import { kumoEvents } from '../api/events';
import { functionRows } from '../api/function-rows';
import { compareReleases } from '../api/release';
import { tooNew } from '../api/use';
import type { Context } from '../runtime/context';
import { addProblems, type Place } from '../runtime/finding';
import {
  callOf,
  extentOf,
  type LuaCall,
  type LuaFile,
  nameOf,
  staticTable,
  textOfString,
  walkLua,
} from '../runtime/lua-places';

const modules = ['kumo', 'proxy', 'redis', 'sqlite', 'tsa'];
const eventArgs: ReadonlyMap<string, readonly string[]> = new Map(kumoEvents.map((row) => [row.name, row.args]));
const messageMethods = [...functionRows.keys()].filter((name) => name.startsWith('msg:'));

/** Checks what the text of a Lua file shows without running it, also in branches that nothing here enters. */
export function lintLua(path: string, file: LuaFile, context: Context): void {
  const names = moduleNames(file);
  const functions = namedFunctions(file);
  const placeOf = (node: Node): Place => ({ path, ...extentOf(node) });
  for (const call of file.calls) {
    const name = fullName(call.name, names);
    if (name === undefined) continue;
    checkFunction(name, call, context, placeOf);
    if (name === 'kumo.on') checkHandler(call, functions, context, placeOf);
  }
}

type PlaceOf = (node: Node) => Place;

/** Which names stand for which module: `local kumo = require 'kumo'`. */
function moduleNames({ chunk }: LuaFile): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  walkLua(chunk, (node) => {
    if (node.type !== 'LocalStatement' && node.type !== 'AssignmentStatement') return;
    node.variables.forEach((variable, index) => {
      const value = node.init[index];
      const call = value && callOf(value);
      const [what] = call?.args ?? [];
      if (variable.type !== 'Identifier' || call?.name !== 'require' || what?.type !== 'StringLiteral') return;
      const module = textOfString(what.raw);
      if (module !== undefined && modules.includes(module)) names.set(variable.name, module);
    });
  });
  return names;
}

function namedFunctions({ chunk }: LuaFile): ReadonlyMap<string, FunctionDeclaration> {
  const functions = new Map<string, FunctionDeclaration>();
  walkLua(chunk, (node) => {
    if (node.type === 'FunctionDeclaration' && node.identifier?.type === 'Identifier') {
      functions.set(node.identifier.name, node);
    }
  });
  return functions;
}

function fullName(written: string | undefined, names: ReadonlyMap<string, string>): string | undefined {
  const [first = '', ...rest] = written?.split('.') ?? [];
  const module = names.get(first);
  return module === undefined || rest.length === 0 || written?.includes(':') ? undefined : [module, ...rest].join('.');
}

function checkFunction(name: string, call: LuaCall, context: Context, placeOf: PlaceOf): void {
  const { findings, target } = context;
  const place = placeOf('base' in call.node ? call.node.base : call.node);
  const row = functionRows.get(name);
  if (row === undefined) {
    findings.add('tree-name-unknown', `there is no ${name}${didYouMean(name, functionRows.keys())}`, place);
    return;
  }
  if (compareReleases(row.since, target) > 0) findings.add('tree-too-new', tooNew(name, row.since), place);
  const [table] = call.args;
  const values = table?.type === 'TableConstructorExpression' ? staticTable(table) : undefined;
  if (row.params === undefined || values === undefined) return;
  for (const [key, value] of Object.entries(values)) {
    const problems = checkField(row.params, key, value, context);
    addProblems(findings, problems, name, (keys) => context.lua.keyOf(place, name, keys));
  }
}

function checkHandler(
  { args }: LuaCall,
  functions: ReadonlyMap<string, FunctionDeclaration>,
  context: Context,
  placeOf: PlaceOf,
): void {
  const [eventNode, handlerNode] = args;
  const event = eventNode?.type === 'StringLiteral' ? textOfString(eventNode.raw) : undefined;
  const handler =
    handlerNode?.type === 'Identifier'
      ? functions.get(handlerNode.name)
      : handlerNode?.type === 'FunctionDeclaration'
        ? handlerNode
        : undefined;
  if (event === undefined || handler === undefined) return;
  const roles = eventArgs.get(event) ?? [];
  handler.parameters.forEach((parameter, index) => {
    if (parameter.type === 'Identifier' && roles[index] === 'msg')
      checkMethods(parameter.name, handler, context, placeOf);
  });
  if (event === 'get_queue_config') checkReturns(handler, false, 'tree-returned-nil', returnedNil, context, placeOf);
  if (event === 'smtp_server_auth_plain') {
    checkReturns(
      handler,
      true,
      'tree-auth-answer',
      'smtp_server_auth_plain has to return true or false; with nothing the client gets 421',
      context,
      placeOf,
    );
  }
}

const returnedNil =
  'this handler of get_queue_config returns nil, which KumoMTA refuses; a bare return passes the question on';

function checkMethods(name: string, handler: FunctionDeclaration, context: Context, placeOf: PlaceOf): void {
  walkLua(handler, (node) => {
    const written = node.type === 'MemberExpression' && node.indexer === ':' ? nameOf(node) : undefined;
    if (written === undefined || !written.startsWith(`${name}:`)) return;
    const method = `msg:${written.slice(name.length + 1)}`;
    const row = functionRows.get(method);
    if (row === undefined) {
      const text = `a message has no ${method}${didYouMean(method, messageMethods)}`;
      context.findings.add('tree-name-unknown', text, placeOf(node));
    } else if (compareReleases(row.since, context.target) > 0) {
      context.findings.add('tree-too-new', tooNew(method, row.since), placeOf(node));
    }
  });
}

/** Returns of the handler itself that give nil; a bare one counts where KumoMTA wants an answer. */
function checkReturns(
  handler: FunctionDeclaration,
  bareCounts: boolean,
  code: 'tree-returned-nil' | 'tree-auth-answer',
  text: string,
  context: Context,
  placeOf: PlaceOf,
): void {
  walkLua(handler, (node) => {
    if (node.type === 'FunctionDeclaration' && node !== handler) return 'skip';
    if (node.type !== 'ReturnStatement') return undefined;
    const [value] = node.arguments;
    const nothing = value === undefined ? bareCounts : value.type === 'NilLiteral';
    if (nothing) context.findings.add(code, text, placeOf(node));
    return undefined;
  });
}
