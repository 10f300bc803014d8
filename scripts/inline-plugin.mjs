// `import { text } from './x?inline'`: a style or a script with all it imports, as one text for a page of its own.
import { dirname, resolve } from 'node:path';
import { build } from 'esbuild';

/** What the oldest browsers understand that people still use on servers' jump hosts. */
const BROWSERS = ['chrome100', 'firefox100', 'safari15'];

/** Bundles a stylesheet (`.css`) or a script (`.ts`, named without its ending). The same input gives the same bytes. */
export async function inlineText(path) {
  const { outputFiles } = await build({
    entryPoints: [path.endsWith('.css') ? path : `${path}.ts`],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: BROWSERS,
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'warning',
  });
  return outputFiles[0].text.trimEnd();
}

async function moduleOf(path) {
  return `export const text = ${JSON.stringify(await inlineText(path))};\n`;
}

const SUFFIX = '?inline';

export const esbuildInline = {
  name: 'inline-texts',
  setup(bundler) {
    bundler.onResolve({ filter: /\?inline$/ }, (args) => ({
      path: resolve(args.resolveDir, args.path.slice(0, -SUFFIX.length)),
      namespace: 'inline',
    }));
    bundler.onLoad({ filter: /.*/, namespace: 'inline' }, async (args) => ({
      contents: await moduleOf(args.path),
      loader: 'js',
    }));
  },
};

export const viteInline = {
  name: 'inline-texts',
  enforce: 'pre',
  resolveId(id, importer) {
    if (!id.endsWith(SUFFIX) || importer === undefined) return undefined;
    // Without an ending that Vite itself would do something with.
    return `\0inline:${resolve(dirname(importer), id.slice(0, -SUFFIX.length))}:`;
  },
  load(id) {
    return id.startsWith('\0inline:') ? moduleOf(id.slice('\0inline:'.length, -1)) : undefined;
  },
};
