import type { Change, Comparison } from '../changes/change';
import { MASK } from '../diagnostics/secrets';
import { asTable, type PolicyValue } from '../kumo/api/value';
import { parseToml } from '../kumo/runtime/data-file';

/** Shorter words are words like others, and longer texts are no passwords. */
const SHORTEST = 4;
const LONGEST = 200;

/** Passwords that secret files hold: what a file of users gives as one, and the whole of a small file. */
export function passwordsIn(files: ReadonlyMap<string, string>, secret: Iterable<string>): readonly string[] {
  const words = new Set<string>();
  for (const path of secret) {
    const text = files.get(path) ?? '';
    if (/\.(?:lua|md|json|html)$/.test(path)) continue;
    if (!path.endsWith('.toml')) words.add(text.trim());
    else {
      const data = parseToml(text);
      if ('table' in data) passwordsOf(data.table, words);
    }
  }
  return [...words].filter((word) => word.length >= SHORTEST && word.length <= LONGEST);
}

function passwordsOf(value: PolicyValue, words: Set<string>): void {
  for (const [key, item] of Object.entries(asTable(value) ?? {})) {
    if (typeof item === 'string' && /pass|secret|token/i.test(key)) words.add(item);
    else passwordsOf(item, words);
  }
}

/** The comparison without known passwords, wherever handlers have carried them. */
export function withoutPasswords({ changes, notes, asked }: Comparison, passwords: readonly string[]): Comparison {
  if (passwords.length === 0) return { changes, notes, asked };
  const hide = (text: string): string => passwords.reduce((rest, word) => rest.replaceAll(word, MASK), text);
  const hidden = (change: Change): Change => ({
    ...change,
    subject: hide(change.subject),
    examples: change.examples.map(hide),
    ...(change.field === undefined ? {} : { field: hide(change.field) }),
    ...(change.before === undefined ? {} : { before: hide(change.before) }),
    ...(change.after === undefined ? {} : { after: hide(change.after) }),
  });
  return { changes: changes.map(hidden), notes: notes.map(hide), asked };
}
