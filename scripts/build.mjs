// Bundles src/cli.ts, and the thread that checks, into dist/, or the folder given: starting Node with Chevrotain unbundled costs ten times as much.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.mjs';
import { noticesOf } from './notices.mjs';

const outdir = process.argv[2] ?? 'dist';
rmSync(outdir, { recursive: true, force: true });
const { metafile } = await bundle({
  entryPoints: ['src/cli.ts', 'src/cli-check-worker.ts'],
  outdir,
  splitting: true,
  format: 'esm',
  chunkNames: 'chunk-[hash]',
  // CommonJS dependencies call require() for Node's own modules.
  banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" },
});
writeFileSync(join(outdir, 'THIRD-PARTY-NOTICES.txt'), noticesOf(metafile));
