/**
 * Which parts of a configuration line must never be shown. Wider than PowerMTA's own directives (`password`,
 * `auth-password`, `api-key`, `http-api-key`, `imprinter-password`, the pass phrase after a certificate, the key after
 * `privacy-policy`): a misspelt or commented-out password is as secret as a valid one.
 */
const SECRET_NAME =
  /^[#\s]*["']?[^\s=:<>"']*(?:passw(?:or)?d|passphrase|api-?key|secret)[^\s=:<>"']*(?:["']?[\s=:]+|(?=["']))/iu;
const SECRET_SECOND = /^[#\s]*(?:[^\s=:<>"']*certificate|privacy-policy)\s+(?:"(?:[^"\\]|\\.)*"|\S+)\s+(?![#\s])/iu;
const OPTION = /(?<=^|\s)--?[\w-]{0,40}(?:passw(?:or)?d|passphrase|secret|api-?key|token)[=\s]+([^\s"'<>]+)/giu;
const USER_INFO = /\b\w{1,20}:\/\/[^\s/:@]{0,200}:([^\s"'<>@/]{1,500})(?=@)/giu;

/** No name is as long; keeps the patterns above quick on hostile lines. */
const HEAD_LENGTH = 4096;

/** What stands in place of a secret; always of the same length, so that it does not tell the secret's. */
export const MASK = '********';

/** A stretch of a line, in UTF-16 code units, `end` exclusive. */
export interface SecretRange {
  readonly start: number;
  readonly end: number;
}

/** Whether a line of configuration holds something that must not be shown. */
export function isSecretLine(lineText: string): boolean {
  return secretRanges(lineText).length > 0;
}

/** The stretches of a line that hold secrets, in order and without overlap. */
export function secretRanges(lineText: string): readonly SecretRange[] {
  const end = lineText.trimEnd().length;
  const start = secretStart(lineText) ?? end;
  const before = lineText.slice(0, start);
  const ranges = [...before.matchAll(OPTION), ...before.matchAll(USER_INFO)]
    .map((match) => {
      const stop = match.index + match[0].length;
      return { start: stop - (match[1] ?? '').length, end: stop };
    })
    .sort((a, b) => a.start - b.start)
    .filter((range, i, all) => i === 0 || range.start >= (all[i - 1]?.end ?? 0));
  // To the end of the line: a `#` may be part of a password, and a comment behind one is no loss.
  return start < end ? [...ranges, { start, end }] : ranges;
}

/** The line with its secrets replaced by {@link MASK}. */
export function maskSecrets(lineText: string): string {
  let masked = '';
  let done = 0;
  for (const range of secretRanges(lineText)) {
    masked += lineText.slice(done, range.start) + MASK;
    done = range.end;
  }
  return masked + lineText.slice(done);
}

function secretStart(lineText: string): number | undefined {
  const lead = lineText.length - lineText.trimStart().length;
  const head = lineText.slice(lead, lead + HEAD_LENGTH);
  const match = SECRET_NAME.exec(head) ?? SECRET_SECOND.exec(head);
  return match === null ? undefined : lead + match[0].length;
}
