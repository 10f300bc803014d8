// How the tool is bundled: for npm (build.mjs) and for the executable (executable.mjs).
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { esbuildHandlebars } from './hbs-plugin.mjs';
import { esbuildInline } from './inline-plugin.mjs';

export const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/**
 * Wasmoon reads its WebAssembly from beside its own file. In a bundle there is no such file, so the bytes come along
 * and are handed out where it would read them. A release of Wasmoon that is written otherwise fails the build.
 */
const embeddedLua = {
  name: 'embedded-lua',
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]wasmoon[\\/]dist[\\/]index\.js$/ }, (args) => {
      const reader = /\bif\(\w+\)return \w+\(\w+\);throw ?"both async and sync fetching of the wasm failed"/g;
      const text = readFileSync(args.path, 'utf8');
      if ([...text.matchAll(reader)].length !== 1) throw new Error('Wasmoon reads its WebAssembly in another way now');
      const contents = text
        .replace(reader, 'return require("./glue.wasm")')
        // An executable cannot import.
        .replace(/await import\('module'\)/, 'require("module")')
        // It only looks up its own folder by these.
        .replaceAll('__filename', '"/wasmoon.js"')
        .replaceAll('__dirname', '"/"');
      return { contents, loader: 'js' };
    });
  },
};

/** Bundles entry points with everything they need but Node; `options` are esbuild's. Gives its result, with the list of inputs. */
export function bundle(options) {
  return build({
    bundle: true,
    platform: 'node',
    target: 'node20',
    minify: true,
    metafile: true,
    // Licences are in THIRD-PARTY-NOTICES.txt.
    legalComments: 'none',
    loader: { '.wasm': 'binary' },
    logLevel: 'warning',
    ...options,
    define: { __VERSION__: JSON.stringify(version), ...options.define },
    plugins: [esbuildHandlebars, esbuildInline, embeddedLua],
  });
}
