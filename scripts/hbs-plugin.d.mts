import type { Plugin as EsbuildPlugin } from 'esbuild';
import type { Plugin as VitePlugin } from 'vite';

export function compileTemplate(text: string): string;
export const esbuildHandlebars: EsbuildPlugin;
export const viteHandlebars: VitePlugin;
