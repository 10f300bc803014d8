import { createSource, positionAt } from '../../diagnostics/span';
import { kumoEvents } from '../api/events';
import { functionRows } from '../api/function-rows';
import { compareReleases, oldestRelease, type Release } from '../api/release';
import { asList, asTable, isUnknown, type PolicyTable, type PolicyValue } from '../api/value';
import { baseShapingTable } from '../base-shaping';
import type { Context } from './context';
import { readDkimData } from './dkim-data';
import { inlineData, type LoadedData } from './files';
import type { Place } from './finding';
import { checkOptions } from './helper-options';
import { checkMemoize } from './host-tables';
import { readListenerData } from './listener-data';
import { extentOfKey } from './lua-places';
import { readQueueData } from './queue-data';
import { readShapingFile } from './shaping-file';
import { readSourceData } from './source-data';
import type { StartCall } from './start-calls';
import { firstTomlKey, pathKey } from './toml-places';
import { checkTable, createUses, need, type PlacedUse, type Uses } from './uses';

/** The data files of a tree: path → text and content. */
export interface DataTables {
  readonly texts: ReadonlyMap<string, string>;
  readonly tables: ReadonlyMap<string, PolicyTable>;
  /** Uses of files that were read before. */
  readonly known: Map<string, readonly PlacedUse[]>;
}

/** Collects what calls at the start use of KumoMTA, with the data files that they name. */
export interface UseReader {
  readonly onCall: (call: StartCall) => void;
  /** In the order in which they were met. */
  uses(): readonly PlacedUse[];
}

/** Reads the file of a helper for what it uses. */
type ReadData = (data: LoadedData, context: Context) => unknown;

const DATA_READERS: Readonly<Record<string, ReadData>> = {
  'policy-extras.dkim_sign:setup': (data, context) => readDkimData([data], context),
  'policy-extras.listener_domains:setup': (data, context) => readListenerData([data], context),
  'policy-extras.queue:setup': (data, context) => readQueueData([data], context),
  'policy-extras.sources:setup': (data, context) => readSourceData([data], context),
  'kumo.shaping.load': readShapingFile,
};

const EVENTS = new Map(kumoEvents.map((row) => [row.name as string, row]));

/** `context` is for this reader alone; its findings are not looked at. */
export function createReader(context: Context, data: DataTables): UseReader {
  const done: PlacedUse[] = [];
  // Uses that come before a file's are told before them.
  let calls = { ...context, uses: createUses() };
  const flush = () => {
    done.push(...calls.uses.list);
    calls = { ...context, uses: createUses() };
  };
  const readFiles = (read: ReadData, names: PolicyValue | undefined, place: Place) => {
    flush();
    for (const name of asList(names) ?? []) {
      if (typeof name === 'string') done.push(...usesOfFile(name, read, place, context, data));
    }
  };
  return {
    uses() {
      flush();
      return done;
    },
    onCall(call) {
      const { name, args, place } = call;
      noteFunction(call, calls);
      const reader = Object.hasOwn(DATA_READERS, name) ? DATA_READERS[name] : undefined;
      if (reader !== undefined) readFiles(reader, args[0], place);
      if (name === 'policy-extras.shaping:setup_with_automation') {
        const options = checkOptions('shaping', args[0], calls, { place, context: 'top' });
        readFiles(readShapingFile, options['extra_files'], place);
      }
    },
  };
}

/** Uses of one data file, found once however often it is loaded. */
function usesOfFile(
  name: string,
  read: ReadData,
  from: Place,
  context: Context,
  data: DataTables,
): readonly PlacedUse[] {
  const known = data.known.get(name);
  if (known !== undefined) return known;
  const own = createFileUses();
  const loaded = loadedData(name, from, context, data);
  if (loaded !== undefined) read(loaded, { ...context, uses: own });
  const uses = own.list;
  data.known.set(name, uses);
  return uses;
}

function loadedData(name: string, from: Place, { tree }: Context, data: DataTables): LoadedData | undefined {
  const shipped = baseShapingTable(name);
  if (shipped !== undefined) return inlineData(shipped, from);
  const located = tree.locate(name);
  const table = located.kind === 'file' ? data.tables.get(located.path) : undefined;
  if (located.kind !== 'file' || table === undefined) return undefined;
  const { path, text } = located;
  return { path, table, placeOf: (keys) => new KeyPlace(path, text, keys) };
}

/** A key of a file, whose line is looked for only when somebody asks. */
class KeyPlace implements Place {
  constructor(
    readonly path: string,
    readonly text: string,
    readonly keys: readonly string[],
  ) {}

  get line(): number {
    return firstLine(this.text, [this]);
  }
}

/** One-based line of the first of some keys in a text. */
function firstLine(text: string, places: readonly KeyPlace[]): number {
  const start = firstTomlKey(text, new Set(places.map(({ keys }) => pathKey(keys))))?.start ?? 0;
  return positionAt(createSource('', text), start).line;
}

/**
 * Uses of what the oldest release does not have. Tables are read in the order of the model and not in that of the file,
 * so all places are kept, and the first in the file is told.
 */
function createFileUses(): Uses {
  const met = new Map<string, { readonly since: Release; readonly places: (Place | undefined)[] }>();
  return {
    get list() {
      return [...met].map(([what, { since, places }]) => ({
        what,
        since,
        place: firstOf(places),
        count: places.length,
      }));
    },
    add({ what, since }, placeOf) {
      if (compareReleases(since, oldestRelease) <= 0) return;
      const known = met.get(what);
      if (known === undefined) met.set(what, { since, places: [placeOf()] });
      else known.places.push(placeOf());
    },
  };
}

function firstOf(places: readonly (Place | undefined)[]): Place | undefined {
  const [first] = places;
  if (!(first instanceof KeyPlace)) return first;
  const { path, text } = first;
  return {
    path,
    line: firstLine(
      text,
      places.filter((place) => place instanceof KeyPlace),
    ),
  };
}

/** What a call uses by itself: the function, fields of its table, the event. */
function noteFunction({ name, args, place, node }: StartCall, context: Context): void {
  const call = { place, context: 'top' };
  const [first, second] = args;
  if (name === 'kumo.memoize' && asTable(second) !== undefined) checkMemoize('function', second, context, call);
  if (name === 'policy-extras.log_hooks:new_disposition_hook') noteDispositionHook(first, place, context);
  const row = functionRows.get(name);
  if (name === 'kumo.on' && typeof first === 'string') noteEvent(first, place, context);
  if (row === undefined) return;
  need(context, name, row.since, place);
  const table = row.params === undefined || first === undefined || isUnknown(first) ? undefined : asTable(first);
  if (row.params === undefined || table === undefined) return;
  const placeOf = (keys: readonly string[]) => ({ ...place, ...extentOfKey(node, keys) });
  checkTable(context, row.params, table, true, name, placeOf);
}

function noteEvent(name: string, place: Place, context: Context): void {
  const row =
    EVENTS.get(name) ?? (name.startsWith('log_disposition_') ? EVENTS.get('log_disposition_NAME') : undefined);
  if (row !== undefined) need(context, `the event ${name}`, row.since, place);
}

/** The helper calls KumoMTA in its own file, so those calls have no place. */
function noteDispositionHook(options: PolicyValue | undefined, place: Place, context: Context): void {
  const table = checkOptions('new_disposition_hook', options, context, { place, context: 'top' });
  const hook = functionRows.get('kumo.configure_log_disposition_hook');
  if (hook === undefined) return;
  need(context, hook.name, hook.since, undefined);
  checkTable(context, 'disposition_hook', { name: table['name'] ?? '' }, true, hook.name, () => undefined);
  if (typeof table['name'] === 'string') noteEvent(`log_disposition_${table['name']}`, place, context);
}
