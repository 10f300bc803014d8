import { groupBy } from '../../pmta/group-by';
import type { Outcome } from '../../pmta/ledger';
import { groupLines, joinNotes, MEANING, type Summary } from '../summarise';
import type { PlaceNumber } from './line-links';
import { type PlacesView, placesView } from './places-view';

/** Of the notes of one outcome, this many are in the page. */
const MOST_NOTES = 300;

/** Settings of one outcome, by what is said of them. */
export interface DifferenceSection {
  readonly title: string;
  readonly total: number;
  /** Shown only when it is opened. */
  readonly folded: boolean;
  readonly notes: readonly {
    readonly note: string;
    readonly directives: readonly (PlacesView & { readonly name: string })[];
  }[];
  /** Says that notes were left out; may be empty. */
  readonly more: string;
}

const SECTIONS: readonly { readonly outcome: Outcome; readonly title: string; readonly folded?: true }[] = [
  { outcome: 'unsupported', title: 'Not converted: unsupported' },
  { outcome: 'unknown', title: 'Not converted: unknown' },
  { outcome: 'invalid', title: 'Not converted: invalid' },
  { outcome: 'approximate', title: 'Converted nearly' },
  { outcome: 'exact', title: 'Converted exactly', folded: true },
  { outcome: 'implicit', title: 'KumoMTA does so anyway', folded: true },
];

/** What is not the same, first; one difference is told once, with every directive and line that it touches. */
export function differenceSections({ lines }: Summary, numberOf: PlaceNumber): readonly DifferenceSection[] {
  return SECTIONS.flatMap(({ outcome, title, folded = false }) => {
    const own = lines.filter((line) => line.outcome === outcome);
    if (own.length === 0) return [];
    // Of what is exact, nothing has to be said but where it is.
    const byNote = groupBy(own, (line) => (outcome === 'exact' ? '' : joinNotes(line.notes)));
    const notes = [...byNote].slice(0, MOST_NOTES).map(([note, group]) => ({
      note: note === '' && outcome !== 'exact' ? MEANING[outcome] : note,
      directives: (outcome === 'exact' ? byName(group) : groupLines(group)).map(({ first, places }) => ({
        name: first.directive,
        ...placesView(places, numberOf),
      })),
    }));
    const left = byNote.size - notes.length;
    const more = left > 0 ? `${left} more differences are left out here; MIGRATION.md has them.` : '';
    return [{ title, total: own.length, folded, notes, more }];
  });
}

function byName(lines: Summary['lines']): ReturnType<typeof groupLines> {
  return [...groupLines(lines.map((line) => ({ ...line, notes: [] })))].sort((a, b) =>
    a.first.directive < b.first.directive ? -1 : 1,
  );
}
