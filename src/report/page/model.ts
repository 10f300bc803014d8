import type { EmittedFileData, InputFileData, Kind, ReportData } from '../html/data-format';

/** A file of a side: its lines are `base` to `base + length - 1` of the side. */
export interface ShownFile {
  readonly path: string;
  readonly base: number;
  readonly length: number;
  /** Said in place of lines, or below them; may be empty. */
  readonly remark: string;
}

/** One side of the page: all its lines in one list. */
export interface Side {
  readonly files: readonly ShownFile[];
  readonly lines: readonly string[];
  /** For each line, the lines of the other side that belong to it. */
  partners(line: number): readonly number[];
}

export interface Model {
  readonly data: ReportData;
  readonly input: Side;
  readonly emitted: Side;
  /** The settings that stand on a line of the input. */
  kindsOn(line: number): readonly Kind[];
  /** Places in `data.kinds` of the settings on a line. */
  kindNumbers(line: number): readonly number[];
  /** The least favourable outcome on a line, as a place in `data.outcomes`; -1 for none. */
  outcomeOn(line: number): number;
}

const NONE: readonly number[] = [];

export function createModel(data: ReportData): Model {
  const inputFiles = placed(data.input, ({ cut }) => cutRemark(cut));
  const emittedFiles = placed(data.emitted, ({ cut, hidden }) =>
    hidden > 0 ? `${hidden} ${hidden === 1 ? 'line' : 'lines'} with secrets, not shown` : cutRemark(cut),
  );
  const kinds = settingsOf(data.input, inputFiles);
  const back = backLinks(data.emitted, emittedFiles);
  const forward = inverse(back);
  const side = (files: readonly ShownFile[], texts: readonly { readonly text: string }[], links: Links): Side => ({
    files,
    lines: texts.flatMap(({ text }, index) => (files[index]?.length === 0 ? [] : text.split('\n'))),
    partners: (line) => links.get(line) ?? NONE,
  });
  const numbersOn = (line: number) => kinds.get(line) ?? NONE;
  return {
    data,
    input: side(inputFiles, data.input, forward),
    emitted: side(emittedFiles, data.emitted, back),
    kindNumbers: numbersOn,
    kindsOn: (line) =>
      numbersOn(line)
        .map((number) => data.kinds[number])
        .filter((kind) => kind !== undefined),
    outcomeOn: (line) => Math.max(-1, ...numbersOn(line).map((number) => data.kinds[number]?.[1] ?? -1)),
  };
}

/** `config:12` of a line of a side. */
export function placeOf(side: Side, line: number): string {
  const file = fileOf(side, line);
  return file === undefined ? '' : `${file.path}:${line - file.base + 1}`;
}

/** The line of the input that `config:12` names. */
export function lineOfPlace({ input }: Model, place: string): number | undefined {
  const colon = place.lastIndexOf(':');
  const file = input.files.find(({ path }) => path === place.slice(0, colon));
  const line = Number(place.slice(colon + 1));
  return file === undefined || line < 1 || line > file.length ? undefined : file.base + line - 1;
}

export function fileOf({ files }: Side, line: number): ShownFile | undefined {
  return files.find(({ base, length }) => line >= base && line < base + length);
}

type Links = ReadonlyMap<number, readonly number[]>;

function cutRemark(cut: number): string {
  return cut > 0 ? `${cut} more ${cut === 1 ? 'line' : 'lines'}, left out here` : '';
}

function placed<T extends { readonly path: string; readonly text: string }>(
  files: readonly T[],
  remarkOf: (file: T) => string,
): readonly ShownFile[] {
  let base = 0;
  return files.map((file) => {
    const length = file.text === '' ? 0 : file.text.split('\n').length;
    const shown = { path: file.path, base, length, remark: remarkOf(file) };
    base += length;
    return shown;
  });
}

function settingsOf(files: readonly InputFileData[], placedFiles: readonly ShownFile[]): Links {
  const found = new Map<number, number[]>();
  files.forEach(({ settings }, index) => {
    let line = placedFiles[index]?.base ?? 0;
    for (let at = 0; at < settings.length; at += 2) {
      line += settings[at] ?? 0;
      add(found, line, settings[at + 1] ?? 0);
    }
  });
  return found;
}

/** Emitted line → lines of the input. */
function backLinks(files: readonly EmittedFileData[], placedFiles: readonly ShownFile[]): Links {
  const found = new Map<number, number[]>();
  files.forEach(({ links }, index) => {
    let line = placedFiles[index]?.base ?? 0;
    let place = 0;
    for (let at = 0; at < links.length; ) {
      line += links[at] ?? 0;
      const count = links[at + 1] ?? 0;
      at += 2;
      for (const end = at + count; at < end; at++) {
        place += links[at] ?? 0;
        add(found, line, place);
      }
    }
  });
  return found;
}

function inverse(links: Links): Links {
  const found = new Map<number, number[]>();
  for (const [line, places] of links) for (const place of places) add(found, place, line);
  return found;
}

function add(map: Map<number, number[]>, key: number, value: number): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else if (!known.includes(value)) known.push(value);
}
