import { diagnosticsToJson } from '../diagnostics/json';
import { placeOf } from '../diagnostics/span';
import type { FileCopy, Rename, SystemFile } from '../kumo/model';
import type { ReleaseNeeds } from '../kumo/runtime/release-needs';
import { type Json, toJsonText } from './json-text';
import type { Migration, ReportLine, Summary } from './summarise';

/** `migration.json`: every setting with its outcome, without values; `pmta2kumo.migration/1`. */
export function migrationJson({ summary, renames, copies, systemFiles, diagnostics, release }: Migration): string {
  return toJsonText({
    schema: 'pmta2kumo.migration/1',
    total: summary.total,
    counts: { ...summary.counts },
    areas: areasToJson(summary),
    settings: summary.lines.map(lineToJson),
    diagnostics: diagnosticsToJson(diagnostics).map((diagnostic) => ({ ...diagnostic })),
    renames: renamesToJson(renames),
    copies: copiesToJson(copies),
    systemFiles: systemFilesToJson(systemFiles),
    release: releaseToJson(release),
  });
}

export function areasToJson(summary: Summary): readonly Json[] {
  return summary.areas.map(({ name, total, counts }) => ({ name, total, counts: { ...counts } }));
}

export function lineToJson(line: ReportLine): Json {
  const { file, line: number, column, scope, directive, outcome, by, notes } = line;
  return { file, line: number, column, scope, directive, outcome, by, notes };
}

export function renamesToJson(renames: readonly Rename[]): readonly Json[] {
  return renames.map(({ what, from, to, why, origin }) => ({
    what,
    from,
    to,
    why,
    ...(origin === undefined ? {} : { place: placeOf(origin) }),
  }));
}

export function copiesToJson(copies: readonly FileCopy[]): readonly Json[] {
  return copies.map(({ what, from, to, origins }) => ({ what, from, to, places: origins.map(placeOf) }));
}

export function systemFilesToJson(files: readonly SystemFile[]): readonly Json[] {
  return files.map(({ path, content, origins }) => ({ path, content, places: origins.map(placeOf) }));
}

/** The lowest release of KumoMTA, and what needs it. */
export function releaseToJson(release: ReleaseNeeds | undefined): Json | undefined {
  if (release === undefined) return undefined;
  const features = release.features.map(({ what, since, where, more }) => ({ what, since, where, more }));
  return { lowest: release.lowest, features };
}
