/** A line taken apart: what it says, and the places of the input that it names beside it. */
export interface SplitLine {
  /** The line without its places; two lines with equal keys say the same. */
  readonly key: string;
  readonly origins: readonly string[];
  /** The same line with other places, as many. */
  readonly withOrigins: (origins: readonly string[]) => string;
}

/** How the lines of one kind of file are taken apart. */
export type SplitOrigins = (line: string) => SplitLine;

const LIST = String.raw`[^\s,()]+:\d+(?:, [^\s,()]+:\d+)*(?: \+ \d+ more)?`;
/** Places at the end of a comment: `-- config:12, config:15`, `# smtp-pattern-list x (config:6)`. */
const IN_CODE = new RegExp(String.raw`(?<=(?:#|--) (?:[^\n]*[ (])?)${LIST}(?=\)?$)`, 'g');
/** What it takes to be worth the look above. */
const CODE_HINT = /(?:#|--) .*(?::\d+|\d more)\)?$/;
/** Places in a report: `` `config:12`, `config:15` ``. */
const IN_MARKDOWN = /`[^`\s]+:\d+`(?:, `[^`\s]+:\d+`)*/g;
/** In UTF-16 code units; longer lines are none of ours with a comment. */
const LONGEST = 2000;

/**
 * How to take lines of a file apart. Emitted comments name lines of the input, and all of these move when a line is
 * added above them; only what a line says counts for a merge.
 */
export function originsIn(path: string): SplitOrigins {
  if (/\.(?:lua|toml)$/.test(path)) return (line) => splitLine(line, CODE_HINT, IN_CODE);
  if (path.endsWith('.md')) return (line) => splitLine(line, /`/, IN_MARKDOWN);
  return whole;
}

/**
 * Which places became which: from pairs of lines that say the same before and now. Places that became different ones in
 * different lines are left out.
 */
export function movedOrigins(
  pairs: readonly (readonly [before: SplitLine, now: SplitLine])[],
): ReadonlyMap<string, readonly string[]> {
  const moved = new Map<string, readonly string[] | undefined>();
  for (const [before, now] of pairs) {
    if (before.origins.length === 0 || before.origins.length !== now.origins.length) continue;
    const name = before.origins.join('\n');
    const known = moved.get(name);
    const isNew = !moved.has(name) || known?.join('\n') === now.origins.join('\n');
    moved.set(name, isNew ? now.origins : undefined);
  }
  return new Map([...moved].flatMap(([name, origins]) => (origins === undefined ? [] : [[name, origins] as const])));
}

/** A line with the places it names now; the same line where they are not known. */
export function withMoved(line: SplitLine, moved: ReadonlyMap<string, readonly string[]>): string {
  const origins = line.origins.length === 0 ? undefined : moved.get(line.origins.join('\n'));
  return line.withOrigins(origins ?? line.origins);
}

function splitLine(line: string, hint: RegExp, places: RegExp): SplitLine {
  if (line.length > LONGEST || !hint.test(line)) return whole(line);
  const origins = [...line.matchAll(places)].map(([found]) => found);
  const withOrigins = (others: readonly string[]): string => {
    let at = 0;
    return line.replace(places, (found) => others[at++] ?? found);
  };
  return { key: line.replace(places, '\0'), origins, withOrigins };
}

function whole(line: string): SplitLine {
  return { key: line, origins: [], withOrigins: () => line };
}
