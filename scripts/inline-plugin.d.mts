import type { Plugin as EsbuildPlugin } from 'esbuild';
import type { Plugin as VitePlugin } from 'vite';

export function inlineText(path: string): Promise<string>;
export const esbuildInline: EsbuildPlugin;
export const viteInline: VitePlugin;
