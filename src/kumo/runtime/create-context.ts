import { newestRelease } from '../api/release';
import type { Context } from './context';
import { createDataFiles } from './files';
import { createFindings } from './finding';
import { createLuaPlaces } from './lua-places';
import { createMx, type MxLookup } from './mx';
import { createTree } from './tree';
import { createUses } from './uses';

export interface ContextOptions {
  /** Where the tree will live; absolute. Paths below it are files of the tree. */
  readonly installDir: string;
  /** KumoMTA release the tree is for (`2024.11.08`); the newest when absent. */
  readonly target?: string;
  /** Mail exchangers of a domain. Without data a domain is a site of its own. */
  readonly mx?: MxLookup;
}

/** What every part of the model works with, for one tree. */
export function createContext(files: ReadonlyMap<string, string>, options: ContextOptions): Context {
  const tree = createTree(files, options.installDir);
  const findings = createFindings();
  return {
    tree,
    findings,
    lua: createLuaPlaces((path) => tree.files.get(path)),
    uses: createUses(),
    files: createDataFiles(tree, findings),
    target: options.target ?? newestRelease,
    mx: createMx(options.mx),
    made: {},
  };
}
