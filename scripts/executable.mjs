// Builds the tool as one file for servers without Node: this Node with the bundle in it (Node's single executable
// application). The folder given, or dist-executable/, gets the program and its licences.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'postject';
import { bundle } from './bundle.mjs';
import { noticesOf } from './notices.mjs';

/** Node looks for the application under this mark in itself. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
const NODE_LICENSE = `
${'-'.repeat(72)}
Node.js ${process.versions.node}, with its libraries: MIT and others

https://github.com/nodejs/node/blob/v${process.versions.node}/LICENSE
`;

const outdir = process.argv[2] ?? 'dist-executable';
rmSync(outdir, { recursive: true, force: true });
mkdirSync(outdir, { recursive: true });
const work = mkdtempSync(join(tmpdir(), 'pmta2kumo-executable-'));
try {
  const metafile = await bundleBoth();
  writeFileSync(join(outdir, 'THIRD-PARTY-NOTICES.txt'), `${noticesOf(metafile)}${NODE_LICENSE}`);
  copyFileSync(new URL('../LICENSE', import.meta.url), join(outdir, 'LICENSE'));
  await assemble(join(outdir, process.platform === 'win32' ? 'pmta2kumo.exe' : 'pmta2kumo'));
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** One file each, because nothing can be loaded from beside an executable; the thread's is handed out as text. */
async function bundleBoth() {
  const { metafile } = await bundle({
    entryPoints: { cli: 'src/cli.ts', 'check-worker': 'src/cli-check-worker.ts' },
    outdir: work,
    format: 'cjs',
    define: { 'import.meta.url': '"file:///"' },
  });
  return metafile;
}

async function assemble(program) {
  const blob = join(work, 'blob');
  const config = join(work, 'config.json');
  const settings = {
    main: join(work, 'cli.js'),
    output: blob,
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    assets: { 'check-worker.js': join(work, 'check-worker.js') },
  };
  writeFileSync(config, JSON.stringify(settings));
  execFileSync(process.execPath, ['--experimental-sea-config', config], { stdio: ['ignore', 'ignore', 'inherit'] });
  copyFileSync(process.execPath, program);
  chmodSync(program, 0o755);
  await inject(program, 'NODE_SEA_BLOB', readFileSync(blob), {
    sentinelFuse: FUSE,
    ...(process.platform === 'darwin' ? { machoSegmentName: 'NODE_SEA' } : {}),
  });
}
