import { diff3MergeRegions, diffIndices, type IRegion } from 'node-diff3';
import type { SplitLine } from './origins';

/** A stretch that was edited by hand and comes out differently of the new conversion as well. Lines without their end. */
export interface TextConflict {
  /** One-based, in the edited file. */
  readonly line: number;
  readonly yours: readonly string[];
  readonly before: readonly string[];
  readonly generated: readonly string[];
}

export type Piece = { readonly lines: readonly string[] } | { readonly conflict: TextConflict };

export interface MergedStretch {
  /** `yours`: lines of the edited file, whose places may have moved. */
  readonly pieces: readonly (Piece | { readonly yours: readonly SplitLine[] })[];
  /** Lines that say the same before and now. */
  readonly pairs: readonly (readonly [before: SplitLine, now: SplitLine])[];
}

/** Beyond this many pairs of lines a stretch is not compared line by line; it is a conflict as a whole. */
const MOST_PAIRS = 50_000_000;

/** The same part of three texts. */
interface Stretch {
  readonly base: readonly SplitLine[];
  readonly yours: readonly SplitLine[];
  readonly generated: readonly SplitLine[];
}

/** Merges a part of three texts by the keys of its lines; `from` is where it begins in the edited one, zero-based. */
export function mergeStretch(
  base: readonly SplitLine[],
  yours: readonly SplitLine[],
  generated: readonly SplitLine[],
  from: number,
): MergedStretch {
  const stretch = { base, yours, generated };
  const [o, a, b] = [keys(base), keys(yours), keys(generated)];
  if (isEqual(a, o) || isEqual(a, b)) {
    return { pieces: [{ lines: texts(generated) }], pairs: isEqual(b, o) ? zip(base, generated) : [] };
  }
  if (o.length * Math.max(a.length, b.length) > MOST_PAIRS) {
    return isEqual(b, o)
      ? { pieces: [{ yours }], pairs: zip(base, generated) }
      : { pieces: [conflictOf(stretch, from)], pairs: [] };
  }
  const now = positions(o, b);
  return {
    pieces: diff3MergeRegions(a, o, b).map((region) => pieceOf(region, stretch, now, from)),
    pairs: base.flatMap((before, at) => {
      const line = generated[now[at] ?? -1];
      return line === undefined ? [] : [[before, line] as const];
    }),
  };
}

function pieceOf(
  region: IRegion<string>,
  { base, yours, generated }: Stretch,
  now: readonly number[],
  from: number,
): MergedStretch['pieces'][number] {
  if (!region.stable) {
    const part = {
      base: base.slice(region.oStart, region.oStart + region.oLength),
      yours: yours.slice(region.aStart, region.aStart + region.aLength),
      generated: generated.slice(region.bStart, region.bStart + region.bLength),
    };
    return isEqual(region.aContent, region.bContent)
      ? { lines: texts(part.generated) }
      : conflictOf(part, from + region.aStart);
  }
  const end = region.bufferStart + region.bufferLength;
  switch (region.buffer) {
    case 'a':
      return { yours: yours.slice(region.bufferStart, end) };
    case 'b':
      return { lines: texts(generated.slice(region.bufferStart, end)) };
    case 'o': {
      const same = now.slice(region.bufferStart, end).flatMap((at) => generated[at] ?? []);
      return { lines: texts(same) };
    }
  }
}

function conflictOf({ base, yours, generated }: Stretch, at: number): Piece {
  return { conflict: { line: at + 1, yours: texts(yours), before: texts(base), generated: texts(generated) } };
}

/** For each line of `one` its index in `other`; -1 where it is not there any more. */
function positions(one: string[], other: string[]): readonly number[] {
  const found = new Array<number>(one.length).fill(-1);
  let shift = 0;
  let at = 0;
  for (const { buffer1, buffer2 } of diffIndices(one, other)) {
    for (; at < buffer1[0]; at++) found[at] = at + shift;
    at = buffer1[0] + buffer1[1];
    shift = buffer2[0] + buffer2[1] - at;
  }
  for (; at < one.length; at++) found[at] = at + shift;
  return found;
}

function zip(one: readonly SplitLine[], other: readonly SplitLine[]): MergedStretch['pairs'] {
  return one.flatMap((line, at) => {
    const same = other[at];
    return same === undefined ? [] : [[line, same] as const];
  });
}

function keys(lines: readonly SplitLine[]): string[] {
  return lines.map(({ key }) => key);
}

function texts(lines: readonly SplitLine[]): readonly string[] {
  return lines.map((line) => line.withOrigins(line.origins));
}

function isEqual(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, index) => line === other[index]);
}
