import { MASK, type SecretRange, secretRanges } from '../../diagnostics/secrets';
import type { Source } from '../../diagnostics/span';
import { visibleText } from '../../diagnostics/visible';

/** Of a line, this many characters are shown, and this many are looked at for secrets. */
const LONGEST_SHOWN = 1_000;
const LOOKED_AT = 8_192;
const PLAIN = /^[\t\x20-\x7e]*$/;

/** Lines of a file as a report shows them. */
export interface ShownLines {
  readonly lines: readonly string[];
  /** Lines at the end that were left out. */
  readonly cut: number;
}

/**
 * The lines of a file of the input, at most `most` of them: without secrets, what cannot be seen made visible, each of a
 * length that can be shown. `secrets`: further stretches to hide, as offsets in the text, in order.
 */
export function inputLines(source: Source, most: number, secrets: readonly SecretRange[]): ShownLines {
  const { text } = source;
  const starts = source.lineStarts();
  // A line end at the end of the file begins no further line.
  const count = starts[starts.length - 1] === text.length ? starts.length - 1 : starts.length;
  const lines: string[] = [];
  let previous = '';
  let next = 0;
  for (let index = 0; index < Math.min(count, most); index++) {
    const start = starts[index] ?? 0;
    const end = starts[index + 1] ?? text.length;
    const line = text.slice(start, Math.min(end, start + LOOKED_AT)).replace(/[\r\n]+$/, '');
    const known = secretRanges(line, previous);
    const more: SecretRange[] = [];
    while ((secrets[next]?.end ?? Number.POSITIVE_INFINITY) <= start) next++;
    for (let at = next; (secrets[at]?.start ?? Number.POSITIVE_INFINITY) < end; at++) {
      more.push({ start: (secrets[at]?.start ?? 0) - start, end: (secrets[at]?.end ?? 0) - start });
    }
    lines.push(shownLine(line, more.length === 0 ? known : [...known, ...more], index === 0));
    previous = line;
  }
  return { lines, cut: count - lines.length };
}

/** The lines of an emitted file, at most `most` of them. */
export function emittedLines(content: string, most: number): ShownLines {
  const all = content.replace(/\n$/, '').split('\n');
  return { lines: all.slice(0, most).map((line) => shownLine(line, [], false)), cut: Math.max(0, all.length - most) };
}

function shownLine(line: string, secrets: readonly SecretRange[], first: boolean): string {
  const bare = secrets.length === 0 ? line : masked(line, secrets);
  // The byte order mark at the start of a file is no mistake.
  const text = first && bare.startsWith('\ufeff') ? bare.slice(1) : bare;
  const cut = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)} …` : text;
  return PLAIN.test(cut) ? cut : cut.split('\t').map(visibleText).join('\t');
}

function masked(line: string, ranges: readonly SecretRange[]): string {
  let shown = '';
  let done = 0;
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    if (end <= done) continue;
    shown += start > done || done === 0 ? line.slice(done, Math.max(start, 0)) + MASK : '';
    done = end;
  }
  return shown + line.slice(done);
}
