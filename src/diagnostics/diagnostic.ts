import { type Code, catalogue, type Severity } from './catalogue';
import type { Span } from './span';

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
   * A code without holes is reported as `report('code', span, {})`.
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
        message: fill(row.message, holes),
        help: fill(row.help, holes),
      };
      list.push(span === undefined ? { ...diagnostic, related } : { ...diagnostic, span, related });
    },
    get hasErrors() {
      return list.some((d) => d.severity === 'error');
    },
  };
}

function fill(template: string, holes: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => holes[name] ?? '');
}
