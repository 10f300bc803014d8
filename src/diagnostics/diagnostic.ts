import { type Code, catalogue, type Severity } from './catalogue';
import { hideSecrets } from './hide-secrets';
import type { Span } from './span';

/** Of one piece that fills a hole, in UTF-16 code units. */
const LONGEST_HOLE = 400;

export interface RelatedPlace {
  readonly span: Span;
  readonly message: string;
}

export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  readonly message: string;
  readonly help: string;
  readonly span?: Span;
  readonly related: readonly RelatedPlace[];
}

/** Collects what every stage has to say; nothing is printed before the last step. */
export interface Diagnostics {
  readonly list: readonly Diagnostic[];
  /**
   * Adds a message of the catalogue. `holes` fills the `{holes}` of its text; a missing one does not compile.
   * A code without holes is reported as `report('code', span, {})`. Secrets that stand under `span` are taken out.
   */
  report<C extends Code>(code: C, span: Span | undefined, holes: Holes<C>, related?: readonly RelatedPlace[]): void;
  readonly hasErrors: boolean;
}

type HoleNames<S extends string> = S extends `${string}{${infer H}}${infer Rest}` ? H | HoleNames<Rest> : never;
export type Holes<C extends Code> = {
  readonly [H in HoleNames<(typeof catalogue)[C]['message']> | HoleNames<(typeof catalogue)[C]['help']>]: string;
};

export function createDiagnostics(): Diagnostics {
  const list: Diagnostic[] = [];
  return {
    list,
    report(code, span, holes, related = []) {
      const row = catalogue[code];
      const diagnostic = {
        code,
        severity: row.severity,
        message: fill(row.message, holes, span),
        help: fill(row.help, holes, span),
      };
      list.push(span === undefined ? { ...diagnostic, related } : { ...diagnostic, span, related });
    },
    get hasErrors() {
      return list.some((d) => d.severity === 'error');
    },
  };
}

function fill(template: string, holes: Readonly<Record<string, string>>, span: Span | undefined): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => hideSecrets(shortened(holes[name] ?? ''), span));
}

/** What the input names can be megabytes long; a message has to stay readable. */
function shortened(text: string): string {
  if (text.length <= LONGEST_HOLE) return text;
  return `${text.slice(0, LONGEST_HOLE - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
