import type { EmittedFile } from '../emit/file';
import { chosenMemberPools } from '../kumo/chosen-tenants';
import type { EffectiveData } from '../report/html/data-format';
import type { Migration } from '../report/summarise';
import { lineCount } from '../report/summarise';
import type { ConversionRequest, Converted } from './run-conversion';

/** A tree with more lines is not run for the report: that would take longer than all the rest. */
const MOST_LINES_RUN = 20_000;

/** Unix time that the tree sees, the same in each run: the report has to be the same, too. */
const NOW = 1_750_000_000;

/** What `migration.html` depends on besides the conversion. */
export interface HtmlRequest extends Pick<ConversionRequest, 'installDir' | 'target'> {
  /** Run the tree, and compare the effective settings of both sides; that takes a second. */
  readonly compare: boolean;
}

/** `migration.html`. What it needs is loaded only here. */
export async function htmlReport(
  converted: Converted,
  migration: Migration,
  request: HtmlRequest,
): Promise<EmittedFile> {
  const { migrationHtml } = await import('../report/html/migration-html');
  const { conversion } = converted;
  const content = migrationHtml(migration, {
    input: conversion,
    sources: conversion.sources,
    files: conversion.files,
    effective: await effectiveOf(converted, request),
  });
  return { path: 'migration.html', content, mode: 0o644, origins: [] };
}

async function effectiveOf(converted: Converted, request: HtmlRequest): Promise<EffectiveData> {
  const { config, policy, files } = converted.conversion;
  const { effectiveData } = await import('../report/html/effective-data');
  const own = effectiveData(config);
  if (!request.compare) return own;
  const lines = files.reduce((sum, { content }) => sum + lineCount(content), 0);
  if (lines > MOST_LINES_RUN) return uncompared(own, `the tree has more than ${MOST_LINES_RUN} lines`);
  try {
    const { tracerFor } = await import('./tracer');
    const { tracer, errors, close } = await tracerFor(converted, request, undefined, NOW);
    try {
      if (errors > 0) return uncompared(own, 'the tree does not load without errors');
      const members = chosenMemberPools(policy);
      return effectiveData(config, { tracer, membersOf: (tenant) => members.get(tenant) });
    } finally {
      close();
    }
  } catch (error) {
    return uncompared(own, `the model of KumoMTA could not be run: ${error instanceof Error ? error.message : error}`);
  }
}

function uncompared(own: EffectiveData, why: string): EffectiveData {
  return { ...own, limits: `Not compared: ${why}. pmta2kumo trace compares any pair.` };
}
