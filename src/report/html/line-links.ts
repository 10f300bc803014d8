import type { EmittedFile } from '../../emit/file';

/** Where the lines of the input are, as one row: the number of a place `config:12`, or undefined when it is none. */
export type PlaceNumber = (place: string) => number | undefined;

/** `placesText` names three places at most and says how many there are more. */
const MORE = / \+ \d+ more$/;

/**
 * For each emitted line (from 0) the input lines that it came from: those of the source map, and where that has none,
 * those that a comment of places names, for the comment and the statement below it.
 */
export function linkLines(file: EmittedFile, lines: readonly string[], numberOf: PlaceNumber): readonly number[][] {
  const links: number[][] = lines.map(() => []);
  for (const { line, places } of file.origins) {
    const own = links[line - 1];
    if (own !== undefined) for (const place of places) addPlace(own, numberOf(place));
  }
  lines.forEach((line, index) => {
    const places = commentPlaces(line, numberOf);
    if (places.length === 0) return;
    const alone = /^\s*(?:--|#)/.test(line);
    const end = alone && file.path.endsWith('.lua') ? statementEnd(lines, index + 1) : index + 1;
    for (let at = index; at < end; at++) if (links[at]?.length === 0) links[at]?.push(...places);
  });
  return links;
}

function addPlace(links: number[], place: number | undefined): void {
  if (place !== undefined && !links.includes(place)) links.push(place);
}

/** The places that the comment of a line consists of; none when it says anything else. */
function commentPlaces(line: string, numberOf: PlaceNumber): readonly number[] {
  const text = /(?:^|\s)(?:--|#) (\S.*)$/.exec(line)?.[1];
  if (text === undefined || !/:\d/.test(text)) return [];
  const places = text.replace(MORE, '').split(', ').map(numberOf);
  return places.every((place) => place !== undefined) ? places : [];
}

/** Behind the last line of the statement that begins at `start`: it goes on as long as lines are indented deeper. */
function statementEnd(lines: readonly string[], start: number): number {
  const indent = indentOf(lines[start] ?? '');
  let end = start + 1;
  while (end < lines.length && lines[end] !== '' && indentOf(lines[end] ?? '') > indent) end++;
  const closing = /^\s*(?:\}|\)|end\b)/.test(lines[end] ?? '') && indentOf(lines[end] ?? '') === indent;
  return closing ? end + 1 : end;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
