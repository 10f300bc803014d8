import { intValue } from './read-numbers';
import type { RecordType, ValueError } from './value';
import { type Item, quotable, readItems } from './value-items';
import {
  fail,
  failed,
  type Input,
  type Piece,
  type Reader,
  readExactly,
  readFirst,
  readWord,
  readWords,
  trimmed,
} from './value-text';

/** Items that may be patterns between slashes, which keep their slashes (M5 3.3.10.27). */
export const readList: Reader = quotable((input) => {
  const items = readItems(input, 0, true);
  return failed(items) ? items : { kind: 'list', values: items.map(({ text }) => text).filter((text) => text !== '') };
});

/** Spellings of the record types (M5 3.3.11.11); `fbl` stands in one example of the manual (12.7.1). */
const RECORD_TYPES: ReadonlyMap<string, RecordType> = new Map<string, RecordType>([
  ['d', 'd'],
  ['delivery', 'd'],
  ['b', 'b'],
  ['bounce', 'b'],
  ['t', 't'],
  ['transient', 't'],
  ['tq', 'tq'],
  ['transient-queue', 'tq'],
  ['r', 'r'],
  ['receipt', 'r'],
  ['f', 'f'],
  ['feedback-loop', 'f'],
  ['fbl', 'f'],
  ['rb', 'rb'],
  ['remote-bounce', 'rb'],
  ['rs', 'rs'],
  ['remote-status', 'rs'],
]);

const NO_TYPE = 'is not a record type such as d or b';

function typeOf(word: Piece): RecordType | undefined {
  return RECORD_TYPES.get(word.text.toLowerCase());
}

/** A list of record types in their short spelling. */
export const readRecordTypes: Reader = quotable((input) => {
  const items = readItems(input);
  if (failed(items)) return items;
  const values = new Set<RecordType>();
  for (const item of items) {
    const type = typeOf(item);
    if (type === undefined) return fail(NO_TYPE, item);
    values.add(type);
  }
  return { kind: 'list', values: [...values] };
});

/** `TYPE FIELD[,FIELD...]` (M5 3.3.11.12); several types are read as meant, which no document says. */
export const readRecordFields: Reader = (input) => {
  const items = readItems({ ...input, warn: () => undefined });
  if (failed(items)) return items;
  const types: RecordType[] = [];
  let next = 0;
  for (let item = items[0]; item !== undefined && (next === 0 || item.after === ','); item = items[next]) {
    const type = typeOf(item);
    if (type === undefined) break;
    types.push(type);
    next++;
  }
  const first = items[0];
  if (first === undefined) return fail('has no value', trimmed(input.raw));
  if (types.length === 0) return fail(NO_TYPE, first);
  const fields = items.slice(next);
  if (fields.length === 0) return fail('names no fields', trimmed(input.raw));
  if (types.length > 1) input.warn('names several record types, which the manual does not show');
  if (fields.slice(1).some(({ after }) => after === ' ')) input.warn('has blanks in the place of commas');
  return { kind: 'record-fields', types, fields: fields.map(({ text }) => text) };
};

/** `RECORD-TYPE header_NAME FIELD` (M5 3.3.11.10). */
export const readMapHeader: Reader = (input) => {
  const lacking = 'is not RECORD-TYPE header_NAME FIELD';
  const words = readExactly(input, 3, lacking);
  if (failed(words)) return words;
  const [word, header, field] = words;
  if (word === undefined || header === undefined || field === undefined) return fail(lacking, trimmed(input.raw));
  const type = typeOf(word);
  if (type === undefined) return fail(NO_TYPE, word);
  if (!/^header_./i.test(header.text)) return fail('is not header_NAME', header);
  return { kind: 'map-header', type, header: header.text, field: field.text };
};

/** `SELECTOR,DOMAIN,FILE` (M5 3.3.1.33.1); the domain comes back in lower case. */
export const readDomainKey: Reader = (input) => {
  const items = readItems({ ...input, warn: () => undefined });
  if (failed(items)) return items;
  const [selector, domain, file, surplus] = items;
  const whole = trimmed(input.raw);
  if (selector === undefined || domain === undefined || file === undefined)
    return fail('is not SELECTOR,DOMAIN,FILE', whole);
  if (surplus !== undefined) return fail('is not expected here', surplus);
  if (items.some(({ after }) => after === ' ') || [selector, domain, file].some(({ text }) => text === '')) {
    return fail('is not SELECTOR,DOMAIN,FILE', whole);
  }
  return { kind: 'domain-key', selector: selector.text, domain: domain.text.toLowerCase(), file: file.text };
};

/**
 * `NAME VALUE[, VALUE...]` (M5 3.3.1.33.4). Values come back in lower case, with leading dots and `$other`. Without
 * any: the list may stand on the next line, which is the caller's business.
 */
export const readDomainMacro: Reader = (input) => {
  const parts = nameAndItems(input);
  if (failed(parts)) return parts;
  const { name, items } = parts;
  if (!/^\w+$/.test(name.text)) return fail('is not a macro name of letters, digits and _', name);
  return { kind: 'domain-macro', name: name.text, values: items.map(({ text }) => text.toLowerCase()) };
};

/** `ADDRESS TARGET[,TARGET...]` (M5 12.9). */
export const readAlias: Reader = (input) => {
  const parts = nameAndItems(input);
  if (failed(parts)) return parts;
  const { name, items } = parts;
  if (items.length === 0) return fail('has no address behind it to forward to', name);
  return { kind: 'alias', from: name.text, targets: items.map(({ text }) => text) };
};

interface NameAndItems {
  readonly name: Piece;
  readonly items: readonly Item[];
}

/** A word, and the comma list behind it. */
function nameAndItems(input: Input): NameAndItems | ValueError {
  const name = readFirst(input);
  if (failed(name)) return name;
  const items = trimmed(input.raw, name.end).text === '' ? [] : readItems(input, name.end);
  return failed(items) ? items : { name, items };
}

/** Forms of a domain pattern (M5 3.2); no macros, which belong to `<domain>` only. */
const DOMAIN_PATTERN = /^(?:\*|(?:\*\.|\[\*\.\])?[\p{L}\p{M}\p{N}_](?:[\p{L}\p{M}\p{N}._-]*)|\[[0-9a-f.:/]+\])$/iu;

/** Comes back in lower case. */
export const readDomainPattern: Reader = (input) => {
  const word = readWord(input);
  if (failed(word)) return word;
  const pattern = domainPattern(word);
  return failed(pattern) ? pattern : { kind: 'text', value: pattern.text };
};

function domainPattern(word: Piece): Piece | ValueError {
  return DOMAIN_PATTERN.test(word.text)
    ? { ...word, text: word.text.toLowerCase() }
    : fail('is not a domain pattern such as example.com, *.example.com or [*.]example.com', word);
}

/** `MX-PATTERN N` (M5 3.3.1.38.1). */
export const readMxLimit: Reader = (input) => {
  const words = readExactly(input, 2, 'is not MX-PATTERN N');
  if (failed(words)) return words;
  const [word, limit] = words;
  if (word === undefined || limit === undefined) return fail('is not MX-PATTERN N', trimmed(input.raw));
  const pattern = domainPattern(word);
  if (failed(pattern)) return pattern;
  const read = intValue(limit);
  if (failed(read)) return read;
  return read.value === 'unlimited'
    ? fail('is not a whole number', limit)
    : { kind: 'mx-limit', pattern: pattern.text, limit: read.value };
};

/** `MX-PATTERN NAME.rollup [rollup-by-ip]` (M5 10.17). */
export const readMxRollup: Reader = (input) => {
  const words = readWords(input);
  if (failed(words)) return words;
  const [word, queue, flag, surplus] = words;
  if (word === undefined || queue === undefined) return fail('is not MX-PATTERN NAME.rollup', trimmed(input.raw));
  const pattern = domainPattern(word);
  if (failed(pattern)) return pattern;
  if (flag !== undefined && flag.text.toLowerCase() !== 'rollup-by-ip') return fail('is not rollup-by-ip', flag);
  if (surplus !== undefined) return fail('is not expected here', surplus);
  const name = queue.text.toLowerCase();
  if (!name.endsWith('.rollup')) input.warn('names a queue that does not end in .rollup');
  return { kind: 'mx-rollup', pattern: pattern.text, queue: name, byIp: flag !== undefined };
};

const ADDRESS_PATTERN = /^(?:<>|[^\s@<>]+@[^\s@<>]+)$/;

/** `ADDRESS-PATTERN ADDRESS-TEMPLATE` (M5 3.3.18.1). */
export const readAddressRewrite: Reader = (input) => {
  const lacking = 'is not two address patterns such as *@a.example *@b.example';
  const words = readExactly(input, 2, lacking);
  if (failed(words)) return words;
  const [from, to] = words;
  if (from === undefined || to === undefined) return fail(lacking, trimmed(input.raw));
  const wrong = [from, to].find(({ text }) => !ADDRESS_PATTERN.test(text));
  if (wrong !== undefined) return fail('is not an address pattern such as *@example.com or <>', wrong);
  if (from.text === '<>' && to.text.includes('*')) return fail('has a * that nothing in <> can fill', to);
  return { kind: 'rewrite', from: from.text, to: to.text };
};

/** `DOMAIN-PATTERN DOMAIN` (M5 3.3.18.2). */
export const readDomainRewrite: Reader = (input) => {
  const words = readExactly(input, 2, 'is not DOMAIN-PATTERN DOMAIN');
  if (failed(words)) return words;
  const [word, to] = words;
  if (word === undefined || to === undefined) return fail('is not DOMAIN-PATTERN DOMAIN', trimmed(input.raw));
  const pattern = domainPattern(word);
  if (failed(pattern)) return pattern;
  return { kind: 'rewrite', from: pattern.text, to: to.text.toLowerCase() };
};
