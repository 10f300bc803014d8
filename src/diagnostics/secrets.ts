/**
 * Which parts of a configuration line must never be shown. Wider than PowerMTA's own directives (`password`,
 * `auth-password`, `api-key`, `http-api-key`, `imprinter-password`, the pass phrase after a certificate, the key after
 * `privacy-policy`): a misspelt, misplaced or commented-out password is as secret as a valid one. Where it is in doubt
 * whether a word is one, it is hidden: a masked word costs a look into the file, a shown one a new password.
 */
const NAME = '(?:pas{1,2}[-_]?w(?:o?r)?[dt]|pass[-_]?phrase|api[-_]?key|secret|credential)';
/** Part of a word; what is not in it sets a name and its value apart. */
const IN_WORD = String.raw`[^\s=:<>"',;\p{Cc}]`;
const APART = String.raw`[\s=:<>,;|\p{Cc}]`;

/** Options of commands are known by {@link OPTION}, which sees where their value ends. */
const NO_OPTION = String.raw`(?<!(?:^|[\s"'])--?[\w-]{0,40})`;

/** Each ends where the secret begins; from there on everything to the end of the line is hidden. */
const BEFORE_SECRET: readonly RegExp[] = [
  // The first word of a line, a tag or a comment.
  new RegExp(
    String.raw`^[#\s<>/-]*["']?${IN_WORD}{0,200}${NAME}${IN_WORD}{0,64}(?:["']?${APART}{1,64}|(?=["']))`,
    'iu',
  ),
  // Anywhere, with a sign that gives it its value: `export PGPASSWORD=x`, `{"token": "x"}`.
  new RegExp(
    String.raw`${NO_OPTION}(?:${NAME}|token|\b(?:pass|pwd|authorization))[\w-]{0,64}["']?\s{0,8}[=:][=:>\s]{0,64}`,
    'iu',
  ),
  /(?:\bbearer|siphash|hmac-sha256)[\w-]{0,64}\s{1,64}(?=[^#\s])/iu,
  // The second argument of these two.
  /^[#\s<]*(?:[^\s=:<>"']{0,200}certif[^\s=:<>"']{0,64}|privacy[-_ ]?p\w{3,6})[\s=:,]+(?:"(?:[^"\\]|\\.)*"|[^\s,]+)[\s,]+(?![#\s])/iu,
  // Arguments of a program that a file is piped to: `-pX` and `-u me:X` look like any other.
  /^[#\s<]*[\w-]{1,40}\s+"?\|\s{0,8}[^\s>"]+\s+(?=[^\s>"])/u,
];
/** Anywhere but in the prose of a comment. */
const IN_SETTING: readonly RegExp[] = [
  new RegExp(String.raw`${NO_OPTION}${NAME}${IN_WORD}{0,64}(?:["']?${APART}{1,64}|["'])(?=[^#\s])`, 'iu'),
  // No names of PowerMTA's, but what people may think is one.
  /^[\s<]*["']?(?:pwd|pass|(?:(?:auth|access)[-_])?token|[\w-]{0,40}(?:hmac|siphash)[\w-]{0,40}|private[-_]?key)["']?[\s=:>]{1,64}/iu,
];
const BARE = new RegExp(String.raw`^[\s<]*["']?${IN_WORD}{0,200}${NAME}${IN_WORD}{0,64}["'\s=:]*$`, 'iu');

const OPTION =
  /(?<=^|[\s"'])--?[\w-]{0,40}(?:passw(?:or)?d|passphrase|secret|api-?key|token)[=\s]+("[^"]*"|'[^']*'|[^\s"'<>]+)/giu;
const USER_OPTION = /(?<=^|\s)-u\s{1,8}[^\s:"']{0,64}:([^\s"'<>]+)/gu;
const USER_INFO = /\b\w{1,20}:\/\/[^\s/:@]{0,200}:([^\s"'<>/]{1,500})(?=@)/giu;
const BARE_USER_INFO = /(?<=^|[\s,"'=])[^\s/:@"'<>,]{1,64}:([^\s/@"'<>,]{1,200})(?=@(?:[\w-]+\.|\[|localhost))/gu;

/** What every pattern above needs; most lines have none of it, and are done with one look. */
const HINT =
  /pas{1,2}[-_]?w|phrase|api[-_]?key|secret|credential|token|pass|pwd|authorization|bearer|siphash|hmac|certif|privacy|private|\|/iu;
const EMBEDDED_HINT = /(?:^|[\s"'])-|@/u;

/** Nothing that matters stands further behind; keeps the patterns above quick on hostile lines. */
const HEAD_LENGTH = 4096;

/** What stands in place of a secret; always of the same length, so that it does not tell the secret's. */
export const MASK = '********';

/** A stretch of a line, in UTF-16 code units, `end` exclusive. */
export interface SecretRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The stretches of a line that hold secrets, in order and without overlap. `previous` is the line before it: a secret
 * whose quotes were not closed there, or whose name stands there alone, goes on here.
 */
export function secretRanges(lineText: string, previous = ''): readonly SecretRange[] {
  const end = lineText.trimEnd().length;
  const start = continuesSecret(previous, lineText) ? leadOf(lineText) : (secretStart(lineText) ?? end);
  const ranges = embeddedRanges(lineText.slice(0, start));
  // To the end of the line: a `#` may be part of a password, and a comment behind one is no loss.
  return start < end ? [...ranges, { start, end }] : ranges;
}

/** The line with its secrets replaced by {@link MASK}. */
export function maskSecrets(lineText: string): string {
  return masked(lineText, secretRanges(lineText));
}

/** The text without the secrets that are known by what stands directly around them: options and URLs. */
export function maskEmbedded(text: string): string {
  return masked(text, embeddedRanges(text));
}

/** Where the rest of a line becomes secret; undefined when it does nowhere. */
export function secretStart(lineText: string): number | undefined {
  const lead = leadOf(lineText);
  const head = lineText.slice(lead, lead + HEAD_LENGTH);
  if (!HINT.test(head)) return undefined;
  const patterns = head.startsWith('#') ? BEFORE_SECRET : [...BEFORE_SECRET, ...IN_SETTING];
  const starts = patterns.flatMap((pattern) => {
    const match = pattern.exec(head);
    return match === null ? [] : [lead + match.index + match[0].length];
  });
  return starts.length === 0 ? undefined : Math.min(...starts);
}

function continuesSecret(previous: string, lineText: string): boolean {
  if (previous === '' || lineText.trimStart().startsWith('<')) return false;
  if (BARE.test(previous.slice(0, HEAD_LENGTH))) return !/\s/.test(lineText.trim());
  const start = secretStart(previous);
  if (start === undefined) return false;
  const value = previous.slice(start).trimEnd();
  const quotes = [...value.matchAll(/\\.|"/gu)].filter(([found]) => found === '"').length;
  return quotes % 2 === 1 || /[\\,]$/.test(value);
}

function embeddedRanges(text: string): readonly SecretRange[] {
  if (!EMBEDDED_HINT.test(text)) return [];
  return [OPTION, USER_OPTION, USER_INFO, BARE_USER_INFO]
    .flatMap((pattern) => [...text.matchAll(pattern)])
    .map((match) => {
      const stop = match.index + match[0].length;
      return { start: stop - (match[1] ?? '').length, end: stop };
    })
    .sort((a, b) => a.start - b.start || b.end - a.end)
    .reduce<SecretRange[]>((kept, range) => {
      if (range.start >= (kept.at(-1)?.end ?? 0)) kept.push(range);
      return kept;
    }, []);
}

function masked(text: string, ranges: readonly SecretRange[]): string {
  let shown = '';
  let done = 0;
  for (const range of ranges) {
    shown += text.slice(done, range.start) + MASK;
    done = range.end;
  }
  return shown + text.slice(done);
}

function leadOf(lineText: string): number {
  return lineText.length - lineText.trimStart().length;
}
