/** How often each thing that takes a person's time occurs. */
export interface Work {
  /** Kinds of manual tasks. */
  readonly tasks: number;
  /** Lines beyond the first of each kind. */
  readonly furtherLines: number;
  /** Kinds of files to copy. */
  readonly copies: number;
  /** Differences of approximate settings, each counted once. */
  readonly differences: number;
  /** Kinds of settings that end unsupported, unknown or invalid. */
  readonly losses: number;
  /** Kinds of errors and warnings. */
  readonly questions: number;
  /** Stages of the cut-over up to {@link FIRST_STAGES}, and those beyond. */
  readonly stages: number;
  readonly furtherStages: number;
}

export interface EffortRow {
  readonly what: string;
  readonly count: number;
  /** For each; an assumption of ours, not a measurement. */
  readonly minutes: number;
  /** `count` times `minutes`. */
  readonly total: number;
}

export interface Effort {
  readonly rows: readonly EffortRow[];
  /** The sum of the rows. */
  readonly minutes: number;
}

/** What is said with every figure. */
export const EFFORT_CAVEAT =
  'An estimate: the minutes are assumptions for somebody who knows both products, not measurements. Warm-up, and waiting for DNS or for other people, are not in it.';

/** So many stages take their full time; after these it is routine. */
const FIRST_STAGES = 10;

/** Minutes for each kind of work; the whole formula. */
export const MINUTES: readonly { readonly what: string; readonly of: keyof Work | 'once'; readonly minutes: number }[] =
  [
    { what: 'once: install, start, read the tree, test messages, monitoring', of: 'once', minutes: 240 },
    { what: 'kinds of manual tasks', of: 'tasks', minutes: 30 },
    { what: 'further lines of these tasks', of: 'furtherLines', minutes: 1 },
    { what: 'kinds of files to copy', of: 'copies', minutes: 20 },
    { what: 'differences of approximate settings to review', of: 'differences', minutes: 5 },
    { what: 'kinds of lost settings to decide about', of: 'losses', minutes: 10 },
    { what: 'kinds of errors and warnings to clear up', of: 'questions', minutes: 10 },
    { what: `stages of the cut-over, up to ${FIRST_STAGES}`, of: 'stages', minutes: 45 },
    { what: 'further stages, when it is routine', of: 'furtherStages', minutes: 10 },
  ];

/** Stages as the formula counts them. */
export function stageCounts(stages: number): Pick<Work, 'stages' | 'furtherStages'> {
  return { stages: Math.min(stages, FIRST_STAGES), furtherStages: Math.max(0, stages - FIRST_STAGES) };
}

/** Each kind of work times its minutes, and their sum. */
export function effortOf(work: Work): Effort {
  const rows = MINUTES.map(({ what, of, minutes }) => {
    const count = of === 'once' ? 1 : work[of];
    return { what, count, minutes, total: count * minutes };
  });
  return { rows, minutes: rows.reduce((sum, { total }) => sum + total, 0) };
}

/** `6 h 15 min`. */
export function hoursText(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return [...(hours > 0 ? [`${hours} h`] : []), ...(rest > 0 || hours === 0 ? [`${rest} min`] : [])].join(' ');
}
