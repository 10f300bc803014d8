import { intervalOf } from './read-numbers';
import type { PatternResult, ReplyAction, Value, ValueError } from './value';
import { cutItems, emptyItem, type Item } from './value-items';
import { type ReadRegex, readRegex } from './value-regex';
import {
  fail,
  failed,
  type Input,
  type Piece,
  type Reader,
  readFirst,
  readWord,
  readWords,
  skipBlanks,
  trimmed,
} from './value-text';

/** `/re/ category` (M5 10.8); categories are free words. */
export const readCategoryPattern: Reader = (input) => {
  const read = readRegex(input.raw);
  if (failed(read)) return read;
  const words = readWords(input, read.end);
  if (failed(words)) return words;
  const [category, surplus] = words;
  if (category === undefined) return fail('has no category behind it, such as bad-mailbox', read);
  if (surplus !== undefined) return fail('is not expected here', surplus);
  return { kind: 'category-pattern', regex: read.regex, category: category.text };
};

/** A pattern between slashes, or one word: an address, a local part (M5 3.3.1.32.3, 3.3.5.1). */
export const readRegexOrText: Reader = (input) => {
  const { raw } = input;
  if (raw[skipBlanks(raw, 0)] !== '/') {
    const word = readWord(input);
    return failed(word) ? word : { kind: 'regex-or-text', text: word.text };
  }
  const read = readRegex(raw);
  if (failed(read)) return read;
  const rest = trimmed(raw, read.end);
  return rest.text === '' ? { kind: 'regex-or-text', regex: read.regex } : fail('is not expected here', rest);
};

/** `/re/ RESULT` of a pattern list (M5 3.3.14). */
export const readPattern: Reader = (input) => {
  const read = readRegex(input.raw);
  return failed(read) ? read : patternValue(input, read);
};

/** `NAME /re/ RESULT` (M5 3.3.14.1). */
export const readHeaderPattern: Reader = (input) => {
  const name = readFirst(input);
  if (failed(name)) return name;
  if (name.text.startsWith('/')) return fail('has no header name before its pattern', name);
  if (trimmed(input.raw, name.end).text === '') return fail('has no pattern behind it, such as /bulk/', name);
  const read = readRegex(input.raw, name.end);
  if (failed(read)) return read;
  const value = patternValue(input, read);
  return value.kind === 'pattern' ? { ...value, header: name.text } : value;
};

/** `* RESULT` (M5 3.3.14.3). */
export const readPatternResult: Reader = (input) => {
  const result = resultOf(input, 0);
  return failed(result) ? result : { kind: 'pattern', result: result.result };
};

function patternValue(input: Input, { regex, end }: ReadRegex): Extract<Value, { kind: 'pattern' }> | ValueError {
  const read = resultOf(input, end);
  return failed(read) ? read : { kind: 'pattern', regex, result: read.result };
}

/** The result is empty when a nested list follows. */
function resultOf(input: Input, from: number): { readonly result: PatternResult } | ValueError {
  if (trimmed(input.raw, from).text === '') return { result: {} };
  const items = cutItems(input, { separators: ',' }, from);
  if (failed(items)) return items;
  let result: PatternResult = {};
  for (const item of items) {
    const part = resultPart(input, item);
    if (failed(part)) return part;
    const [key] = Object.keys(part);
    if (key !== undefined && key in result) return fail('is given twice', item);
    result = { ...result, ...part };
  }
  return { result };
}

/** Blanks behind the colon are seen in the manual itself (`call-to: LIST`). */
const RESULT = /^(virtual-mta|recipient-priority)=\s*(\S+)$|^(call-to):\s*(\S+)$/i;

function resultPart(input: Input, item: Item): PatternResult | ValueError {
  if (item.text === '') return emptyItem(input);
  const match = RESULT.exec(item.text);
  const text = (match?.[2] ?? match?.[4] ?? '').replace(/^"(.*)"$/, '$1');
  if (match === null || text === '') {
    return fail('is not virtual-mta=NAME, recipient-priority=N or call-to:LIST', item);
  }
  if (match[3] !== undefined) return { callTo: text };
  if (match[1]?.toLowerCase() === 'virtual-mta') return { virtualMta: text };
  const priority = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  return priority <= 100 ? { priority } : fail('is not a priority from 0 to 100', item);
}

/** `/re/ ACTION[,ACTION...]` (M5 3.3.15). */
export const readReply: Reader = (input) => {
  const read = readRegex(input.raw);
  if (failed(read)) return read;
  if (trimmed(input.raw, read.end).text === '') return fail('has no action behind it, such as mode=backoff', read);
  const items = cutItems(input, { separators: ',' }, read.end);
  if (failed(items)) return items;
  const actions: ReplyAction[] = [];
  for (const item of items) {
    const action = actionOf(input, item);
    if ('kind' in action) return action;
    const reason = conflict(actions, action);
    if (reason !== undefined) return fail(reason, item);
    actions.push(action);
  }
  const stray = items[actions.findIndex(({ action }) => action === 'backoff-to-normal-after')];
  if (stray !== undefined && !has(actions, 'mode-backoff')) return fail('has an effect only with mode=backoff', stray);
  return { kind: 'reply', regex: read.regex, actions };
};

const ACTIONS: ReadonlyMap<string, ReplyAction> = new Map<string, ReplyAction>([
  ['mode=backoff', { action: 'mode-backoff' }],
  ['mode=normal', { action: 'mode-normal' }],
  ['skip-mx', { action: 'skip-mx' }],
  ['bounce-queue', { action: 'bounce-queue' }],
  ['bounce-rcpt', { action: 'bounce-rcpt' }],
  ['disable-source-ip', { action: 'disable-source-ip' }],
  ['defer-queue', { action: 'defer-queue' }],
]);

function actionOf(input: Input, item: Piece): ReplyAction | ValueError {
  if (item.text === '') return emptyItem(input);
  const simple = ACTIONS.get(item.text.toLowerCase());
  if (simple !== undefined) return simple;
  const [, name, time] = /^(reenable-after|backoff-to-normal-after)=(.*)$/i.exec(item.text) ?? [];
  if (name === undefined || time === undefined) {
    const mode = /^mode\b/i.test(item.text);
    return fail(mode ? 'is not mode=backoff or mode=normal' : 'is not an action that PowerMTA knows', item);
  }
  const seconds = intervalOf(input, { ...item, text: time });
  if (seconds === undefined) return fail('does not have an interval such as 2h behind its =', item);
  const action = name.toLowerCase() === 'reenable-after' ? 'reenable-after' : 'backoff-to-normal-after';
  return { action, seconds };
}

/** Why an action cannot follow the ones before it (M5 3.3.15). */
function conflict(before: readonly ReplyAction[], { action }: ReplyAction): string | undefined {
  if (action === 'mode-backoff' || action === 'mode-normal') {
    const other = action === 'mode-backoff' ? 'mode-normal' : 'mode-backoff';
    if (has(before, other)) return 'contradicts the other mode= before it';
  }
  if (action === 'skip-mx' && has(before, 'bounce-queue')) return 'cannot stand together with bounce-queue';
  if (action === 'bounce-queue' && has(before, 'skip-mx')) return 'cannot stand together with skip-mx';
  if (action === 'reenable-after') {
    if (!has(before, 'disable-source-ip')) return 'has an effect only behind disable-source-ip';
    if (has(before, 'reenable-after')) return 'is given twice';
  }
  return action === 'backoff-to-normal-after' && has(before, action) ? 'is given twice' : undefined;
}

function has(actions: readonly ReplyAction[], wanted: ReplyAction['action']): boolean {
  return actions.some(({ action }) => action === wanted);
}
