/** What a JSON document is made of; keys are written in the order in which they stand. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * A JSON document whose lists have one element a line, so that two versions of a long report can be compared line by
 * line. Keys with an undefined value are left out.
 */
export function toJsonText(document: { readonly [key: string]: Json | undefined }): string {
  const entries = Object.entries(document)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `  ${JSON.stringify(key)}: ${topLevel(value ?? null)}`);
  return `{\n${entries.join(',\n')}\n}\n`;
}

function topLevel(value: Json): string {
  if (!isList(value) || value.length === 0) return JSON.stringify(value);
  return `[\n${value.map((element) => `    ${JSON.stringify(element)}`).join(',\n')}\n  ]`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
