import type { Model, Side } from './model';

/** What the reader asked to see. */
export interface Wanted {
  /** In lower case; empty for everything. */
  readonly text: string;
  /** Places in the list of outcomes; empty for all. */
  readonly outcomes: ReadonlySet<number>;
  /** Place in the list of areas; -1 for all. */
  readonly area: number;
}

export interface Found {
  readonly rows: readonly number[];
  readonly lines: number;
}

export interface Filter {
  input(wanted: Wanted): Found;
  emitted(wanted: Wanted): Found;
}

export function createFilter(model: Model): Filter {
  const { data } = model;
  // Made when somebody searches, and kept.
  let lower: readonly string[] | undefined;
  let lowerEmitted: readonly string[] | undefined;
  const kindTexts = data.kinds.map(([directive, , , note]) => `${directive} ${note}`.toLowerCase());
  return {
    input(wanted) {
      lower ??= model.input.lines.map((line) => line.toLowerCase());
      const { text, outcomes, area } = wanted;
      const told = kindTexts.map((kind) => text !== '' && kind.includes(text));
      const asked = data.kinds.map(
        ([, outcome, own]) => (outcomes.size === 0 || outcomes.has(outcome)) && (area === -1 || area === own),
      );
      const all = outcomes.size === 0 && area === -1;
      return found(model.input, (line) => {
        const kinds = model.kindNumbers(line);
        if (!all && !kinds.some((kind) => asked[kind])) return false;
        return text === '' || (lower?.[line]?.includes(text) ?? false) || kinds.some((kind) => told[kind]);
      });
    },
    emitted({ text }) {
      lowerEmitted ??= model.emitted.lines.map((line) => line.toLowerCase());
      return found(model.emitted, (line) => text === '' || (lowerEmitted?.[line]?.includes(text) ?? false));
    },
  };
}

/** Lines that fit, below the heading of their file; files without one are left out. */
function found({ files, lines: all }: Side, fits: (line: number) => boolean): Found {
  const rows: number[] = [];
  let lines = 0;
  files.forEach(({ base, length }, index) => {
    const before = rows.length;
    rows.push(-1 - index);
    for (let line = base; line < base + length; line++) if (fits(line)) rows.push(line);
    lines += rows.length - before - 1;
    if (rows.length === before + 1 && lines < all.length && length > 0) rows.pop();
  });
  return { rows, lines };
}
