/**
 * Text for an XML 1.0 attribute or element. Characters that XML cannot hold, not even escaped, and those that would
 * reorder or hide what a reader sees become `\u{…}`; line ends and tabs stay what they are for a parser.
 */
export function quoteXml(text: string): string {
  let quoted = '';
  for (const character of text) quoted += ENTITIES[character] ?? (isShown(character) ? character : escaped(character));
  return quoted;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '"': '&quot;',
  '&': '&amp;',
  "'": '&apos;',
  '<': '&lt;',
  '>': '&gt;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Neither a control or format character, a lone surrogate, nor one of the two that are none (XML 1.0, 2.2). */
function isShown(character: string): boolean {
  return !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/u.test(character);
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
