import { createHash } from 'node:crypto';
import type { Diagnostic } from '../diagnostics/diagnostic';
import { inInputOrder } from '../diagnostics/order';
import { placeOf } from '../diagnostics/span';
import { groupBy } from '../pmta/group-by';
import { groupLines, joinNotes, type Migration } from './summarise';

/** What a person has to do before the tree can go live. */
export interface Task {
  /** `setting`: choose; `copy`: a key or certificate; `install`: a file of the system; `question`: a diagnostic. */
  readonly kind: 'setting' | 'copy' | 'install' | 'question';
  /** Twelve hexadecimal digits: the same task has the same in every report, one that gains or loses a line another. */
  readonly id: string;
  /** `config:12`, each place that it is about. */
  readonly places: readonly string[];
  /** A word of the input or a path in front of the text; may be empty. */
  readonly subject: string;
  readonly text: string;
  /** Content of a file to install. */
  readonly content?: string;
}

/** Everything that is left to a person, in the order of the reports. */
export function tasksOf(migration: Migration): readonly Task[] {
  return [...settingTasks(migration), ...copyTasks(migration), ...installTasks(migration), ...questionTasks(migration)];
}

/** Diagnostics that somebody has to answer, those that read the same together. */
export function questionGroups(diagnostics: readonly Diagnostic[]): readonly (readonly Diagnostic[])[] {
  const asked = inInputOrder(diagnostics).filter(({ severity }) => severity !== 'info');
  return [...groupBy(asked, ({ severity, message, help }) => JSON.stringify([severity, message, help])).values()];
}

function settingTasks({ summary }: Migration): readonly Task[] {
  const manual = summary.lines.filter(({ outcome }) => outcome === 'manual');
  return groupLines(manual).map(({ first, places }) =>
    task({ kind: 'setting', places, subject: first.directive, text: joinNotes(first.notes) }),
  );
}

function copyTasks({ copies }: Migration): readonly Task[] {
  return copies.map(({ what, from, to, origins }) =>
    task({ kind: 'copy', places: origins.map(placeOf), subject: from, text: `Copy the ${what} to ${to}` }),
  );
}

function installTasks({ systemFiles }: Migration): readonly Task[] {
  return systemFiles.map(({ path, content, origins }) =>
    task({ kind: 'install', places: origins.map(placeOf), subject: path, text: 'Install this file:', content }),
  );
}

function questionTasks({ diagnostics }: Migration): readonly Task[] {
  return questionGroups(diagnostics).flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const places = group.flatMap(({ span }) => (span === undefined ? [] : [placeOf(span)]));
    const text = `${first.message}: ${first.help}`;
    return [task({ kind: 'question', places, subject: first.severity, text })];
  });
}

function task(of: Omit<Task, 'id'>): Task {
  const key = JSON.stringify([of.kind, of.subject, of.text, of.content ?? '', of.places.length]);
  return { ...of, id: createHash('sha256').update(key).digest('hex').slice(0, 12) };
}
