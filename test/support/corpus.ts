import { existsSync, readdirSync } from 'node:fs';
import { describe } from 'vitest';

/** Real configurations lie beside the checkout, and are not part of it. */
const CORPUS = new URL('../../../shared/corpus', import.meta.url).pathname;

/** The main files of the corpus; empty when it is not there. */
export function corpusConfigs(): readonly { readonly name: string; readonly path: string }[] {
  if (!existsSync(CORPUS)) return [];
  return readdirSync(CORPUS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, path: `${CORPUS}/${name}/config` }))
    .filter(({ path }) => existsSync(path))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A `describe` over the corpus that shows up as skipped where the corpus is missing. */
export function describeCorpus(
  title: string,
  body: (configs: readonly { readonly name: string; readonly path: string }[]) => void,
): void {
  const configs = corpusConfigs();
  describe.skipIf(configs.length === 0)(`${title} (corpus)`, () => body(configs));
}
