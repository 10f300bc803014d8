import { type Audit, auditOf } from '../../src/audit/audit';
import { auditJson } from '../../src/audit/audit-json';
import { sectionsMarkdown } from '../../src/audit/render-markdown';
import { sectionsText } from '../../src/audit/render-text';
import { auditSections } from '../../src/audit/sections';
import { totalOf } from '../../src/audit/total';
import type { Code } from '../../src/diagnostics/catalogue';
import type { Diagnostic } from '../../src/diagnostics/diagnostic';
import { positionAt } from '../../src/diagnostics/span';
import { BUILT_IN_MX } from '../../src/kumo/mx-snapshot';
import { type Converted, convertText } from './converted';

export function auditConverted({ conversion, diagnostics }: Converted, config = 'config'): Audit {
  return auditOf(config, { ...conversion, mx: BUILT_IN_MX }, diagnostics);
}

export function auditText(input: Parameters<typeof convertText>[0]): Audit {
  return auditConverted(convertText(input));
}

/** Lines (one-based) at which a configuration gets a diagnostic of this code. */
export function linesWith(code: Code, input: string): readonly number[] {
  const lines = withCode(code, auditText(input)).map(({ span }) =>
    span === undefined ? 0 : positionAt(span.source, span.start).line,
  );
  return lines.sort((a, b) => a - b);
}

export function withCode(code: Code, { diagnostics }: Audit): readonly Diagnostic[] {
  return diagnostics.filter((diagnostic) => diagnostic.code === code);
}

/** Every form that holds the whole report. */
export function allForms(audit: Audit): { readonly text: string; readonly markdown: string; readonly json: string } {
  const sections = auditSections(audit);
  return {
    text: sectionsText(sections, { color: false, width: 100 }),
    markdown: sectionsMarkdown(sections),
    json: auditJson([audit], totalOf([audit])),
  };
}
