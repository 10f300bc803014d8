/**
 * What the script of `migration.html` gets as JSON. Lines of all files of a side are counted through, from 0: the first
 * line of the second file has the number of lines of the first. The page reads this file's types, so it imports nothing.
 * Types, not interfaces: only those are known to be JSON.
 */
export type ReportData = {
  readonly schema: 'pmta2kumo.report/1';
  /** In the order of the reports; other fields name an outcome by its place here. */
  readonly outcomes: readonly string[];
  readonly areas: readonly string[];
  /** What a setting can be: directive, outcome, area, what is said of it. Settings name one by its place here. */
  readonly kinds: readonly Kind[];
  readonly input: readonly InputFileData[];
  readonly emitted: readonly EmittedFileData[];
  readonly effective: EffectiveData;
};

export type Kind = readonly [directive: string, outcome: number, area: number, note: string];

export type InputFileData = {
  readonly path: string;
  /** Lines joined by line ends, without secrets, control characters made visible. */
  readonly text: string;
  /** Lines at the end that were left out. */
  readonly cut: number;
  /** Pairs: lines since the setting before (the first: since line 1), and its kind. */
  readonly settings: readonly number[];
};

export type EmittedFileData = {
  readonly path: string;
  readonly text: string;
  readonly cut: number;
  /** Lines of a file with secrets, which are not shown; 0 for other files. */
  readonly hidden: number;
  /**
   * For each line that has places in the input: lines since the one before, how many places, and for each place its
   * input line as the difference to the place before (the first of the file: to 0).
   */
  readonly links: readonly number[];
};

/** Effective settings of both products, for paths whose values differ. */
export type EffectiveData = {
  /** Empty, or why not every path is here: a sentence. */
  readonly limits: string;
  readonly vmtas: readonly string[];
  readonly domains: readonly string[];
  /** For each virtual-mta, for each domain, the place in `paths`; -1 where it was not computed. */
  readonly pairs: readonly (readonly number[])[];
  readonly paths: readonly PathData[];
};

/** One path, computed for the first pair that has it. What is below `compared` is empty where that is false. */
export type PathData = {
  readonly vmta: string;
  readonly domain: string;
  /** PowerMTA's queue. */
  readonly queue: string;
  /** What counts in PowerMTA: directive, value, place (`config:12`). */
  readonly before: readonly (readonly [string, string, string])[];
  readonly compared: boolean;
  readonly tenant: string;
  readonly pool: string;
  readonly sources: readonly string[];
  /** Empty where mail is routed by its own domain. */
  readonly routing: string;
  /** A sentence where there is nothing to compare. */
  readonly noMail: string;
  readonly rows: readonly ComparisonRow[];
  /** What KumoMTA resolves: where from (`queue`, a source), field, value. */
  readonly after: readonly (readonly [string, string, string])[];
};

export type ComparisonRow = readonly [
  directive: string,
  pmta: string,
  kumo: string,
  verdict: string,
  origin: string,
  why: string,
];
