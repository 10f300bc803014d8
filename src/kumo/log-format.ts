import type { FieldBlock } from './model';

/**
 * How lines of a log file are written: expressions of minijinja over the log record, one for each column. `macros` are
 * templates that stand before them and print nothing.
 */
export interface LogFormat {
  /** Names of the columns, quoted for CSV. */
  readonly header: readonly string[];
  readonly macros: readonly string[];
  readonly cells: readonly string[];
}

/** One call of configure_local_logs. */
export interface LogFiles extends FieldBlock {
  /** Types of records that are not written as JSON; they join those of `per_record`. */
  readonly formats?: ReadonlyMap<string, LogFormat>;
}

/** A string literal of minijinja, whose escapes are those of JSON; unlike JSON it has no surrogates to fear. */
export function templateString(text: string): string {
  return JSON.stringify(text.replace(/\p{Surrogate}/gu, '\ufffd'));
}

/** A value of a CSV line, quoted where RFC 4180 asks for it; line breaks become blanks, as one record is one line. */
export function csvValue(text: string): string {
  const line = text.replace(/\r?\n|\r/g, ' ');
  return /[",]/.test(line) ? `"${line.replaceAll('"', '""')}"` : line;
}
