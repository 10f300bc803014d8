import { shellWord } from '../diagnostics/quote-shell';
import { visibleText } from '../diagnostics/visible';

/** Text of the input as a terminal may show it: control and invisible characters are made visible. */
export function quoteTerminal(text: string): string {
  return visibleText(text);
}

/** A word as a POSIX shell reads it back, for commands that people copy. */
export function quoteShell(word: string): string {
  return visibleText(shellWord(word));
}

/** Pads with blanks to a number of columns; `width` is that of the text as shown. */
export function padEnd(text: string, width: number, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width));
}
