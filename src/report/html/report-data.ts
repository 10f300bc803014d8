import type { Source } from '../../diagnostics/span';
import type { EmittedFile } from '../../emit/file';
import { OUTCOMES } from '../../pmta/ledger';
import { AREAS, areaOf } from '../areas';
import { joinNotes, type ReportInput, type Summary } from '../summarise';
import type { EffectiveData, EmittedFileData, InputFileData, Kind, ReportData } from './data-format';
import { linkLines, type PlaceNumber } from './line-links';
import { secretStretches } from './secret-stretches';
import { emittedLines, inputLines } from './shown-lines';

/** Of each side so many lines are shown: what browsers search and scroll without a wait. */
export const MOST_LINES = 120_000;

/** What the data of the page are made from. */
export interface DataInput {
  readonly input: ReportInput;
  readonly summary: Summary;
  /** Files of the input, in the order of reading. */
  readonly sources: readonly Source[];
  /** Files of the tree, without the reports. */
  readonly files: readonly EmittedFile[];
  readonly effective: EffectiveData;
}

/** The data of the page, and where a place of the input is in them. */
export interface MadeData {
  readonly data: ReportData;
  readonly numberOf: PlaceNumber;
}

/** Everything that the script of the page shows; no secret is in it. */
export function reportData({ input, summary, sources, files, effective }: DataInput): MadeData {
  const kinds = new Map<string, number>();
  const settings = settingsByFile(input, summary, kinds);
  const secrets = secretStretches(sources, input.config.settings);
  const bases = new Map<string, { readonly base: number; readonly lines: number }>();
  let left = MOST_LINES;
  let base = 0;
  const shown = sources.map((source): InputFileData => {
    const { lines, cut } = inputLines(source, left, secrets.get(source) ?? []);
    bases.set(source.path, { base, lines: lines.length });
    base += lines.length;
    left -= lines.length;
    const own = (settings.get(source.path) ?? []).filter(([line]) => line <= lines.length);
    return { path: source.path, text: lines.join('\n'), cut, settings: pairsOf(own) };
  });
  const numberOf: PlaceNumber = (place) => {
    const colon = place.lastIndexOf(':');
    const file = bases.get(place.slice(0, colon));
    const line = Number(place.slice(colon + 1));
    return file !== undefined && line >= 1 && line <= file.lines ? file.base + line - 1 : undefined;
  };
  const data: ReportData = {
    schema: 'pmta2kumo.report/1',
    outcomes: OUTCOMES,
    areas: AREAS,
    kinds: [...kinds.keys()].map((key): Kind => JSON.parse(key)),
    input: shown,
    emitted: emittedData(files, numberOf),
    effective,
  };
  return { data, numberOf };
}

type Placed = readonly [line: number, kind: number];

function settingsByFile(
  { ledger }: ReportInput,
  { lines }: Summary,
  kinds: Map<string, number>,
): ReadonlyMap<string, Placed[]> {
  const byFile = new Map<string, Placed[]>();
  ledger.entries().forEach(({ setting }, index) => {
    const line = lines[index];
    if (line === undefined) return;
    const kind: Kind = [
      line.directive,
      OUTCOMES.indexOf(line.outcome),
      AREAS.indexOf(areaOf(setting)),
      joinNotes(line.notes),
    ];
    const key = JSON.stringify(kind);
    const number = kinds.get(key) ?? kinds.size;
    kinds.set(key, number);
    const own = byFile.get(line.file) ?? [];
    if (own.length === 0) byFile.set(line.file, own);
    own.push([line.line, number]);
  });
  return byFile;
}

/** In the order of the lines; an included file may have been read more than once. */
function pairsOf(settings: readonly Placed[]): readonly number[] {
  let before = 1;
  return [...settings]
    .sort(([a], [b]) => a - b)
    .flatMap(([line, kind]) => {
      const step = line - before;
      before = line;
      return [step, kind];
    });
}

function emittedData(files: readonly EmittedFile[], numberOf: PlaceNumber): readonly EmittedFileData[] {
  let left = MOST_LINES;
  return files.map((file): EmittedFileData => {
    const { path, content, mode } = file;
    if (mode === 0o600) {
      return {
        path,
        text: '',
        cut: 0,
        hidden: content.split('\n').length - (content.endsWith('\n') ? 1 : 0),
        links: [],
      };
    }
    const { lines, cut } = emittedLines(content, left);
    left -= lines.length;
    return { path, text: lines.join('\n'), cut, hidden: 0, links: packed(linkLines(file, lines, numberOf)) };
  });
}

function packed(links: readonly (readonly number[])[]): readonly number[] {
  const numbers: number[] = [];
  let line = 0;
  let place = 0;
  links.forEach((places, index) => {
    if (places.length === 0) return;
    numbers.push(index - line, places.length);
    line = index;
    for (const number of places) {
      numbers.push(number - place);
      place = number;
    }
  });
  return numbers;
}
