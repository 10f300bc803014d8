import type { LoadedTree } from '../../kumo/runtime/answers';
import type { LedgerEntry } from '../../pmta/ledger';
import type { PmtaConfig, Setting } from '../../pmta/model';
import { loginOf } from '../../pmta/reception/client';
import type { SampleMessage } from '../../pmta/reception/sample';
import {
  compareMessage,
  type MessageComparison,
  type MessageVerdict,
  type TenantOf,
  type Thing,
} from './compare-message';
import { kumoMessage } from './kumo-message';
import { pmtaMessage } from './pmta-message';

/** How a message compares. */
export interface MessageResult {
  /** Of the file with the messages. */
  readonly line: number;
  readonly message: SampleMessage;
  readonly comparisons: readonly JudgedComparison[];
}

export interface JudgedComparison extends MessageComparison {
  /** The conversion has said of a line behind it that it is not exact. */
  readonly explained: boolean;
  /** What the report says of that line. */
  readonly note?: string;
}

/** Differences of one kind, with the first messages that show it. */
export interface MessageDifference {
  readonly thing: Thing;
  readonly verdict: Exclude<MessageVerdict, 'equal'>;
  readonly why: string;
  readonly explained: boolean;
  readonly count: number;
  /** Line numbers. */
  readonly examples: readonly number[];
}

export interface MessagesVerification {
  readonly results: readonly MessageResult[];
  readonly comparisons: Readonly<Record<MessageVerdict, number>>;
  /** Unexplained ones first, then by count. */
  readonly differences: readonly MessageDifference[];
}

/** Compares messages one after the other. */
export interface MessageVerifier {
  add(line: number, message: SampleMessage): MessageResult;
  finish(): MessagesVerification;
}

export interface MessageVerifierOptions {
  readonly tenantOf: TenantOf;
  readonly entryOf: (setting: Setting) => LedgerEntry | undefined;
  /** The conversion's own tree, where another one is compared: only the differences of both are explained. */
  readonly own?: LoadedTree;
}

/** Outcomes that say: this is not what PowerMTA did. */
const TOLD: ReadonlySet<string> = new Set(['approximate', 'manual', 'unsupported', 'unknown', 'invalid']);

/** A verifier of messages against a tree. */
export function createMessageVerifier(
  config: PmtaConfig,
  tree: LoadedTree,
  options: MessageVerifierOptions,
): MessageVerifier {
  const results: MessageResult[] = [];
  return {
    add(line, message) {
      const result = { line, message, comparisons: judge(config, tree, message, options) };
      results.push(result);
      return result;
    },
    finish: () => ({ results, comparisons: countsOf(results), differences: differencesOf(results) }),
  };
}

/** True for differences that fail a verification. */
export function failsMessages({ verdict, explained }: Pick<JudgedComparison, 'verdict' | 'explained'>): boolean {
  return (verdict === 'looser' || verdict === 'differs') && !explained;
}

function judge(
  config: PmtaConfig,
  tree: LoadedTree,
  message: SampleMessage,
  { tenantOf, entryOf, own }: MessageVerifierOptions,
): readonly JudgedComparison[] {
  const pmta = pmtaMessage(config, message);
  const { password } = loginOf(config, message.user);
  const compared = (subject: LoadedTree) => {
    const kumo = kumoMessage(subject, message, pmta.listener?.local, password);
    return compareMessage({ config, sample: message, pmta, kumo, tenantOf });
  };
  const known = own === undefined ? undefined : new Set(compared(own).map(({ thing, kumo }) => `${thing} ${kumo}`));
  return compared(tree).map((each) => {
    if (each.verdict === 'equal' || each.verdict === 'not-comparable') return { ...each, explained: true };
    const told = each.lines.map(entryOf).findLast((entry) => entry !== undefined && TOLD.has(entry.outcome));
    const explained = told !== undefined && known?.has(`${each.thing} ${each.kumo}`) !== false;
    const note = explained ? (told.notes[0] ?? told.setting.row?.note) : undefined;
    return { ...each, explained, ...(note === undefined || note === '' ? {} : { note }) };
  });
}

function countsOf(results: readonly MessageResult[]): MessagesVerification['comparisons'] {
  const counts = { equal: 0, looser: 0, differs: 0, 'not-comparable': 0 };
  for (const { comparisons } of results) for (const { verdict } of comparisons) counts[verdict]++;
  return counts;
}

/** Of the messages with a difference, this many are named. */
const EXAMPLES = 3;

function differencesOf(results: readonly MessageResult[]): readonly MessageDifference[] {
  const kinds = new Map<string, MessageDifference & { count: number; readonly examples: number[] }>();
  for (const { line, comparisons } of results) {
    for (const { thing, verdict, why, explained } of comparisons) {
      if (verdict === 'equal') continue;
      const kind = { thing, verdict, why, explained };
      const key = JSON.stringify(kind);
      const same = kinds.get(key) ?? { ...kind, count: 0, examples: [] };
      kinds.set(key, same);
      same.count++;
      if (same.examples.length < EXAMPLES) same.examples.push(line);
    }
  }
  const rank = (each: MessageDifference) => (failsMessages(each) ? 0 : 1);
  return [...kinds.values()].sort((a, b) => rank(a) - rank(b) || b.count - a.count);
}
