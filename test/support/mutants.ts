/** A tree with one change. */
export interface Mutant {
  readonly what: string;
  readonly files: ReadonlyMap<string, string>;
}

/** Keys of the data files whose values both sides are compared in, with a value that is another one. */
const COMPARED: Readonly<Record<string, 'number' | 'tls' | 'text'>> = {
  banner_timeout: 'number',
  connect_timeout: 'number',
  connection_limit: 'number',
  data_dot_timeout: 'number',
  data_timeout: 'number',
  enable_tls: 'tls',
  max_age: 'number',
  max_connection_rate: 'number',
  max_deliveries_per_connection: 'number',
  max_message_rate: 'number',
  source_address: 'number',
  ehlo_domain: 'text',
  routing_domain: 'text',
  mx_list: 'text',
};
/** What is written for "no limit": another such value is no limit either. */
const NO_LIMIT = /^"?1000000/;
/** Blocks that hold nothing that is compared: their keys say so. */
const KEY = /\b([a-z_]+) = (\[?"[^"]*"|\d+)/g;
const DATA = ['shaping.toml', 'queues.toml', 'sources.toml'];
/**
 * What is not compared: internal queues of KumoMTA, which no mail of PowerMTA goes to; providers by MX hosts, which need
 * DNS; sources of cold virtual-mtas, which take a share of the mail; a path that nothing is sent by, because a route of
 * the domain goes before that of the virtual-mta.
 */
const SILENT = /kumomta|MXSuffix|\[provider\.|#cold"|\["alias\.example"\.sources/;
const isSilent = (block: string): boolean => SILENT.test(block);

/** The same seed gives the same numbers (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Changes of a tree's compared values, each alone: a value, a dropped block, two sources that change places. */
export function mutantsOf(files: ReadonlyMap<string, string>, name: string, most = 40): readonly Mutant[] {
  const next = random([...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) | 0);
  const all = [...values(files, next), ...droppedBlocks(files), ...swapped(files)];
  const order = all.map((mutant) => ({ mutant, at: next() })).sort((a, b) => a.at - b.at);
  return order.slice(0, most).map(({ mutant }) => mutant);
}

function changed(files: ReadonlyMap<string, string>, path: string, text: string, what: string): Mutant {
  return { what: `${path} ${what}`, files: new Map([...files, [path, text]]) };
}

function values(files: ReadonlyMap<string, string>, next: () => number): readonly Mutant[] {
  return DATA.flatMap((path) => {
    const text = files.get(path) ?? '';
    return [...text.matchAll(KEY)].flatMap((match) => {
      const [whole, key = '', value = ''] = match;
      const kind = COMPARED[key];
      const before = text.slice(0, match.index);
      const line = before.split('\n').length;
      const block = `${before.slice(before.lastIndexOf('\n\n') + 1)}${text.slice(match.index).split('\n', 1)[0]}`;
      if (kind === undefined || NO_LIMIT.test(value) || isSilent(block)) return [];
      const other = otherValue(kind, value, next);
      const rest = text.slice(match.index + whole.length);
      return [
        changed(
          files,
          path,
          `${text.slice(0, match.index)}${key} = ${other}${rest}`,
          `${line}: ${key} ${value} -> ${other}`,
        ),
      ];
    });
  });
}

function otherValue(kind: 'number' | 'tls' | 'text', value: string, next: () => number): string {
  if (kind === 'tls') return value === '"Required"' ? '"Disabled"' : '"Required"';
  if (kind === 'text') return value.replace('"', '"other-');
  const more = 1 + Math.floor(next() * 9);
  // Of an address the last number changes, of anything else the first.
  const last = /\d+(?="?$)/;
  const wanted = /^"\d+\.\d+\.\d+\.\d+/.test(value) ? last : /\d+/;
  return value.replace(wanted, (digits) => String((Number(digits) + more) % 100_000));
}

/** Blocks of shaping.toml and queues.toml, with their comment, that hold a compared value. */
function droppedBlocks(files: ReadonlyMap<string, string>): readonly Mutant[] {
  return ['shaping.toml', 'queues.toml'].flatMap((path) => {
    const blocks = (files.get(path) ?? '').split(/\n\n/);
    return blocks.flatMap((block, at) => {
      const keys = [...block.matchAll(KEY)].filter(
        ([, key = '', value = '']) => key in COMPARED && !NO_LIMIT.test(value),
      );
      const [, header] = /^(\[.*\])$/m.exec(block) ?? [];
      if (header === undefined || keys.length === 0 || isSilent(block) || /automation/.test(header)) return [];
      return [changed(files, path, blocks.filter((_, i) => i !== at).join('\n\n'), `without ${header}`)];
    });
  });
}

/** Two sources that change addresses. */
function swapped(files: ReadonlyMap<string, string>): readonly Mutant[] {
  const text = files.get('sources.toml') ?? '';
  const addresses = [...new Set([...text.matchAll(/source_address = ("[^"]*")/g)].map(([, address = '']) => address))];
  return addresses.slice(1).map((second, at) => {
    const first = addresses[at] ?? '';
    const parts = text.split(first).map((part) => part.replaceAll(second, first));
    return changed(files, 'sources.toml', parts.join(second), `${first} <-> ${second}`);
  });
}
