import type { Code, Severity } from '../diagnostics/catalogue';
import type { Diagnostic } from '../diagnostics/diagnostic';
import { inInputOrder } from '../diagnostics/order';
import { placeOf } from '../diagnostics/span';
import { groupBy } from '../pmta/group-by';

/** What a second opinion looks at, in the order of the report. */
export const TOPICS = [
  'limits that contradict each other',
  'lines that never count',
  'names that lead nowhere',
  'defined and never used',
  'what MX roll-up does by itself',
  'not needed any more',
  'secrets in the files',
] as const;
export type Topic = (typeof TOPICS)[number];

/** Diagnostics that ask whether the configuration should stay as it is, of the conversion and of the audit itself. */
const TOPIC_OF: Partial<Readonly<Record<Code, Topic>>> = {
  'backoff-not-slower': 'limits that contradict each other',
  'backoff-untriggered': 'lines that never count',
  'block-beaten': 'lines that never count',
  'block-repeated': 'lines that never count',
  'block-repeats-general': 'not needed any more',
  'definition-unused': 'defined and never used',
  'directive-repeated': 'lines that never count',
  'http-access-dead': 'lines that never count',
  'key-hidden': 'lines that never count',
  'key-unused': 'defined and never used',
  'limit-above-cap': 'limits that contradict each other',
  'limit-zero': 'limits that contradict each other',
  'list-of-one-site': 'what MX roll-up does by itself',
  'macro-repeated': 'lines that never count',
  'macro-undefined': 'names that lead nowhere',
  'member-undefined': 'names that lead nowhere',
  'mx-provider': 'what MX roll-up does by itself',
  'mx-site-differs': 'limits that contradict each other',
  'pattern-unreachable': 'lines that never count',
  'rate-out-of-reach': 'limits that contradict each other',
  'reference-undefined': 'names that lead nowhere',
  'retry-after-expiry': 'limits that contradict each other',
  'rollup-native': 'what MX roll-up does by itself',
  'rollup-without-limits': 'lines that never count',
  'secret-in-comment': 'secrets in the files',
  'secret-in-file': 'secrets in the files',
  'sender-unused': 'defined and never used',
  'senders-by-message': 'defined and never used',
  'source-unused': 'defined and never used',
  'work-around-needless': 'not needed any more',
};

/** One thing to reconsider, with every line that it was found at. */
export interface Finding {
  readonly topic: Topic;
  readonly code: Code;
  readonly severity: Severity;
  readonly message: string;
  readonly help: string;
  /** `file:line` of each. */
  readonly places: readonly string[];
}

/** What to reconsider, by topic and in the order of the input; the same message at several lines is one finding. */
export function findingsOf(diagnostics: readonly Diagnostic[]): readonly Finding[] {
  const found = inInputOrder(diagnostics).flatMap((diagnostic) => {
    const topic = TOPIC_OF[diagnostic.code];
    return topic === undefined ? [] : [{ topic, diagnostic }];
  });
  const groups = groupBy(found, ({ diagnostic }) => `${diagnostic.code} ${diagnostic.message} ${diagnostic.help}`);
  const findings = [...groups.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { code, severity, message, help } = first.diagnostic;
    const places = own.flatMap(({ diagnostic: { span } }) => (span === undefined ? [] : [placeOf(span)]));
    return [{ topic: first.topic, code, severity, message, help, places: [...new Set(places)] }];
  });
  return [...findings].sort((a, b) => TOPICS.indexOf(a.topic) - TOPICS.indexOf(b.topic));
}
