import type { EmittedFile } from '../emit/file';
import type { TreePlace } from './change';

/** The lines of the PowerMTA configuration that stand behind a place of the converted tree. */
export type LinesOf = (places: readonly TreePlace[]) => readonly string[];

/** How far above a call in Lua the comment with its origin may stand. */
const ABOVE = 3;

/**
 * From the source map of the emitted files, and from the comments in Lua (`-- config:34`). Of several places the first
 * with known lines counts.
 */
export function createLinesOf(files: readonly Pick<EmittedFile, 'path' | 'content' | 'origins'>[]): LinesOf {
  const maps = new Map(
    files.map(
      ({ path, origins }) => [path, new Map(origins.map(({ line, places }) => [line, places] as const))] as const,
    ),
  );
  const texts = new Map(files.map(({ path, content }) => [path, content] as const));
  const split = new Map<string, readonly string[]>();
  const linesOfFile = (path: string): readonly string[] => {
    const known = split.get(path) ?? (texts.get(path) ?? '').split('\n');
    split.set(path, known);
    return known;
  };
  return (places) => {
    for (const { path, line } of places) {
      if (line === undefined) continue;
      const found = maps.get(path)?.get(line) ?? (path.endsWith('.lua') ? inComment(linesOfFile(path), line) : []);
      if (found.length > 0) return [...new Set(found)];
    }
    return [];
  };
}

function inComment(lines: readonly string[], line: number): readonly string[] {
  for (let at = line - 1; at >= Math.max(0, line - 1 - ABOVE); at--) {
    const comment = /^\s*-- (\S+:\d+(?:, \S+:\d+)*)(?: \+ \d+ more)?$/.exec(lines[at] ?? '')?.[1];
    if (comment !== undefined) return comment.split(', ');
  }
  return [];
}
