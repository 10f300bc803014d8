import type { Input } from './inputs';

/** How long the search for a smaller input may take. */
export interface Patience {
  readonly tries: number;
  readonly ms: number;
}

/**
 * A smaller input that `fails` still says yes to: files, then ever shorter runs of lines, then of characters, are left
 * out. Files of bytes stay as they are.
 */
export async function minimise(
  input: Input,
  fails: (input: Input) => Promise<boolean>,
  patience: Patience,
): Promise<Input> {
  const end = performance.now() + patience.ms;
  let left = patience.tries;
  let best = input;
  const attempt = async (candidate: Input): Promise<boolean> => {
    if (left-- <= 0 || performance.now() > end || !(await fails(candidate))) return false;
    best = candidate;
    return true;
  };
  for (const name of Object.keys(input.files)) {
    const { [name]: _, ...files } = best.files;
    if (name !== 'config') await attempt({ ...best, files });
  }
  for (const [name, content] of Object.entries(best.files)) {
    if (typeof content !== 'string') continue;
    const put = (pieces: readonly string[], glue: string) =>
      attempt({ ...best, files: { ...best.files, [name]: pieces.join(glue) } });
    const lines = await shortened(content.split('\n'), (pieces) => put(pieces, '\n'));
    await shortened([...lines.join('\n')], (pieces) => put(pieces, ''));
  }
  return best;
}

/** Leaves out runs of pieces, long ones first, as long as `keeps` agrees. */
async function shortened(
  all: readonly string[],
  keeps: (pieces: readonly string[]) => Promise<boolean>,
): Promise<readonly string[]> {
  let pieces = all;
  for (let size = pieces.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < pieces.length; ) {
      const fewer = [...pieces.slice(0, at), ...pieces.slice(at + size)];
      if (await keeps(fewer)) pieces = fewer;
      else at += size;
    }
  }
  return pieces;
}
