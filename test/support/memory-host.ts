import { type Host, HostError } from '../../src/host';

/** A disk in memory: absolute path → content. Folders exist as far as files are in them. */
export function memoryHost(files: Readonly<Record<string, string | Uint8Array>>): Host {
  const paths = Object.keys(files);
  const isFolder = (path: string) => paths.some((file) => file.startsWith(asPrefix(path)));
  return {
    stat: (path) => (Object.hasOwn(files, path) ? 'file' : isFolder(path) ? 'directory' : undefined),
    realPath: (path) => path,
    read(path) {
      const content = files[path];
      if (content === undefined)
        throw new HostError(path, isFolder(path) ? 'it is a directory' : 'no such file or directory');
      return typeof content === 'string' ? new TextEncoder().encode(content) : content;
    },
    list(path) {
      if (!isFolder(path)) throw new HostError(path, 'no such file or directory');
      const prefix = asPrefix(path);
      const names = paths
        .filter((file) => file.startsWith(prefix))
        .map((file) => file.slice(prefix.length).split('/')[0] ?? '');
      return [...new Set(names)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    },
  };
}

function asPrefix(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}
