import type { Diagnostic, Diagnostics } from '../diagnostics/diagnostic';
import type { Source } from '../diagnostics/span';
import type { MxSnapshot } from '../kumo/mx-snapshot';
import { joinNotes, type ReportInput, type ReportLine, summarise } from '../report/summarise';
import { type CutOver, cutOverOf } from './cut-over';
import { type Effort, effortOf, stageCounts } from './effort';
import { type Finding, findingsOf } from './findings';
import { OPINIONS } from './opinions';
import { type Remainder, remaindersOf, type Share, shareOf, sharesByArea, sharesByFile } from './shares';
import { type Size, sizeOf } from './size';
import { type CopyTask, copyTasks, type Difference, differencesOf, type Task, tasksOf } from './tasks';

/** What an audit is made from: the pipeline's Conversion, and what it knew of mail exchangers. */
export interface AuditInput extends ReportInput {
  /** The files that were read, in the order of reading. */
  readonly sources: readonly Source[];
  readonly mx: MxSnapshot;
}

/** Everything that is told about one configuration. */
export interface Audit {
  /** As the user named it. */
  readonly config: string;
  readonly share: Share;
  readonly areas: readonly Share[];
  readonly files: readonly Share[];
  readonly remainders: readonly Remainder[];
  readonly tasks: readonly Task[];
  /** Keys, certificates and other files that a person has to copy. */
  readonly copies: readonly CopyTask[];
  readonly differences: readonly Difference[];
  readonly effort: Effort;
  readonly findings: readonly Finding[];
  readonly cutOver: CutOver;
  readonly size: Size;
  /** Those of the conversion and those of the second opinion. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Judges a conversion: what converts, what is left to do, and what to reconsider. Adds its opinions to `diagnostics`. */
export function auditOf(config: string, input: AuditInput, diagnostics: Diagnostics): Audit {
  for (const opinion of OPINIONS) opinion({ ...input, diagnostics });
  const summary = summarise(input);
  const tasks = tasksOf(summary.lines);
  const copies = copyTasks([...input.policy.copies.values()]);
  const remainders = remaindersOf(summary.lines, reasonOf);
  const differences = differencesOf(summary.lines);
  const cutOver = cutOverOf(input);
  return {
    config,
    share: shareOf(config, summary.counts),
    areas: sharesByArea(summary),
    files: sharesByFile(summary.lines),
    remainders,
    tasks,
    copies,
    differences,
    effort: effortOf({
      tasks: tasks.length,
      furtherLines: tasks.reduce((sum, { places }) => sum + places.length - 1, 0),
      copies: copies.length,
      differences: differences.length,
      losses: remainders.filter(({ outcome }) => outcome !== 'manual').length,
      questions: kindsOf(diagnostics.list),
      ...stageCounts(cutOver.stages.length),
    }),
    findings: findingsOf(diagnostics.list),
    cutOver,
    size: sizeOf(input.sources, input.files),
    diagnostics: diagnostics.list,
  };
}

function reasonOf({ notes }: ReportLine): string {
  return joinNotes(notes);
}

/** Distinct codes of errors and warnings. */
function kindsOf(diagnostics: readonly Diagnostic[]): number {
  return new Set(diagnostics.filter(({ severity }) => severity !== 'info').map(({ code }) => code)).size;
}
