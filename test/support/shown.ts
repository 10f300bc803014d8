import { manifestOf } from '../../src/commands/manifest';
import { renderDiagnostics } from '../../src/diagnostics/render';
import { convertJson, convertText as summaryText } from '../../src/report/convert-report';
import { noEffective } from '../../src/report/html/effective-data';
import { migrationHtml } from '../../src/report/html/migration-html';
import { migrationJson } from '../../src/report/migration-json';
import { migrationMarkdown } from '../../src/report/migration-markdown';
import { text as pageScript } from '../../src/report/page/main?inline';
import type { Converted } from './converted';
import { migrationOf } from './html-report';

export interface Shown {
  readonly markdown: string;
  readonly json: string;
  readonly terminal: string;
}

/** What a run shows and writes besides the policy, as texts. */
export function reportsOf({ conversion, diagnostics }: Pick<Converted, 'conversion' | 'diagnostics'>): Shown {
  const migration = migrationOf({ conversion, diagnostics });
  const report = { ...migration, files: conversion.files, status: { kind: 'dry-run' }, installDir: '/x' } as const;
  const frames = [20, 80].map((width) => renderDiagnostics(diagnostics.list, { color: false, width })).join('');
  return {
    markdown: migrationMarkdown(migration),
    json: migrationJson(migration) + convertJson(report) + manifestOf(conversion.files, '1').content,
    terminal: frames + summaryText(report),
  };
}

/** `migration.html` without the comparison of both sides, which is slow, and without its own script. */
export function pageOf(converted: Pick<Converted, 'conversion' | 'diagnostics'>): string {
  const { conversion } = converted;
  const html = migrationHtml(migrationOf(converted), {
    input: conversion,
    sources: conversion.sources,
    files: conversion.files,
    effective: noEffective(''),
  });
  return html.replace(pageScript, '');
}

/** Raw control characters and what reorders or hides text; line ends are meant. */
export const UNSAFE = /[\0-\x09\x0b-\x1f\x7f-\x9f\u200b\u2028\u202e\ufeff]/u;

/** A tag that the page does not have of its own. */
export const FOREIGN_MARKUP =
  /<(?!!doctype html>|\/?(?:html|head|meta|title|style|body|a|header|h[1-3]|p|nav|ul|li|span|main|noscript|section|svg|rect|div|table|caption|thead|tbody|tfoot|tr|th|td|input|label|code|pre|form|select|option|fieldset|legend|kbd|details|summary|footer|script)[\s>])[a-z!/]/i;
