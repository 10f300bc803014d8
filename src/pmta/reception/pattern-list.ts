import type { PmtaConfig, ScopeBlock } from '../model';
import { isRead, type ReadSetting } from '../precedence';
import type { Fits, SampleMessage } from './sample';

/** How deep lists may be nested or call each other. */
const DEEPEST = 20;

/** What a list of patterns says of a message. */
export type PatternAnswer =
  /** `lines`: the entries that fit, the outer ones first; without `name` they choose no virtual-mta. */
  | { readonly kind: 'fits'; readonly lines: readonly ReadSetting[]; readonly name?: string }
  | { readonly kind: 'nothing' }
  /** An entry that may decide cannot be tried. */
  | { readonly kind: 'doubt'; readonly lines: readonly ReadSetting[] };

const NOTHING: PatternAnswer = { kind: 'nothing' };

/**
 * What `<pattern-list NAME>` says of a message: the first entry that fits decides (M5 3.3.14). Where a list inside has
 * no entry that fits, the outer one goes on, which the manual leaves open.
 */
export function askPatternList(config: PmtaConfig, name: string, message: SampleMessage, fits: Fits): PatternAnswer {
  return askBlocks(config, config.named.get('pattern-list')?.get(name.toLowerCase()) ?? [], message, fits, 0);
}

function askBlocks(
  config: PmtaConfig,
  blocks: readonly ScopeBlock[],
  message: SampleMessage,
  fits: Fits,
  depth: number,
): PatternAnswer {
  if (depth > DEEPEST) return NOTHING;
  for (const line of blocks.flatMap(({ settings }) => settings).filter(isRead)) {
    const fit = fitsEntry(line, message, fits);
    if (fit === undefined) return { kind: 'doubt', lines: [line] };
    if (!fit) continue;
    const inner = innerBlocks(config, line);
    if (inner === undefined) return answerOf(line);
    const answer = askBlocks(config, inner, message, fits, depth + 1);
    if (answer.kind !== 'nothing') return { ...answer, lines: [line, ...answer.lines] };
  }
  return NOTHING;
}

function answerOf(line: ReadSetting): PatternAnswer {
  const name = line.value.kind === 'pattern' ? line.value.result.virtualMta : undefined;
  return name === undefined ? { kind: 'fits', lines: [line] } : { kind: 'fits', lines: [line], name };
}

/** The list that an entry goes on with; undefined for one that decides. */
function innerBlocks(config: PmtaConfig, line: ReadSetting): readonly ScopeBlock[] | undefined {
  if (line.nested !== undefined) return [line.nested];
  const callTo = line.value.kind === 'pattern' ? line.value.result.callTo : undefined;
  return callTo === undefined ? undefined : (config.named.get('pattern-list')?.get(callTo.toLowerCase()) ?? []);
}

function fitsEntry({ name, value }: ReadSetting, message: SampleMessage, fits: Fits): boolean | undefined {
  if (value.kind !== 'pattern') return false;
  const pattern = value.regex?.pattern;
  if (pattern === undefined) return true;
  const results = textsOf(name, value.header ?? '', message).map((text) => fits(pattern, text));
  return results.includes(true) ? true : results.includes(undefined) ? undefined : false;
}

/** Whether PowerMTA sees the angle brackets of an address is not documented, so both are tried. */
function textsOf(name: string, header: string, { from, to, headers }: SampleMessage): readonly string[] {
  if (name === 'mail-from') return [from, `<${from}>`];
  if (name === 'rcpt-to') return [to, `<${to}>`];
  const wanted = header.toLowerCase();
  // The raw body of a header begins behind the colon (M5 3.3.14.1).
  return headers.filter(([key]) => key.toLowerCase() === wanted).map(([, text]) => ` ${text}`);
}
