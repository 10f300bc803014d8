import { LuaFactory, LuaMultiReturn } from 'wasmoon';
import { functionRows } from '../api/function-rows';
import type { PolicyValue } from '../api/value';
import type { Context } from './context';
import { type HostFunctions, PolicyError, parsePlace } from './host';
import { bridgeLua } from './lua/bridge';
import { helpersLua } from './lua/helpers';
import { journeyLua } from './lua/journey';
import { kumoLua } from './lua/kumo';
import { loadLua } from './lua/load';
import { messageLua } from './lua/message';
import { policyUtilsLua } from './lua/policy-utils';
import { sandboxLua } from './lua/sandbox';
import { sessionLua } from './lua/session';
import { textLua } from './lua/text';
import { luaLiteral } from './lua-literal';
import { unwatched, type Watch } from './watch';

/** A Lua state with the model of KumoMTA in it. */
export interface LuaState {
  /** Asks the Lua half for something; what comes back is JSON that was read. Never throws: trouble becomes a finding. */
  call(operation: string, spec: Readonly<Record<string, unknown>>): unknown;
  close(): void;
}

/** Instructions of one call from outside: some seconds at most. */
const defaultBudget = 100_000_000;
/** bytes */
const mostMemory = 128 * 1024 * 1024;
/** Processor seconds of one call from outside. */
const mostSeconds = 5;

let factory: LuaFactory | undefined;

export interface Limits {
  /** Lua instructions of one call; for tests. */
  readonly budget?: number;
  readonly watch?: Watch;
}

/** Opens a state. */
export async function openLua(
  context: Context,
  functions: HostFunctions,
  { budget = defaultBudget, watch = unwatched }: Limits = {},
): Promise<LuaState> {
  factory ??= new LuaFactory();
  const engine = await factory.createEngine({ injectObjects: false, enableProxy: false, traceAllocations: true });
  engine.global.setMemoryMax(mostMemory);
  engine.global.set('__host', (name: string, json: string, place?: string, at?: string) => {
    watch.leave();
    const answer = dispatch(functions, context, name, json, place, at);
    watch.enter();
    return answer;
  });
  engine.global.set('__budget', budget);
  const callable = [...functionRows.values()].filter((row) => !row.name.startsWith('msg:'));
  const namesOf = (rows: typeof callable) => rows.map((row) => row.name);
  engine.global.set('__names', namesOf(callable.filter((row) => row.answer === undefined)));
  engine.global.set('__outside', namesOf(callable.filter((row) => row.answer !== undefined)));
  // A short name for the chunk: Lua hands it out with every look at the stack.
  engine.global.loadString(bootstrap(), '=kumo');
  const run: unknown = engine.global.runSync()[0];
  if (typeof run !== 'function') throw new Error('the Lua half of the runtime did not load');
  return {
    call(operation, spec) {
      watch.enter();
      try {
        const json: unknown = run(operation, luaLiteral(spec));
        return typeof json === 'string' ? JSON.parse(json) : {};
      } catch (error) {
        reportFailure(context, error);
        return {};
      } finally {
        watch.leave();
      }
    },
    close: () => engine.global.close(),
  };
}

/** The chunks in order; each is a function of the runtime table, so that no name of the model is global. */
function bootstrap(): string {
  const chunk = (text: string) => `(function(...)\n${text}\nend)`;
  return [
    'local host, budget, names, outside = __host, __budget, __names, __outside',
    '__host, __budget, __names, __outside = nil, nil, nil, nil',
    `local R = ${chunk(bridgeLua)}(host, budget, ${mostSeconds})`,
    `${chunk(sandboxLua)}(R)`,
    `${chunk(messageLua)}(R)`,
    `${chunk(kumoLua)}(R, names, outside)`,
    `${chunk(textLua)}(R)`,
    `${chunk(helpersLua)}(R)`,
    `${chunk(policyUtilsLua)}(R)`,
    `${chunk(loadLua)}(R)`,
    `local run = ${chunk(sessionLua)}(R)`,
    `${chunk(journeyLua)}(R)`,
    'return run',
  ].join('\n;');
}

function dispatch(
  functions: HostFunctions,
  context: Context,
  name: string,
  json: string,
  place: string | undefined,
  at: string | undefined,
): LuaMultiReturn {
  const run = Object.hasOwn(functions, name) ? functions[name] : undefined;
  try {
    if (run === undefined) throw new PolicyError(`the runtime has no ${name}`, false);
    const args = JSON.parse(json, (_, value: unknown) => value ?? undefined) as readonly (PolicyValue | undefined)[];
    const result = run(args, { place: parsePlace(place), context: at ?? 'idle' });
    return typeof result === 'object' && result !== null
      ? LuaMultiReturn.of<unknown>(true, luaLiteral(result), true)
      : LuaMultiReturn.of<unknown>(true, result);
  } catch (error) {
    if (error instanceof PolicyError) return LuaMultiReturn.of<unknown>(false, error.message, error.known);
    context.findings.add('tree-lua-error', `the runtime failed in ${name}`, parsePlace(place));
    return LuaMultiReturn.of<unknown>(false, `the runtime failed in ${name}`, true);
  }
}

/** Errors that no `pcall` of the Lua half caught: the spent budget, or memory. */
function reportFailure(context: Context, error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  // An aborted module is dead for good; the next tree gets a new one.
  if (text.includes('abort')) factory = undefined;
  if (text.includes('budget of instructions')) return;
  context.findings.add('tree-limit', text.includes('memory') ? 'the policy needs too much memory' : text.slice(0, 200));
}
