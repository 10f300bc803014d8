import type { Setting } from './model';

export type Outcome = 'exact' | 'approximate' | 'implicit' | 'manual' | 'unsupported' | 'unknown' | 'invalid';

export const OUTCOMES: readonly Outcome[] = [
  'exact',
  'approximate',
  'implicit',
  'manual',
  'unsupported',
  'unknown',
  'invalid',
];

export interface LedgerEntry {
  readonly setting: Setting;
  readonly outcome: Outcome;
  /** The pass that took it, `resolve` for faults. */
  readonly by: string;
  /** Why, or what a person has to do; the row's note when empty. */
  readonly notes: readonly string[];
}

/**
 * What became of each setting. A setting belongs to the first pass that settles it; that pass may settle it again (for
 * another block of the output) and the less favourable outcome then stands, with the notes of both.
 */
export interface Ledger {
  settle(setting: Setting, outcome: Outcome, by: string, note?: string): void;
  /** Settles a setting for good: whatever passes say about it later is ignored. */
  close(setting: Setting, outcome: Outcome, by: string, note: string): void;
  isSettled(setting: Setting): boolean;
  entry(setting: Setting): LedgerEntry | undefined;
  /** In the order of the settings. */
  entries(): readonly LedgerEntry[];
}

export function createLedger(): Ledger {
  const closed = new Set<number>();
  const entries = new Map<number, { setting: Setting; outcome: Outcome; by: string; notes: string[] }>();
  return {
    settle(setting, outcome, by, note) {
      if (closed.has(setting.id)) return;
      const known = entries.get(setting.id);
      if (known === undefined) {
        entries.set(setting.id, { setting, outcome, by, notes: note === undefined ? [] : [note] });
        return;
      }
      if (known.by !== by) throw new Error(`${setting.name}: settled by ${known.by} and again by ${by}`);
      if (severity(outcome) > severity(known.outcome)) known.outcome = outcome;
      if (note !== undefined && !known.notes.includes(note)) known.notes.push(note);
    },
    close(setting, outcome, by, note) {
      if (entries.has(setting.id)) return;
      entries.set(setting.id, { setting, outcome, by, notes: [note] });
      closed.add(setting.id);
    },
    isSettled: (setting) => entries.has(setting.id),
    entry: (setting) => entries.get(setting.id),
    entries: () => [...entries.values()].sort((a, b) => a.setting.id - b.setting.id),
  };
}

/** `implicit` is as good as exact; a setting that is half implicit and half approximate is approximate. */
const RANK: Readonly<Record<Outcome, number>> = {
  implicit: 0,
  exact: 1,
  approximate: 2,
  manual: 3,
  unsupported: 4,
  unknown: 5,
  invalid: 6,
};

function severity(outcome: Outcome): number {
  return RANK[outcome];
}
