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

/** `migration.html`. What it needs is loaded only here. */
export async function htmlReport(
  converted: Converted,
  migration: Migration,
  request: Pick<ConversionRequest, 'installDir' | 'target'>,
): Promise<EmittedFile> {
  const { migrationHtml } = await import('../report/html/migration-html');
  const { conversion } = converted;
  const content = migrationHtml(migration, {
    input: conversion,
    sources: conversion.loaded.files.map(({ source }) => source),
    files: conversion.files,
    effective: await effectiveOf(converted, request),
  });
  return { path: 'migration.html', content, mode: 0o644, origins: [] };
}

async function effectiveOf(
  converted: Converted,
  request: Pick<ConversionRequest, 'installDir' | 'target'>,
): Promise<EffectiveData> {
  const { config, policy, files } = converted.conversion;
  const { effectiveData, noEffective } = await import('../report/html/effective-data');
  const lines = files.reduce((sum, { content }) => sum + lineCount(content), 0);
  if (lines > MOST_LINES_RUN) {
    return noEffective(
      `Not computed here, because the tree has more than ${MOST_LINES_RUN} lines; pmta2kumo trace shows any pair of a virtual-mta and a domain.`,
    );
  }
  try {
    const { tracerFor } = await import('./tracer');
    const { tracer, errors, close } = await tracerFor(converted, request, undefined, NOW);
    try {
      if (errors > 0) return noEffective('Not computed here: the tree does not load without errors.');
      const members = chosenMemberPools(policy);
      return effectiveData(config, tracer, (tenant) => members.get(tenant));
    } finally {
      close();
    }
  } catch {
    // Where Lua cannot be had, the tree and its report are written all the same; the release line tells why.
    return noEffective('Not computed here: the model of KumoMTA could not be run.');
  }
}
