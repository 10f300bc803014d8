import luaparse from 'luaparse';
import { parse } from 'smol-toml';
import type { Converted } from './converted';

/** Every string and key of the tree; throws when a file cannot be read, or when a value became code. */
export function dataOf(files: ReadonlyMap<string, string>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [path, content] of files) {
    if (path.endsWith('.toml')) collect(parse(content), found);
    else if (path.endsWith('.lua')) collectLua(content, found);
    else found.add(content);
  }
  return found;
}

function collect(value: unknown, found: Set<string>): void {
  if (typeof value === 'string') found.add(value);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      found.add(key);
      collect(item, found);
    }
  }
}

function collectLua(content: string, found: Set<string>): void {
  luaparse.parse(content, {
    luaVersion: '5.3',
    encodingMode: 'pseudo-latin1',
    onCreateNode(node) {
      if (node.type === 'StringLiteral') found.add(Buffer.from(node.value, 'latin1').toString('utf8'));
      else if (node.type === 'TableKeyString') found.add(node.key.name);
      else if (node.type === 'Identifier' && node.name === 'pwned') throw new Error('a value is code');
    },
  });
}

function asWritten(value: string): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(value)).toLowerCase();
}

/** Names are compared without regard to case, and a renamed or copied one is told. */
export function isThere(value: string, { conversion, files }: Pick<Converted, 'conversion' | 'files'>): boolean {
  const wanted = asWritten(value);
  return textsOf({ conversion, files }).some((text) => text === wanted);
}

/** The same, as a text or a part of one: of a path, a list, an address. */
export function isPart(value: string, converted: Pick<Converted, 'conversion' | 'files'>): boolean {
  const wanted = asWritten(value);
  return textsOf(converted).some((text) => text.includes(wanted));
}

function textsOf({ conversion, files }: Pick<Converted, 'conversion' | 'files'>): readonly string[] {
  const { renames, copies } = conversion.policy;
  const told = [...renames.map(({ from }) => from), ...[...copies.values()].map(({ from }) => from)];
  return [...dataOf(files), ...told].map((text) => text.toLowerCase());
}
