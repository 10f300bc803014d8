import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { viteHandlebars } from './scripts/hbs-plugin.mjs';
import { viteInline } from './scripts/inline-plugin.mjs';

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as { version: string };

export default defineConfig({
  plugins: [viteHandlebars, viteInline],
  define: { __VERSION__: JSON.stringify(version) },
  test: { include: ['test/**/*.test.ts'], testTimeout: 60_000 },
});
