// Bundles src/cli.ts, and the thread that checks, into dist/, or the folder given: starting Node with Chevrotain unbundled costs ten times as much.
import { readFileSync, rmSync } from 'node:fs';
import { build } from 'esbuild';
import { esbuildHandlebars } from './hbs-plugin.mjs';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const outdir = process.argv[2] ?? 'dist';
rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: ['src/cli.ts', 'src/cli-check-worker.ts'],
  outdir,
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  chunkNames: 'chunk-[hash]',
  minify: true,
  legalComments: 'none',
  // It loads its WebAssembly from beside its own file.
  external: ['wasmoon'],
  define: { __VERSION__: JSON.stringify(version) },
  // CommonJS dependencies call require() for Node's own modules.
  banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" },
  plugins: [esbuildHandlebars],
  logLevel: 'warning',
});
