import { manifestOf } from '../../src/commands/manifest';
import { renderDiagnostics } from '../../src/diagnostics/render';
import { convertJson, convertText as summaryText } from '../../src/report/convert-report';
import { migrationJson } from '../../src/report/migration-json';
import { migrationMarkdown } from '../../src/report/migration-markdown';
import { type Migration, summarise } from '../../src/report/summarise';
import type { Converted } from './converted';

export interface Shown {
  readonly markdown: string;
  readonly json: string;
  readonly terminal: string;
}

/** What a run shows and writes besides the policy, as texts. */
export function reportsOf({ conversion, diagnostics }: Pick<Converted, 'conversion' | 'diagnostics'>): Shown {
  const { renames, copies, systemFiles } = conversion.policy;
  const migration: Migration = {
    summary: summarise(conversion),
    renames,
    copies: [...copies.values()],
    systemFiles,
    diagnostics: diagnostics.list,
  };
  const report = { ...migration, files: conversion.files, status: { kind: 'dry-run' }, installDir: '/x' } as const;
  const frames = [20, 80].map((width) => renderDiagnostics(diagnostics.list, { color: false, width })).join('');
  return {
    markdown: migrationMarkdown(migration),
    json: migrationJson(migration) + convertJson(report) + manifestOf(conversion.files, '1').content,
    terminal: frames + summaryText(report),
  };
}

/** Raw control characters and what reorders or hides text; line ends are meant. */
export const UNSAFE = /[\0-\x09\x0b-\x1f\x7f-\x9f\u200b\u2028\u202e\ufeff]/u;
