import type { PolicyTable } from '../api/value';
import type { DataFiles } from './files';
import type { Findings, Place } from './finding';
import type { LuaPlaces } from './lua-places';
import type { Mx } from './mx';
import type { Tree } from './tree';
import type { Uses } from './uses';

/** What every part of the model works with. */
export interface Context {
  readonly tree: Tree;
  readonly files: DataFiles;
  readonly findings: Findings;
  /** What the tree uses of KumoMTA. */
  readonly uses: Uses;
  readonly lua: LuaPlaces;
  /** KumoMTA release the tree is for. */
  readonly target: string;
  readonly mx: Mx;
  /** Where the tree's own code last called a `kumo.make_` function, and which; for whoever asks where an answer is from. */
  readonly made: { name?: string; place?: Place | undefined };
}

/** What the policy told KumoMTA while it was loaded. */
export interface Captured {
  readonly listeners: PolicyTable[];
  readonly httpListeners: PolicyTable[];
  readonly spools: PolicyTable[];
  readonly logs: PolicyTable[];
  readonly logHooks: PolicyTable[];
  /** Where each of these tables was handed over. */
  readonly places: Map<PolicyTable, Place | undefined>;
  /** Parameters of the bounce classifier. */
  readonly classifiers: PolicyTable[];
  readonly monitorGlobs: string[];
  /** Files that the policy reads while the server starts: absolute path → who asks. */
  readonly startFiles: Map<string, Place | undefined>;
  /** Events that have a handler. */
  readonly events: Set<string>;
  /** Lists of shaping files, in the order in which they were loaded. */
  readonly shapingFiles: string[][];
}

export function createCaptured(): Captured {
  return {
    listeners: [],
    httpListeners: [],
    spools: [],
    logs: [],
    logHooks: [],
    places: new Map(),
    classifiers: [],
    monitorGlobs: [],
    startFiles: new Map(),
    events: new Set(),
    shapingFiles: [],
  };
}
