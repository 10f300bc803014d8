import {
  failsMessages,
  type JudgedComparison,
  type MessageDifference,
  type MessageResult,
  type MessagesVerification,
} from '../compare/messages/verify-messages';
import { placeOf } from '../diagnostics/span';
import { wrap } from '../diagnostics/wrap';
import { type Json, toJsonText } from './json-text';
import { quoteTerminal } from './quote-terminal';

/** `pmta2kumo.verify/1` of sample messages; no pair of a virtual-mta and a domain is in it. */
export function messagesJson(
  { results, comparisons, differences }: MessagesVerification,
  more: Readonly<Record<string, Json>> = {},
): string {
  return toJsonText({
    schema: 'pmta2kumo.verify/1',
    pairs: 0,
    comparisons: { ...comparisons },
    failed: differences.some(failsMessages),
    differences: differences.map(({ thing, verdict, why, explained, count, examples }) => ({
      directive: thing,
      verdict,
      explained,
      count,
      why,
      examples: examples.map((line) => ({ line })),
    })),
    messages: results.map(resultJson),
    ...more,
  });
}

function resultJson({ line, message, comparisons }: MessageResult): Json {
  return {
    line,
    peer: message.peer,
    ...(message.listener === undefined ? {} : { listener: message.listener }),
    ...(message.user === undefined ? {} : { user: message.user }),
    from: message.from,
    to: message.to,
    comparison: comparisons.map((each) => ({
      thing: each.thing,
      pmta: each.pmta,
      kumo: each.kumo,
      verdict: each.verdict,
      why: each.why,
      ...(each.verdict === 'equal' ? {} : { explained: each.explained }),
      ...(each.note === undefined ? {} : { note: each.note }),
      origin: originOf(each),
    })),
  };
}

/** `config:12, config:40`; `default` where no line decides. */
function originOf({ lines }: JudgedComparison): string {
  const places = [...new Set(lines.map(({ span }) => placeOf(span)))];
  if (places.length === 0) return 'default';
  return places.length > MOST_PLACES ? `${places.slice(0, MOST_PLACES).join(', ')}, …` : places.join(', ');
}

/** A virtual-mta may have thousands of keys and addresses. */
const MOST_PLACES = 8;
/** Messages that are shown whole; beyond these, as many of those with a difference. */
const MOST_SHOWN = 100;

/** The same for people: the summary, the differences by cause, then the messages one by one. */
export function messagesText({ results, comparisons, differences }: MessagesVerification, width: number): string {
  const total = Object.values(comparisons).reduce((sum, count) => sum + count, 0);
  const head = [
    `${results.length === 1 ? '1 sample message' : `${results.length} sample messages`}, ${total} comparisons`,
    ...Object.entries(comparisons).map(
      ([verdict, count]) => `  ${verdict.padEnd(15)} ${String(count).padStart(String(total).length)}`,
    ),
  ];
  const failing = differences.filter(failsMessages);
  const told = differences.filter((each) => !failsMessages(each));
  const shown = shownOf(results);
  const left = results.length - shown.length;
  const parts = [
    head,
    failing.length === 0 ? ['Every difference is one that the migration report tells of.'] : [],
    causes('Not explained by the migration report:', failing, width),
    causes('Known differences:', told, width),
    ...shown.map((result) => block(result, width)),
    left === 0 ? [] : [`${left} more messages are not shown; --format json has them all.`],
  ];
  if (comparisons.looser + comparisons.differs === 0) parts[1] = ['Nothing is looser, and nothing differs.'];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function shownOf(results: readonly MessageResult[]): readonly MessageResult[] {
  if (results.length <= MOST_SHOWN) return results;
  const isEqual = ({ comparisons }: MessageResult) => comparisons.every(({ verdict }) => verdict === 'equal');
  return results.filter((result) => !isEqual(result)).slice(0, MOST_SHOWN);
}

function causes(title: string, differences: readonly MessageDifference[], width: number): readonly string[] {
  if (differences.length === 0) return [];
  const rows = differences.flatMap(({ thing, verdict, why, count, examples }) => {
    const times = count === 1 ? '1 message' : `${count} messages`;
    const lines = `${examples.length === 1 ? 'line' : 'lines'} ${examples.join(', ')}${count > examples.length ? ' …' : ''}`;
    return [
      `  ${thing}: ${verdict} in ${times} (${lines})`,
      ...wrap(quoteTerminal(why), width - 4).map((line) => `    ${line}`),
    ];
  });
  return [title, ...rows];
}

function block({ line, message, comparisons }: MessageResult, width: number): readonly string[] {
  const user = message.user === undefined ? '' : `, logged in as ${quoteTerminal(message.user)}`;
  const sender = message.from === '' ? '<>' : quoteTerminal(message.from);
  return [
    `Message of line ${line}: ${sender} to ${quoteTerminal(message.to)}, from ${quoteTerminal(message.peer)}${user}`,
    ...comparisons.flatMap((each) => rowsOf(each, width)),
  ];
}

function rowsOf(each: JudgedComparison, width: number): readonly string[] {
  const { thing, pmta, kumo, verdict, why, explained, note } = each;
  const values =
    verdict === 'equal' ? quoteTerminal(pmta) : `${quoteTerminal(pmta)} in PowerMTA, ${quoteTerminal(kumo)} in KumoMTA`;
  const reason = [why, explained && note !== undefined ? `The report: ${note}` : ''].filter((text) => text !== '');
  return [
    `  ${thing.padEnd(15)} ${verdict.padEnd(15)} ${values}  (${quoteTerminal(originOf(each))})`,
    ...reason.flatMap((text) => wrap(quoteTerminal(text), width - 6).map((line) => `      ${line}`)),
  ];
}
