/** What a JSON document is made of; keys are written in the order in which they stand. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * A JSON document whose lists have one element a line, so that two versions of a long report can be compared line by
 * line. Keys with an undefined value are left out.
 */
export function toJsonText(document: { readonly [key: string]: Json | undefined }): string {
  const entries = Object.entries(document)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `  ${quoteJson(key)}: ${topLevel(value ?? null)}`);
  return `{\n${entries.join(',\n')}\n}\n`;
}

/**
 * The same for a document with lists inside its lists: every list of objects has one element a line, wherever it
 * stands, and so has an object with such a list in it. Ends with a line end.
 */
export function toDeepJsonText(document: Json): string {
  return `${opened(document, '')}\n`;
}

function opened(value: Json, indent: string): string {
  if (!isOpened(value)) return quoteJson(value);
  const inner = `${indent}  `;
  if (isList(value)) return `[\n${value.map((one) => `${inner}${opened(one, inner)}`).join(',\n')}\n${indent}]`;
  const entries = Object.entries(value).flatMap(([key, one]) =>
    one === undefined ? [] : [`${inner}${quoteJson(key)}: ${opened(one, inner)}`],
  );
  return `{\n${entries.join(',\n')}\n${indent}}`;
}

function isOpened(value: Json | undefined): value is readonly Json[] | { readonly [key: string]: Json | undefined } {
  if (value === null || typeof value !== 'object') return false;
  if (isList(value)) return value.some((one) => one !== null && typeof one === 'object');
  return Object.values(value).some(isOpened);
}

/**
 * A value as JSON on one line. What a terminal would obey or hide is escaped: JSON itself asks for that below U+0020
 * only, and documents are shown and reviewed, too.
 */
export function quoteJson(value: Json): string {
  return JSON.stringify(value).replace(/[\x7f-\x9f]|[\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

function topLevel(value: Json): string {
  if (!isList(value) || value.length === 0) return quoteJson(value);
  return `[\n${value.map((element) => `    ${quoteJson(element)}`).join(',\n')}\n  ]`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
