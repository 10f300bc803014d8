import fc from 'fast-check';
import type { ConvertOptions } from '../src/passes/pass';
import { smallConfig } from '../test/support/random-config';
import { mutated, mutation, noise } from './mutate';

/** A configuration as files by name, the main one being `config`, and how it is converted. */
export interface Input {
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly options: Partial<ConvertOptions>;
}

const HEAD = 'host-name mta.example.com\nsmtp-listener 0.0.0.0:25\n';

/** Pieces of the language, put together without sense. */
const scramble = fc
  .array(
    fc.constantFrom(
      ...['domain', 'a', 'include', '*', 'x,', '/re/', '/(re', '/', '\\', '\\/', '"', '"q"', '#', ' # c', '<>', '<'],
      ...['<a>', '<a x>', '<b y>', '</a>', '</b>', '</c x>', '<a x', '</a', ' <a>', '<"x>', '<a "b>c">', '$m', '[*.]x'],
      ...[' ', ' ', '\t', '\n', '\n', '\n', '\r\n', '\r', '\f', '\0', '\uFEFF', 'é', '漢', '\u{1F600}', '\u00A0', '>'],
    ),
    { maxLength: 60 },
  )
  .map((pieces) => pieces.join(''));

const options: fc.Arbitrary<Partial<ConvertOptions>> = fc.record({
  // Mostly on: else many inputs end in this error, and no tree is looked at.
  allowOpenRelay: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  dkim: fc.constantFrom('helper', 'lua'),
  dsn: fc.boolean(),
  acctFormat: fc.constantFrom('csv', 'json'),
  pmtaDefaults: fc.constantFrom('write', 'skip'),
  baseShaping: fc.constantFrom('none', 'none', 'none', 'stock', 'community'),
  redis: fc.constantFrom([], [], [], ['redis://127.0.0.1:6379']),
});

const text = (seeds: readonly string[]): fc.Arbitrary<string> => {
  const slices = fc
    .array(fc.constantFrom(...seeds), { minLength: 1, maxLength: 4 })
    .chain((parts) => fc.constantFrom(parts.join(''), HEAD + parts.join('')));
  const mutations = fc.array(mutation, { maxLength: 5 });
  return fc.oneof(
    { weight: 14, arbitrary: fc.tuple(slices, mutations).map(([own, changes]) => mutated(own, changes)) },
    { weight: 2, arbitrary: smallConfig },
    { weight: 2, arbitrary: fc.tuple(smallConfig, mutations).map(([own, changes]) => mutated(own, changes)) },
    { weight: 1, arbitrary: scramble },
    { weight: 1, arbitrary: noise(300) },
  );
};

/** Takes lines out of a text into a file of their own, with an include line in their place. */
function split(whole: string, from: number, count: number, name: string): Readonly<Record<string, string>> {
  const lines = whole.split('\n');
  const start = from % lines.length;
  const taken = lines.splice(start, count, `include ${name === 'd/e.conf' ? 'd/*.conf' : name}`);
  return { config: lines.join('\n'), [name]: taken.join('\n') };
}

const severalFiles = (own: fc.Arbitrary<string>): fc.Arbitrary<Input['files']> => {
  const name = fc.constantFrom('b.conf', 'd/e.conf', 'config-defaults', 'ü.conf');
  return fc
    .tuple(own, own, fc.nat(40), fc.integer({ min: 1, max: 12 }), name)
    .map(([main, other, from, count, file]) => ({ 'b.conf': other, ...split(main, from, count, file) }));
};

/** A byte that is wrong in UTF-8, or anything else, anywhere. */
const damagedBytes = (own: fc.Arbitrary<string>): fc.Arbitrary<Input['files']> =>
  fc.tuple(own, fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 4 })).map(([main, damages]) => {
    const bytes = new TextEncoder().encode(main);
    for (const [at, byte] of damages) if (bytes.length > 0) bytes[at % bytes.length] = byte;
    return { config: bytes };
  });

/** Configurations made of slices of real ones (`seeds`) that were changed, of rows of the directive table, and of noise. */
export function inputs(seeds: readonly string[]): fc.Arbitrary<Input> {
  const own = text(seeds);
  const files = fc.oneof(
    { weight: 16, arbitrary: own.map((config) => ({ config })) },
    { weight: 3, arbitrary: severalFiles(own) },
    { weight: 1, arbitrary: damagedBytes(own) },
    { weight: 1, arbitrary: own.map((config) => ({ config: config.replaceAll('\n', '\r\n') })) },
  );
  return fc.record({ files, options });
}

/** The input with this number: it depends on the seed, the number and the seeds' slices alone. */
export function inputAt(arbitrary: fc.Arbitrary<Input>, seed: number, index: number): Input {
  const [input] = fc.sample(arbitrary, { seed: mixed(seed, index), numRuns: 1 });
  if (input === undefined) throw new Error('no input');
  return input;
}

/** 32 bits that differ in about half of their places for neighbours. */
function mixed(seed: number, index: number): number {
  let hash = Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) ^ index;
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb_352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846c_a68b);
  return (hash ^ (hash >>> 16)) | 0;
}
