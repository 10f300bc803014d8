/** The files of a tree as the running policy sees them: by absolute path, and nothing else of the disk. */
export interface Tree {
  /** Files by path relative to the tree. */
  readonly files: ReadonlyMap<string, string>;
  /** Where the tree will live, without a slash at the end. */
  readonly installDir: string;
  /** What an absolute path (or one relative to the tree) names. */
  locate(path: string): Located;
}

export type Located =
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | { readonly kind: 'missing'; readonly path: string }
  /** A file that KumoMTA's package brings along. */
  | { readonly kind: 'shipped' }
  | { readonly kind: 'outside' };

const shippedDir = '/opt/kumomta/share/';

export function createTree(files: ReadonlyMap<string, string>, installDir: string): Tree {
  const root = installDir.replace(/\/+$/, '');
  return {
    files,
    installDir: root,
    locate(path) {
      const absolute = normalize(path.startsWith('/') ? path : `${root}/${path}`);
      if (absolute.startsWith(shippedDir)) return { kind: 'shipped' };
      if (!absolute.startsWith(`${root}/`)) return { kind: 'outside' };
      const relative = absolute.slice(root.length + 1);
      const text = files.get(relative);
      return text === undefined ? { kind: 'missing', path: relative } : { kind: 'file', path: relative, text };
    },
  };
}

/** An absolute path without `.`, `..` and doubled slashes, so that none leads out of the tree. */
function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** Files of the tree, absolute and sorted, that a glob pattern (`*`, `?`, `**`, `{a,b}`) names. */
export function globFiles(tree: Tree, pattern: string): readonly string[] {
  const absolute = pattern.startsWith('/') ? pattern : `${tree.installDir}/${pattern}`;
  const regex = globRegex(absolute);
  return [...tree.files.keys()]
    .map((path) => `${tree.installDir}/${path}`)
    .filter((path) => regex.test(path))
    .sort();
}

/** A glob pattern as a regular expression that cannot backtrack badly: every wildcard stops at a slash, but `**`. */
export function globRegex(pattern: string): RegExp {
  const source = pattern.slice(0, 1000).replace(/\*{2,}\/?|\*|\?|\{[^{}]*\}|[.+^$()|[\]\\{}]/g, (token) => {
    if (token.startsWith('**')) return token.endsWith('/') ? '(?:.*/)?' : '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    if (!token.startsWith('{') || token === '{') return `\\${token}`;
    return `(?:${token.slice(1, -1).split(',').map(escapeRegex).join('|')})`;
  });
  return new RegExp(`^${source}$`);
}

function escapeRegex(text: string): string {
  return text.replace(/[.*+?^$()|[\]\\{}]/g, '\\$&');
}
