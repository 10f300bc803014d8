import { parse } from 'smol-toml';
import { expect } from 'vitest';
import { durationSeconds } from '../../src/kumo/api/grammars';
import type { LoadedTree, MatchedRule } from '../../src/kumo/runtime/answers';
import type { AcceptedMessage, MessageSpec } from '../../src/kumo/runtime/messages';
import type { MxLookup } from '../../src/kumo/runtime/mx';
import { compileRegex, matchBounded } from '../../src/kumo/runtime/regex';
import type { ConvertOptions } from '../../src/passes/pass';
import type { Outcome } from '../../src/pmta/ledger';
import { type Converted, convertText, loadConverted } from './converted';

type Input = string | Readonly<Record<string, string>>;
type Options = Partial<ConvertOptions>;

/**
 * Converts a text, loads its tree and hands both to `ask`. A tree that KumoMTA would refuse fails the test before, and
 * whatever `ask` causes it to complain about fails it after.
 */
export async function askTree(
  input: Input,
  ask: (tree: LoadedTree, converted: Converted) => void,
  options: Options = {},
  mx?: MxLookup,
): Promise<void> {
  const converted = convertText(input, options);
  const tree = await loadConverted(converted, options, mx);
  try {
    expect(errorsOf(tree)).toEqual([]);
    ask(tree, converted);
    expect(errorsOf(tree)).toEqual([]);
  } finally {
    tree.close();
  }
}

function errorsOf(tree: LoadedTree): readonly string[] {
  return tree.findings.filter(({ severity }) => severity === 'error').map(({ code, message }) => `${code}: ${message}`);
}

/** What became of each line with this directive, in the order of the file. */
export function outcomesOf(converted: Converted, directive: string): readonly Outcome[] {
  return entriesOf(converted, directive).map(({ outcome }) => outcome);
}

/** The notes on each line with this directive, joined. */
export function notesOf(converted: Converted, directive: string): readonly string[] {
  return entriesOf(converted, directive).map(({ notes }) => notes.join(' '));
}

function entriesOf(converted: Converted, directive: string) {
  return converted.conversion.ledger.entries().filter(({ setting }) => setting.name === directive);
}

/** Codes of the diagnostics, each once, sorted. */
export function codesOf(converted: Converted): readonly string[] {
  return [...new Set(converted.diagnostics.list.map(({ code }) => code))].sort();
}

/** Seconds of a duration that the tree holds. */
export function secondsOf(value: unknown): number | undefined {
  return durationSeconds(value);
}

/** A message from the feeder 10.1.2.3 to somebody at d.test. */
export function mail(spec: Partial<MessageSpec> = {}): MessageSpec {
  return {
    headers: [
      ['From', 'news@shop.test'],
      ['Subject', 'hello'],
    ],
    sender: 'bounce@shop.test',
    recipient: 'you@d.test',
    peer: '10.1.2.3',
    ...spec,
  };
}

/** The same message with further headers. */
export function mailWith(headers: MessageSpec['headers'], spec: Partial<MessageSpec> = {}): MessageSpec {
  const base = mail(spec);
  return { ...base, headers: [...base.headers, ...headers] };
}

/** Values of a header in a message that was taken, in order. */
export function headerOf(message: AcceptedMessage, name: string): readonly string[] {
  return message.headers.filter(([own]) => own.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
}

/** Seconds from now until the next attempt that the policy asks for; undefined when it leaves the time to KumoMTA. */
export function waitAfter(tree: LoadedTree, attempts: number, spec: Partial<MessageSpec> = {}): number | undefined {
  const { firstAttempt } = tree.requeue({ ...mail(spec), attempts, response: '451 4.3.2 try again later' });
  return firstAttempt === undefined ? undefined : (Date.parse(firstAttempt) - Date.now()) / 1000;
}

/** What the rules that fit a reply do: `Suspend 7200`, `max_message_rate=60/h 21600`, with the duration in seconds. */
export function effectsOf(rules: readonly MatchedRule[]): readonly string[] {
  return rules.flatMap(({ actions, duration }) =>
    actions.map((action) =>
      'name' in action ? `${action.name}=${String(action.value)} ${duration}` : `${action.kind} ${duration}`,
    ),
  );
}

/**
 * The class that KumoMTA's bounce classifier gives a reply: the files in the order of their names, in each the rules in
 * the order of the text, the first fit wins (KumoMTA bounce classifier since 2024.09.02); case counts.
 */
export function bounceClassOf(converted: Converted, reply: string): string | undefined {
  const files = [...converted.files].filter(([path]) => path.startsWith('bounce_rules/')).sort(byPath);
  for (const [, text] of files) {
    for (const [name, patterns] of rulesIn(text)) {
      if (patterns.some((pattern) => fits(pattern, reply))) return name;
    }
  }
  return undefined;
}

function byPath([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}

function rulesIn(text: string): readonly (readonly [string, readonly string[]])[] {
  const { rules } = parse(text);
  if (typeof rules !== 'object' || Array.isArray(rules) || rules instanceof Date) return [];
  return Object.entries(rules).map(([name, patterns]) => [name, Array.isArray(patterns) ? patterns.map(String) : []]);
}

function fits(pattern: string, reply: string): boolean {
  const compiled = compileRegex(pattern);
  if (!('regex' in compiled)) throw new Error(`${pattern}: not a pattern that the model can run`);
  return matchBounded(compiled.regex, reply) !== null;
}
