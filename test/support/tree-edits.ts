import luaparse, { type Node } from 'luaparse';
import { parse, stringify, type TomlTable, type TomlValue } from 'smol-toml';
import { compareTrees, type TreesCompared } from '../../src/changes/compare-trees';
import { mxHostsOf } from '../../src/kumo/mx-groups';
import { walkLua } from '../../src/kumo/runtime/lua-places';
import { DEFAULT_OPTIONS } from '../../src/passes/pass';
import { type Converted, convertText } from './converted';

export type Files = ReadonlyMap<string, string>;

/** Numbers from 0 to `below`, the same for the same seed. */
export type Random = (below: number) => number;

export function randomFrom(seed: number): Random {
  let state = seed >>> 0 || 1;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Compares files with the tree of a conversion. */
export function compareWith(converted: Converted, before: Files): Promise<TreesCompared> {
  return compareTrees(
    {
      before,
      after: converted.conversion.files,
      secret: new Set(),
      gone: new Set(),
      installDir: DEFAULT_OPTIONS.installDir,
      target: DEFAULT_OPTIONS.target,
      domains: [],
      authors: [],
    },
    {
      mx: (domain) => {
        const hosts = mxHostsOf(domain);
        return hosts.length === 0 ? undefined : { hosts };
      },
    },
  );
}

/** `paths connection_limit 20 → 50 looser limit` for every change, and notes behind `note:`. */
export async function changesOf(converted: Converted, before: Files): Promise<readonly string[]> {
  const compared = await compareWith(converted, before);
  if (compared.kind === 'broken') return compared.findings.map(({ code, message }) => `broken: ${code} ${message}`);
  return compared.comparison.changes.map(({ area, kind, subject, field, before: old, after, verdict, risk }) =>
    [area, kind, `<${subject}>`, field, old, '→', after, verdict, risk].filter((part) => part !== undefined).join(' '),
  );
}

export function converted(text: string): Converted {
  return convertText(text);
}

/** The files with one of them rewritten. */
export function edited(files: Files, path: string, from: string, to: string): Files {
  const text = files.get(path) ?? '';
  if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
  return new Map([...files, [path, text.replace(from, to)]]);
}

/** Rewrites every TOML file (but those whose order counts) with other order, spacing and spelling of tables. */
export function reformatToml(files: Files, random: Random): Files {
  return new Map(
    [...files].map(([path, text]) => [
      path,
      path.endsWith('.toml') && !path.startsWith('bounce_rules/')
        ? tomlOf(shuffled(parse(text), random), random)
        : text,
    ]),
  );
}

function tomlOf(table: TomlTable, random: Random): string {
  const lines = stringify(table).split('\n');
  return lines.flatMap((line) => (random(3) === 0 && !inString(line) ? ['', '# a comment', line] : [line])).join('\n');
}

function inString(line: string): boolean {
  return line.includes("'''") || line.includes('"""');
}

function shuffled(table: TomlTable, random: Random): TomlTable {
  const entries = Object.entries(table);
  for (let at = entries.length - 1; at > 0; at--) {
    const other = random(at + 1);
    const [a, b] = [entries[at], entries[other]];
    if (a !== undefined && b !== undefined) [entries[at], entries[other]] = [b, a];
  }
  return Object.fromEntries(entries.map(([key, value]) => [key, isTable(value) ? shuffled(value, random) : value]));
}

function isTable(value: TomlValue): value is TomlTable {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date);
}

/** Other units for the same amounts. */
export function respellUnits(files: Files): Files {
  return new Map(
    [...files].map(([path, text]) => [
      path,
      path.endsWith('.toml')
        ? text
            .replace(/"4d12h"/g, '"108h"')
            .replace(/"(\d+)m"/g, (_, count: string) => `"${Number(count) * 60}s"`)
            .replace(/"(\d+)d"/g, (_, count: string) => `"${Number(count) * 24} hours"`)
            .replace(/(\d+)\/h([",])/g, '$1/hour$2')
            .replace(/(\d+)\/min([",])/g, '$1/m$2')
            .replace(/(\d+)\/s([",])/g, '$1/second$2')
        : text,
    ]),
  );
}

/** Lua with every local renamed, comments and blanks between statements, and other quotes. */
export function reformatLua(files: Files): Files {
  return new Map([...files].map(([path, text]) => [path, path.endsWith('.lua') ? relua(text) : text]));
}

function relua(text: string): string {
  const chunk = luaparse.parse(text, {
    luaVersion: '5.3',
    comments: false,
    ranges: true,
    scope: true,
    locations: true,
  });
  const edits: { readonly at: number; readonly end: number; readonly text: string }[] = [];
  walkLua(chunk, (node) => {
    const range = rangeOf(node);
    if (range === undefined) return;
    const [at, end] = range;
    if (node.type === 'Identifier' && 'isLocal' in node && node.isLocal === true && node.name !== 'self') {
      edits.push({ at, end, text: `${node.name}_renamed` });
    }
    if (node.type === 'StringLiteral' && /^'[^'"\\\n]*'$/.test(node.raw)) {
      edits.push({ at, end, text: ` "${node.raw.slice(1, -1)}"` });
    }
  });
  for (const statement of chunk.body) {
    const at = rangeOf(statement)?.[0];
    if (at !== undefined) edits.push({ at, end: at, text: '--[[ a comment ]]\n\n' });
  }
  const sorted = edits.sort((a, b) => b.at - a.at || b.end - a.end);
  let done = text;
  const seen = new Set<string>();
  for (const { at, end, text: wanted } of sorted) {
    if (seen.has(`${at}-${end}`)) continue;
    seen.add(`${at}-${end}`);
    done = done.slice(0, at) + wanted + done.slice(end);
  }
  return done;
}

function rangeOf(node: Node): readonly [number, number] | undefined {
  return 'range' in node && Array.isArray(node.range) ? [Number(node.range[0]), Number(node.range[1])] : undefined;
}

/** One change of meaning, by the seed; undefined where the file has nothing of the kind. */
export function mutate(files: Files, random: Random): { readonly files: Files; readonly what: string } | undefined {
  const kinds = [mutateNumber, dropBlock, swapSources, mutateLua];
  return kinds[random(kinds.length)]?.(files, random);
}

type Mutation = ReturnType<typeof mutate>;

function pick<T>(list: readonly T[], random: Random): T | undefined {
  return list[random(list.length)];
}

const DATA = /^(?:sources|queues|shaping|dkim_data|listener_domains)\.toml$/;

function mutateNumber(files: Files, random: Random): Mutation {
  const places = [...files].flatMap(([path, text]) =>
    DATA.test(path)
      ? [...text.matchAll(/^(?!\s*#)(?!\[)[^#\n]*?= "?(\d+)/gm)].map((match) => ({
          path,
          at: match.index + match[0].length - (match[1] ?? '').length,
          digits: match[1] ?? '',
          line: match[0],
        }))
      : [],
  );
  const place = pick(places, random);
  if (place === undefined) return undefined;
  const text = files.get(place.path) ?? '';
  const changed = String(Number(place.digits) + 1 + random(50));
  const after = text.slice(0, place.at) + changed + text.slice(place.at + place.digits.length);
  return { files: new Map([...files, [place.path, after]]), what: `${place.path}: ${place.line} becomes ${changed}` };
}

function dropBlock(files: Files, random: Random): Mutation {
  const places = [...files].flatMap(([path, text]) => {
    if (path !== 'sources.toml' && path !== 'listener_domains.toml') return [];
    const table = parse(text);
    const names = path === 'sources.toml' && isTable(table['source'] ?? '') ? Object.keys(table['source'] ?? {}) : [];
    return names.map((name) => ({ path, name, table }));
  });
  const place = pick(places, random);
  if (place === undefined) return undefined;
  const { source } = place.table;
  if (source === undefined || !isTable(source)) return undefined;
  const rest = Object.fromEntries(Object.entries(source).filter(([name]) => name !== place.name));
  const after = stringify({ ...place.table, source: rest });
  return { files: new Map([...files, [place.path, after]]), what: `${place.path} without ${place.name}` };
}

function swapSources(files: Files, random: Random): Mutation {
  const text = files.get('sources.toml') ?? '';
  const addresses = [...new Set([...text.matchAll(/source_address = "([^"]+)"/g)].map((match) => match[1] ?? ''))];
  const [first, second] = [pick(addresses, random), pick(addresses, random)];
  if (first === undefined || second === undefined || first === second) return undefined;
  const swapped = text.replace(/source_address = "([^"]+)"/g, (whole, address: string) =>
    address === first ? `source_address = "${second}"` : address === second ? `source_address = "${first}"` : whole,
  );
  return { files: new Map([...files, ['sources.toml', swapped]]), what: `${first} and ${second} swapped` };
}

function mutateLua(files: Files, random: Random): Mutation {
  const places = [...files].flatMap(([path, text]) => {
    if (!path.endsWith('.lua')) return [];
    const chunk = luaparse.parse(text, { luaVersion: '5.3', comments: false, ranges: true });
    const found: { path: string; at: number; end: number; to: string }[] = [];
    walkLua(chunk, (node) => {
      const [at, end] = rangeOf(node) ?? [0, 0];
      if (node.type === 'NumericLiteral') found.push({ path, at, end, to: String(node.value + 1) });
      if (node.type === 'BooleanLiteral') found.push({ path, at, end, to: String(!node.value) });
      if (node.type === 'StringLiteral' && /^'[\d.]+m?'$/.test(node.raw)) found.push({ path, at, end, to: "'7m'" });
    });
    return found;
  });
  const place = pick(places, random);
  if (place === undefined) return undefined;
  const text = files.get(place.path) ?? '';
  const after = text.slice(0, place.at) + place.to + text.slice(place.end);
  return {
    files: new Map([...files, [place.path, after]]),
    what: `${place.path}: ${text.slice(place.at, place.end)} becomes ${place.to}`,
  };
}
