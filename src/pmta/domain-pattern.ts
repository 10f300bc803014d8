import { domainToASCII } from 'node:url';
import { parseNetwork, strictText } from '../directives/cidr';
import type { DomainPattern } from './model';

export type ReadPattern = { readonly pattern: DomainPattern } | { readonly reason: string };

/** Longest name that DNS can carry, in characters. */
export const LONGEST_NAME = 253;

const LABELS = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;
const RESERVED = /^\{[a-z0-9._-]+\}$/;

/**
 * Reads the argument of a `<domain>` after macro expansion: `*`, a name, `*.name`, `[*.]name`, `[ip/mask]` or a
 * reserved `{name}` (M5 3.2). A `reason` is the end of a sentence.
 */
export function readDomainPattern(text: string): ReadPattern {
  const lower = text.trim().toLowerCase();
  if (lower === '*') return { pattern: { form: 'any' } };
  if (lower.startsWith('[*.]')) return readNamed('tree', lower.slice(4));
  if (lower.startsWith('*.')) return readNamed('below', lower.slice(2));
  if (lower.startsWith('[')) return readLiteral(lower);
  if (RESERVED.test(lower)) return { pattern: { form: 'name', name: lower } };
  return readNamed('name', lower);
}

/** The form in which names are compared: lower case, and ASCII for an international name; '' when it has no such form. */
export function asciiName(name: string): string {
  const lower = name.toLowerCase();
  // domainToASCII also rewrites things that are ASCII already (`010.1` becomes an address): only used where needed.
  return /^[\0-\x7f]*$/.test(lower) ? lower : domainToASCII(lower);
}

/** A text that is the same for two patterns exactly when they are the same pattern. */
export function patternKey(pattern: DomainPattern): string {
  switch (pattern.form) {
    case 'any':
      return '*';
    case 'name':
      return pattern.name;
    case 'below':
      return `*.${pattern.name}`;
    case 'tree':
      return `[*.]${pattern.name}`;
    case 'literal':
      return `[${pattern.cidr}]`;
  }
}

function readNamed(form: 'name' | 'below' | 'tree', text: string): ReadPattern {
  const name = asciiName(text);
  if (text === '') return { reason: 'lacks a domain name' };
  if (name.length > LONGEST_NAME) return { reason: `is longer than the ${LONGEST_NAME} characters a domain may have` };
  if (!LABELS.test(name)) return { reason: 'is not *, a domain name, *.name, [*.]name or [address/bits]' };
  return { pattern: { form, name } };
}

function readLiteral(text: string): ReadPattern {
  const inner = /^\[(?:ipv6:)?([^\]]*)\]$/.exec(text)?.[1];
  const read = inner === undefined ? undefined : parseNetwork(inner);
  if (read === undefined) return { reason: 'is not an address pattern such as [192.0.2.0/24]' };
  return { pattern: { form: 'literal', cidr: strictText(read) } };
}
