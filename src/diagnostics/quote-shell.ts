/** A word as a POSIX shell reads it back, for commands that people copy. Control characters stay in it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
