import { visibleText } from './visible';

/**
 * The message of a workflow command (`::error …::message`). What the runner would take for the end of the line, and
 * so for the start of another command, is escaped; other control characters are made visible.
 */
export function quoteWorkflowData(text: string): string {
  return text
    .replace(/[^\r\n]+/g, visibleText)
    .replaceAll('%', '%25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A');
}

/** A property of a workflow command (`file=…`), in which colons and commas are signs, too. */
export function quoteWorkflowProperty(text: string): string {
  return quoteWorkflowData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
