import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createDiagnostics } from '../src/diagnostics/diagnostic';
import { createSource, textOf } from '../src/diagnostics/span';
import type { Block, Item } from '../src/syntax/ast';
import { decode } from '../src/syntax/decode';
import { parseFile } from '../src/syntax/parse';

/** Lines of a block that make one slice; longer blocks give several. */
const WINDOW = 8;
/** Longest slice, in UTF-16 code units. Small inputs go through faster, and what fails is easier to read. */
const LONGEST = 600;

/**
 * Slices of the configurations below the folders: lines that stand by themselves, and blocks with some of their lines.
 * Each once, in an order that depends on the files alone.
 */
export function readSeeds(folders: readonly string[]): readonly string[] {
  const slices = new Set<string>();
  for (const folder of folders.filter((path) => existsSync(path))) {
    for (const path of filesBelow(folder)) {
      const { text, binary } = decode(readFileSync(path));
      if (binary) continue;
      const { items } = parseFile(createSource(path, text), createDiagnostics());
      for (const slice of items.flatMap(slicesOf)) slices.add(slice.slice(0, LONGEST));
    }
  }
  return [...slices].sort();
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => !path.split('/').includes('expected'))
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile())
    .sort();
}

function slicesOf(item: Item): readonly string[] {
  if (item.kind === 'blank') return [];
  if (item.kind !== 'block') return [`${textOf(item.span)}\n`];
  return windowsOf(item);
}

function windowsOf(block: Block): readonly string[] {
  const lines = block.items.filter(({ kind }) => kind !== 'blank').map(({ span }) => textOf(span));
  const starts = Array.from({ length: Math.max(1, Math.ceil(lines.length / WINDOW)) }, (_, index) => index * WINDOW);
  const close = block.close === undefined ? `</${block.tag.name}>` : textOf(block.close);
  return starts.map((start) => [textOf(block.tag.span), ...lines.slice(start, start + WINDOW), close, ''].join('\n'));
}
