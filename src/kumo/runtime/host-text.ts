import { stringify } from 'smol-toml';
import { cidrFault } from '../api/grammars';
import { compareReleases } from '../api/release';
import { asList, asTable, type PolicyValue, plain, plainTable, quoted } from '../api/value';
import { inCidrList, longestPrefix } from './cidr-map';
import type { Captured, Context } from './context';
import { type DataFile, parseJson, parseToml } from './data-file';
import { createDomainMap } from './domain-map';
import { type HostCall, type HostFunctions, PolicyError, textArgument } from './host';
import { compileRegex, createPatience, matchBounded } from './regex';
import { globFiles } from './tree';

/** Texts, tables and maps: what `kumo.serde`, `kumo.regex`, `kumo.string`, `kumo.cidr` and `kumo.domain_map` do. */
export function textFunctionsFor(context: Context, captured: Captured): HostFunctions {
  const maps: KeyFinder[] = [];
  return {
    load_data: ([path, form], call) => {
      const name = textArgument(path, 'a file name');
      if (call.context === 'init' || call.context === 'pre_init') captured.startFiles.set(name, call.place);
      const data = context.files.load(name, call.place, form === 'toml' ? 'toml' : 'json');
      if (data !== undefined) return plainTable(data.table);
      const { kind } = context.tree.locate(name);
      // What lies elsewhere may be there on the server.
      if (kind === 'outside' || kind === 'shipped') return undefined;
      throw new PolicyError(`cannot read ${name}`, true);
    },
    parse_json: ([text]) => parsed(parseJson(textArgument(text, 'JSON'))),
    parse_toml: ([text]) => parsed(parseToml(textArgument(text, 'TOML'))),
    encode_json: ([value]) => JSON.stringify(value === undefined ? null : plain(value)),
    encode_toml: ([value]) => stringify(plainTable(asTable(value) ?? {})),
    regex: ([method, pattern, ...rest], call) =>
      regexMethod(textArgument(method, 'a method'), textArgument(pattern, 'a pattern'), rest, context, call),
    text: ([method, ...rest]) => textMethod(textArgument(method, 'a method'), rest),
    // Since this release the parser brings domains into their IDNA form, which is in lower case (crates/rfc5321, parser.rs).
    envelope_domain: ([domain]) => {
      const name = textArgument(domain, 'a domain');
      return compareReleases('2025.01.23', context.target) <= 0 ? name.toLowerCase() : name;
    },
    in_cidrs: ([address, list]) => inCidrList(textArgument(address, 'an address'), texts(list)),
    cidr_map_check: ([entries], call) => checkCidrMap(entries, context, call),
    domain_map_check: () => undefined,
    regex_map_check: ([entries], call) => {
      for (const pattern of Object.keys(asTable(entries) ?? {})) regexOf(pattern, context, call);
    },
    map_keys: ([kind, keys], call) => maps.push(mapOf(textArgument(kind, 'a kind'), texts(keys), context, call)) - 1,
    map_find: ([id, wanted]) => maps[Number(id)]?.(textArgument(wanted, 'a key')),
    glob: ([pattern]) => globFiles(context.tree, textArgument(pattern, 'a pattern')),
    read_dir: ([path]) => globFiles(context.tree, `${textArgument(path, 'a path').replace(/\/+$/, '')}/*`),
  };
}

/** The key of a map that answers for a text. */
type KeyFinder = (wanted: string) => string | undefined;

function mapOf(kind: string, keys: readonly string[], context: Context, call: HostCall): KeyFinder {
  if (kind === 'cidr_map') return (wanted) => longestPrefix(wanted, keys);
  if (kind === 'regex_map') {
    return (wanted) => {
      const goesOn = createPatience();
      return keys.find((pattern) => goesOn() && matchBounded(regexOf(pattern, context, call), wanted) !== null);
    };
  }
  const map = createDomainMap<string>();
  for (const key of keys) map.set(key, key);
  return (wanted) => map.get(wanted);
}

function checkCidrMap(entries: PolicyValue | undefined, context: Context, call: HostCall): void {
  for (const key of Object.keys(asTable(entries) ?? {})) {
    const fault = cidrFault(key);
    if (fault === undefined) continue;
    context.findings.add('tree-bad-value', `kumo.cidr.make_map: ${quoted(key)} ${fault}`, call.place);
  }
}

function parsed(file: DataFile): unknown {
  if ('fault' in file) throw new PolicyError(file.fault, false);
  return plainTable(file.table);
}

function texts(value: PolicyValue | undefined): readonly string[] {
  return (asList(value) ?? []).filter((item) => typeof item === 'string');
}

function regexOf(pattern: string, context: Context, call: HostCall): RegExp {
  const compiled = compileRegex(pattern);
  if ('regex' in compiled) return compiled.regex;
  const code = compiled.fault === 'invalid' ? 'tree-regex-invalid' : 'tree-not-modelled';
  context.findings.add(code, `${quoted(pattern)}: ${compiled.reason}`, call.place);
  if (compiled.fault === 'foreign') return /(?!)/;
  throw new PolicyError(`${quoted(pattern)}: ${compiled.reason}`, true);
}

function regexMethod(
  method: string,
  pattern: string,
  rest: readonly (PolicyValue | undefined)[],
  context: Context,
  call: HostCall,
): unknown {
  if (method === 'escape') return pattern.replace(/[\\.+*?()|[\]{}^$#&~-]/g, '\\$&');
  const regex = regexOf(pattern, context, call);
  if (method === 'compile') return undefined;
  const text = textArgument(rest[0], 'the text');
  const found = matchBounded(regex, text);
  switch (method) {
    case 'is_match':
      return found !== null;
    case 'find':
      return found?.[0];
    case 'captures':
      return found === null ? undefined : captures(found);
    case 'find_all':
      return allMatches(regex, text).map((match) => match[0]);
    case 'split':
      return splitBy(regex, text);
    default:
      return replaced(method, regex, text, rest);
  }
}

/** Whole match under 0, groups under their number and name; Lua tables count from one, so keys are given. */
function captures(match: RegExpExecArray): Readonly<Record<string, string>> {
  const table: Record<string, string> = {};
  match.forEach((part, index) => {
    if (part !== undefined) table[String(index)] = part;
  });
  return Object.assign(table, match.groups ?? {});
}

function allMatches(regex: RegExp, text: string): readonly RegExpExecArray[] {
  const matches: RegExpExecArray[] = [];
  const goesOn = createPatience();
  const moving = new RegExp(regex.source, `${regex.flags.replace('g', '')}g`);
  for (
    let match = matchBounded(moving, text);
    match !== null && matches.length < 1000 && goesOn();
    match = matchBounded(moving, text)
  ) {
    matches.push(match);
    if (match[0] === '') moving.lastIndex++;
  }
  return matches;
}

function splitBy(regex: RegExp, text: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  for (const match of allMatches(regex, text)) {
    parts.push(text.slice(start, match.index));
    start = match.index + match[0].length;
  }
  return [...parts, text.slice(start)];
}

function replaced(method: string, regex: RegExp, text: string, rest: readonly (PolicyValue | undefined)[]): string {
  const [count, template] =
    method === 'replacen' ? [Number(rest[1]), rest[2]] : [method === 'replace' ? 1 : 0, rest[1]];
  const by = textArgument(template, 'the replacement');
  let result = '';
  let start = 0;
  for (const match of allMatches(regex, text).slice(0, count === 0 ? undefined : count)) {
    const filled = by.replace(/\$(?:(\w+)|\{(\w+)\})/g, (_, index?: string, name?: string) => {
      const number = index ?? name ?? '';
      return match[Number(number)] ?? match.groups?.[number] ?? '';
    });
    result += text.slice(start, match.index) + filled;
    start = match.index + match[0].length;
  }
  return result + text.slice(start);
}

function textMethod(method: string, rest: readonly (PolicyValue | undefined)[]): unknown {
  const [text = '', a = '', b = '', c] = rest.map((item) => (typeof item === 'object' ? '' : String(item ?? '')));
  const limited = method.endsWith('n');
  const separator = limited ? b : a;
  switch (method) {
    case 'replace':
      return text.split(a).join(b);
    case 'replacen':
      return replaceFirst(text, a, b, Number(c));
    case 'split':
    case 'splitn':
      return splitAt(text, separator, limited ? Number(a) : Number.POSITIVE_INFINITY);
    case 'rsplit':
    case 'rsplitn': {
      const turned = splitAt(turn(text), turn(separator), limited ? Number(a) : Number.POSITIVE_INFINITY);
      return turned.map(turn);
    }
    case 'starts_with':
      return text.startsWith(a);
    case 'ends_with':
      return text.endsWith(a);
    case 'trim_start':
      return text.trimStart();
    case 'trim_end':
      return text.trimEnd();
    case 'trim':
      return text.trim();
    default:
      return text.split(/\s+/).filter((part) => part !== '');
  }
}

function turn(text: string): string {
  return [...text].reverse().join('');
}

function splitAt(text: string, separator: string, most: number): readonly string[] {
  const parts = text.split(separator);
  if (parts.length <= most) return parts;
  return [...parts.slice(0, most - 1), parts.slice(most - 1).join(separator)];
}

function replaceFirst(text: string, from: string, to: string, count: number): string {
  const parts = splitAt(text, from, count + 1);
  return parts.join(to);
}
