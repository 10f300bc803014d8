import luaparse, { type Chunk, type Node } from 'luaparse';
import { type EventRow, kumoEvents } from '../api/events';
import { kumoFunctions } from '../api/functions';
import { helperModules } from '../api/helper-modules';
import type { Release } from '../api/release';
import type { Use } from '../api/use';

/** A use with its line, one-based. */
export interface UseInCode extends Use {
  readonly line: number;
}

const functions: ReadonlyMap<string, Release> = new Map(kumoFunctions.map(({ name, since }) => [name, since]));
const events: ReadonlyMap<string, EventRow> = new Map(kumoEvents.map((row) => [row.name, row]));
const modules: ReadonlyMap<string, Release> = new Map(
  helperModules.map(({ name, since }) => [`policy-extras.${name}`, since]),
);

/**
 * What Lua code uses by name, in handlers too that nothing has called: functions of KumoMTA, methods of `msg`, events with
 * their arguments, modules of policy-extras. Empty for what is not Lua.
 */
export function usesInLua(text: string): readonly UseInCode[] {
  return readLua(text)?.uses ?? [];
}

/** A table with more entries is data; its entries are not kept. */
const MOST_ENTRIES = 1000;

/** A Lua file taken apart, and what it uses by name. */
export interface ReadLua {
  /** Without the entries of very long tables, which would take a hundred times the memory of their text. */
  readonly chunk: Chunk;
  readonly uses: readonly UseInCode[];
}

/** Takes Lua code apart; undefined for what is not Lua. */
export function readLua(text: string): ReadLua | undefined {
  const uses: UseInCode[] = [];
  const onCreateNode = (node: Node) => {
    uses.push(...usesOf(node));
    if (node.type === 'TableConstructorExpression' && node.fields.length > MOST_ENTRIES) node.fields.length = 0;
  };
  try {
    return { chunk: luaparse.parse(text, { luaVersion: '5.3', comments: false, locations: true, onCreateNode }), uses };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

function usesOf(node: Node): readonly UseInCode[] {
  const line = node.loc?.start.line ?? 1;
  const use = (what: string, since: Release | undefined) => (since === undefined ? [] : [{ what, since, line }]);
  if (node.type === 'MemberExpression') {
    const name = nameOf(node);
    return use(name, functions.get(name));
  }
  if (node.type === 'StringCallExpression' && nameOf(node.base) === 'require') {
    const module = textOf(node.argument) ?? '';
    return use(`the module ${module}`, modules.get(module));
  }
  if (node.type !== 'CallExpression') return [];
  const [name, handler] = node.arguments;
  if (nameOf(node.base) === 'require') {
    const module = textOf(name) ?? '';
    return use(`the module ${module}`, modules.get(module));
  }
  const row = nameOf(node.base) === 'kumo.on' ? events.get(textOf(name) ?? '') : undefined;
  if (row === undefined) return [];
  const { laterArgs } = row;
  const taken = handler?.type === 'FunctionDeclaration' ? handler.parameters.length : 0;
  const late = laterArgs !== undefined && taken > laterArgs.after ? laterArgs.since : undefined;
  const argument = row.args[laterArgs?.after ?? 0] ?? '';
  return [
    ...use(`the event ${row.name}`, row.since),
    ...use(`the argument ${argument} of the event ${row.name}`, late),
  ];
}

/** `kumo.dkim.rsa_sha256_signer`, `msg:recipient_list`; '' for what is not a chain of names. */
function nameOf(node: Node): string {
  if (node.type === 'Identifier') return node.name;
  if (node.type !== 'MemberExpression') return '';
  const base = nameOf(node.base);
  return base === '' ? '' : `${base}${node.indexer}${node.identifier.name}`;
}

/** A string as it is written between plain quotes; names need no escapes. */
function textOf(node: Node | undefined): string | undefined {
  return node?.type === 'StringLiteral' ? /^(['"])(.*)\1$/s.exec(node.raw)?.[2] : undefined;
}
