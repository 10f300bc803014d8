import { htmlReport } from '../../src/commands/html-report';
import { BUILT_IN_MX } from '../../src/kumo/mx-snapshot';
import { DEFAULT_OPTIONS } from '../../src/passes/pass';
import type { ReportData } from '../../src/report/html/data-format';
import { type Migration, summarise } from '../../src/report/summarise';
import type { Converted } from './converted';

/** What the reports are given, without the release. */
export function migrationOf({ conversion, diagnostics }: Pick<Converted, 'conversion' | 'diagnostics'>): Migration {
  const { renames, copies, systemFiles } = conversion.policy;
  return {
    summary: summarise(conversion),
    renames,
    copies: [...copies.values()],
    systemFiles,
    diagnostics: diagnostics.list,
  };
}

/** The text of `migration.html`, as convert writes it. */
export async function htmlOf(converted: Converted, { compare = true } = {}): Promise<string> {
  const { conversion, diagnostics } = converted;
  const { content } = await htmlReport({ conversion, diagnostics, mx: BUILT_IN_MX }, migrationOf(converted), {
    ...DEFAULT_OPTIONS,
    compare,
  });
  return content;
}

/** An element of the page by its opening tag, with what stands in it. */
export function elementOf(html: string, open: string): string {
  const start = html.indexOf(open) + open.length;
  if (start < open.length) throw new Error(`no ${open}`);
  return html.slice(start, html.indexOf('</', start));
}

/** The data that the script of the page gets. */
export function dataOf(html: string): ReportData {
  return JSON.parse(elementOf(html, '<script type="application/json" id="data">'));
}
