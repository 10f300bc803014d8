import { asTable, plainTable } from '../api/value';
import { createAnswers, type LoadedParts, type LoadedTree } from './answers';
import { checkLoaded, type QueueHandler } from './check-loaded';
import { type Captured, type Context, createCaptured } from './context';
import { type ContextOptions, createContext } from './create-context';
import type { Finding } from './finding';
import { createHelperState, helperFunctionsFor } from './host-helpers';
import { kumoFunctionsFor } from './host-kumo';
import { loadFunctionsFor } from './host-load';
import { textFunctionsFor } from './host-text';
import { type Limits, type LuaState, openLua } from './lua-state';
import { readList, readTable, readText } from './read-result';
import type { PlacedUse } from './uses';

export interface LoadOptions extends Limits, ContextOptions {
  /** Unix time in seconds that the policy sees; the real one when absent. */
  readonly now?: number;
  readonly entry?: 'init.lua';
}

/** What tsa-daemon would do with the tree. */
export interface LoadedTsa {
  readonly findings: readonly Finding[];
  /** What it uses of KumoMTA, with the first release of each. */
  readonly uses: readonly PlacedUse[];
  /** Parameter tables of `tsa.start_http_listener`, in order. */
  readonly httpListeners: readonly Readonly<Record<string, unknown>>[];
  /** Files given to `kumo.shaping.load`, list by list. */
  readonly shapingFiles: readonly (readonly string[])[];
  readonly captured: Captured;
}

/**
 * Runs `init.lua` of a tree (paths relative to it → text) in Lua 5.4 against the model of KumoMTA, then `pre_init` and
 * `init`, and checks what a server would. Never throws for anything the tree holds: that becomes findings. Call `close`
 * when done.
 */
export async function loadTree(files: ReadonlyMap<string, string>, options: LoadOptions): Promise<LoadedTree> {
  return createAnswers(await loadParts(files, options));
}

/** As `loadTree`, with the parts in hand for whoever looks further. */
export async function loadParts(files: ReadonlyMap<string, string>, options: LoadOptions): Promise<LoadedParts> {
  const context = createContext(files, options);
  const captured = createCaptured();
  const state = createHelperState();
  const lua = await openModel(context, captured, state, options);
  const loaded = runEntry(lua, options.entry ?? 'init.lua', ['pre_init', 'init'], options);
  if (loaded.loaded) checkLoaded(context, captured, state, loaded.queueHandlers);
  return { context, captured, state, lua };
}

/** Runs `tsa_init.lua` of a tree as tsa-daemon does; otherwise as `loadTree`. */
export async function loadTsa(files: ReadonlyMap<string, string>, options: LoadOptions): Promise<LoadedTsa> {
  const context = createContext(files, options);
  const captured = createCaptured();
  const lua = await openModel(context, captured, createHelperState(), options);
  runEntry(lua, 'tsa_init.lua', ['tsa_init', 'tsa_load_shaping_data'], options);
  lua.close();
  return {
    findings: context.findings.list,
    uses: context.uses.list,
    httpListeners: captured.httpListeners.map(plainTable),
    shapingFiles: captured.shapingFiles,
    captured,
  };
}

/** Compiles every Lua file of the tree, whether the policy reads it or not; findings carry the line. */
export async function compileTree(
  files: ReadonlyMap<string, string>,
  options: LoadOptions,
): Promise<readonly Finding[]> {
  const context = createContext(files, options);
  const lua = await openModel(context, createCaptured(), createHelperState(), options);
  for (const path of files.keys()) {
    if (path.endsWith('.lua')) lua.call('compile', { path: `${context.tree.installDir}/${path}` });
  }
  lua.close();
  return context.findings.list;
}

function openModel(
  context: Context,
  captured: Captured,
  state: ReturnType<typeof createHelperState>,
  options: LoadOptions,
): Promise<LuaState> {
  const functions = {
    ...loadFunctionsFor(context, captured),
    ...textFunctionsFor(context, captured),
    ...kumoFunctionsFor(context, captured),
    ...helperFunctionsFor(context, captured, state),
  };
  return openLua(context, functions, options);
}

function runEntry(
  lua: LuaState,
  entry: string,
  events: readonly string[],
  options: LoadOptions,
): { readonly loaded: boolean; readonly queueHandlers: readonly QueueHandler[] } {
  const result = lua.call('load', {
    entry: `${options.installDir.replace(/\/+$/, '')}/${entry}`,
    events,
    ...(options.now === undefined ? {} : { now: options.now }),
  });
  const answer = readTable(result);
  const queueHandlers = readList(answer?.['queue_handlers']).map((item) => {
    const handler = asTable(item);
    return { owner: readText(handler?.['owner']) ?? '', place: readText(handler?.['place']) ?? '' };
  });
  return { loaded: answer?.['loaded'] === true, queueHandlers };
}
