import type { Source } from '../diagnostics/span';
import type { EmittedFile } from '../emit/file';

/** Lines of one file that say something: neither blank nor comment. */
export interface FileSize {
  readonly path: string;
  readonly lines: number;
}

export interface Size {
  /** PowerMTA's files. */
  readonly input: readonly FileSize[];
  readonly inputLines: number;
  /** Files of the policy tree, reports not counted. */
  readonly emitted: readonly FileSize[];
  readonly emittedLines: number;
}

/** Counts both sides by the same rule: a line counts when it is neither blank nor a comment. */
export function sizeOf(sources: readonly Source[], files: readonly EmittedFile[]): Size {
  const input = sources.map(({ path, text }) => ({ path, lines: countLines(text, '#') }));
  const emitted = files.map(({ path, content }) => ({ path, lines: countLines(content, commentSign(path)) }));
  return { input, inputLines: sum(input), emitted, emittedLines: sum(emitted) };
}

/** Emitted lines for each line of the input; undefined when there is no input. */
export function sizeRatio({ inputLines, emittedLines }: Pick<Size, 'inputLines' | 'emittedLines'>): number | undefined {
  return inputLines === 0 ? undefined : emittedLines / inputLines;
}

function commentSign(path: string): string | undefined {
  if (path.endsWith('.lua')) return '--';
  return path.endsWith('.toml') ? '#' : undefined;
}

function countLines(text: string, comment: string | undefined): number {
  return text.split(/\r\n|\r|\n/).filter((line) => {
    const trimmed = line.replace(/^\ufeff/, '').trim();
    return trimmed !== '' && (comment === undefined || !trimmed.startsWith(comment));
  }).length;
}

function sum(files: readonly FileSize[]): number {
  return files.reduce((all, { lines }) => all + lines, 0);
}
