import type { Migration } from '../summarise';
import { pageView } from './page-view';
import { renderPage } from './render-html';
import { type DataInput, reportData } from './report-data';

/**
 * `migration.html`: one page without network, for a browser. The same input gives the same bytes; no secret, date, host
 * name or absolute path of the input's folder is in it.
 */
export function migrationHtml(migration: Migration, of: Omit<DataInput, 'summary'>): string {
  const { data, numberOf } = reportData({ ...of, summary: migration.summary });
  return renderPage(pageView(migration, data, numberOf), data);
}
