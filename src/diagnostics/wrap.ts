import { displayWidth } from './visible';

/** Narrower than this nothing can be read; longer words stand out instead. */
const NARROWEST = 20;

/** Breaks a text at its blanks into lines of at most `width` columns; a longer word has a line of its own. */
export function wrap(text: string, width: number): readonly string[] {
  const room = Math.max(width, NARROWEST);
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const word of text.split(/ +/).filter((part) => part !== '')) {
    const size = displayWidth(word);
    if (line !== '' && used + 1 + size > room) {
      lines.push(line);
      line = '';
      used = 0;
    }
    used += size + (line === '' ? 0 : 1);
    line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}
