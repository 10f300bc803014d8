import { visibleText } from '../diagnostics/visible';
import { type Json, quoteJson } from './json-text';

const ENTITY: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Text, which may come from the input, for an element or a quoted attribute of an HTML page: nothing in it is markup, and
 * control and invisible characters are made visible. Not for scripts, styles, or attributes that hold URLs.
 */
export function quoteHtml(text: string): string {
  return visibleText(text).replace(/[&<>"']/g, (character) => ENTITY[character] ?? '');
}

/**
 * A value as JSON for a `<script type="application/json">`: what could end the element or open another one is escaped, and
 * so is what a reader of the file would not see.
 */
export function jsonForScript(value: Json): string {
  return quoteJson(value).replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}
