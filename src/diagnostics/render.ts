import { Chalk, type ChalkInstance } from 'chalk';
import type { Severity } from './catalogue';
import type { Diagnostic, RelatedPlace } from './diagnostic';
import { frameOf } from './frame';
import { type DiagnosticGroup, groupDiagnostics } from './group';
import { inInputOrder } from './order';
import { placeOf, positionAt } from './span';
import { visibleText } from './visible';
import { wrap } from './wrap';

export interface RenderOptions {
  readonly color: boolean;
  /** Columns of the terminal; source lines are windowed to it. */
  readonly width: number;
  /** Messages are wrapped, too. Otherwise they stay on one line each, for programs that read them. */
  readonly isWrapped?: boolean;
  /** Crowds are not grouped. */
  readonly all?: boolean;
}

/** Of those that are not shown, this many places are named. */
const NAMED_ALIKE = 5;
/** Of the related places of one diagnostic, this many are shown. */
const SHOWN_RELATED = 5;

/**
 * The diagnostics as text with code frames, in the order of the input, each ended by an empty line; '' for none. Crowds
 * are grouped. Secrets are masked and control characters of the input made visible.
 */
export function renderDiagnostics(list: readonly Diagnostic[], options: RenderOptions): string {
  const paint = new Chalk({ level: options.color ? 1 : 0 });
  const ordered = inInputOrder(list);
  const groups = options.all === true ? ordered.map(aloneOf) : groupDiagnostics(ordered);
  return groups.map((group) => renderGroup(group, paint, options)).join('');
}

/** `2 errors, 1 warning`; '' when there is nothing to count. */
export function countDiagnostics(list: readonly Diagnostic[]): string {
  const count = (severity: Severity, one: string, many: string): string[] => {
    const found = list.filter((diagnostic) => diagnostic.severity === severity).length;
    return found === 0 ? [] : [`${found} ${found === 1 ? one : many}`];
  };
  return [
    ...count('error', 'error', 'errors'),
    ...count('warning', 'warning', 'warnings'),
    ...count('info', 'note', 'notes'),
  ].join(', ');
}

function aloneOf(diagnostic: Diagnostic): DiagnosticGroup {
  return { shown: [diagnostic], rest: [], likeness: '' };
}

function renderGroup(group: DiagnosticGroup, paint: ChalkInstance, options: RenderOptions): string {
  const shown = group.shown.map((diagnostic) => `${renderOne(diagnostic, paint, options)}\n`).join('');
  if (group.rest.length === 0) return shown;
  const places = group.rest.flatMap(({ span }) => (span === undefined ? [] : [visibleText(placeOf(span))]));
  const named = places.slice(0, NAMED_ALIKE).join(', ');
  const more = places.length > NAMED_ALIKE ? ', …' : '';
  const where = places.length === 0 ? '' : ` (${named}${more})`;
  return `${shown}${paint.dim(`… and ${group.rest.length} more ${group.likeness}${where}`)}\n\n`;
}

function renderOne(diagnostic: Diagnostic, paint: ChalkInstance, options: RenderOptions): string {
  const { width } = options;
  const color = severityColor(diagnostic.severity, paint);
  const places = diagnostic.span === undefined ? [] : [{ span: diagnostic.span, message: '' }];
  const all: readonly RelatedPlace[] = [...places, ...diagnostic.related.slice(0, SHOWN_RELATED)];
  const hidden = diagnostic.related.length - SHOWN_RELATED;
  const gutter = Math.max(1, ...all.map(({ span }) => String(positionAt(span.source, span.start).line).length));
  const frames = all.map((place, i) => {
    const isMain = i === 0 && diagnostic.span !== undefined;
    return renderFrame(place, gutter, isMain ? color : paint.blue, paint, width, isMain);
  });
  return [
    ...headLines(diagnostic, color, paint, options),
    ...frames,
    ...(hidden > 0 ? [`${' '.repeat(gutter)} ${paint.dim(`… and ${hidden} more places`)}`] : []),
    ...helpLines(diagnostic, gutter, paint, options),
    '',
  ].join('\n');
}

function headLines(
  { severity, code, message }: Diagnostic,
  color: ChalkInstance,
  paint: ChalkInstance,
  options: RenderOptions,
): readonly string[] {
  const label = `${severity}[${code}]`;
  const [first = '', ...more] = textLines(`${label}: ${visibleText(message)}`, 0, options);
  return [
    `${color.bold(label)}${paint.bold(first.slice(label.length))}`,
    ...more.map((line) => `  ${paint.bold(line)}`),
  ];
}

function helpLines(
  { help }: Diagnostic,
  gutter: number,
  paint: ChalkInstance,
  options: RenderOptions,
): readonly string[] {
  const lead = `${' '.repeat(gutter)} ${paint.blue('=')} ${paint.bold('help:')} `;
  const indent = gutter + ' = help: '.length;
  return textLines(visibleText(help), indent, options).map((line, i) => (i === 0 ? lead : ' '.repeat(indent)) + line);
}

/** A text as it stands, or in lines that fit beside an indentation. */
function textLines(text: string, indent: number, { isWrapped, width }: RenderOptions): readonly string[] {
  // Two columns for what hangs below a first line.
  return isWrapped === true ? wrap(text, width - Math.max(indent, 2)) : [text];
}

function renderFrame(
  place: RelatedPlace,
  gutter: number,
  color: ChalkInstance,
  paint: ChalkInstance,
  width: number,
  isMain: boolean,
): string {
  const pad = ' '.repeat(gutter);
  const frame = frameOf(place.span, width - gutter - 3);
  const where = `${visibleText(place.span.source.path)}:${frame.line}:${frame.column}`;
  const mark = (isMain ? '^' : '-').repeat(frame.markEnd - frame.markStart);
  const label = place.message === '' ? '' : ` ${visibleText(place.message)}`;
  const bar = paint.blue('|');
  return [
    `${pad}${paint.blue(isMain ? '-->' : ':::')} ${where}`,
    `${pad} ${bar}`,
    `${paint.blue(String(frame.line).padStart(gutter))} ${bar}${frame.text === '' ? '' : ` ${frame.text}`}`,
    `${pad} ${bar} ${' '.repeat(frame.markStart)}${color(`${mark}${label}`)}`,
  ].join('\n');
}

function severityColor(severity: Severity, paint: ChalkInstance): ChalkInstance {
  const colors = { error: paint.red, warning: paint.yellow, info: paint.blue } as const;
  return colors[severity];
}
