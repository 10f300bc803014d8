import type { LoadedTree } from '../../kumo/runtime/answers';
import { splitQueueName } from '../../kumo/runtime/queue-name';
import type { PathQuestion, Questions } from './questions';
import { type AnswerKind, fieldsOf, sameForm } from './values';

/** An answer of kumod: the fields, or what it says is wrong. */
export type KumodAnswer =
  | { readonly fields: Readonly<Record<string, unknown>>; readonly site?: string }
  | { readonly error: string };

/** What kumod answered, in the order of the questions. */
export interface KumodAnswers {
  readonly queues: readonly KumodAnswer[];
  readonly paths: readonly KumodAnswer[];
  /** MX hosts of the domains that it could look up. */
  readonly hosts: ReadonlyMap<string, readonly string[]>;
}

/** Model and kumod differ in a field. */
export interface Disagreement {
  readonly kind: AnswerKind;
  /** The queue, or the path as `domain from source`. */
  readonly where: string;
  /** `answer` when kumod gave none. */
  readonly field: string;
  readonly model: string;
  readonly kumod: string;
}

/** Disagreements of one field, with the first places that show them. */
export interface DisagreementKind extends Disagreement {
  readonly count: number;
}

/** Holds what the model says against the answers of kumod, field by field, by meaning. */
export function disagreements(
  tree: LoadedTree,
  { queues, paths }: Questions,
  answers: KumodAnswers,
): readonly DisagreementKind[] {
  const found = [
    ...queues.flatMap((name, at) => compareQueue(tree, name, answers.queues[at])),
    ...paths.flatMap((path, at) => comparePath(tree, path, answers.paths[at])),
  ];
  const kinds = new Map<string, DisagreementKind & { count: number }>();
  for (const each of found) {
    const key = JSON.stringify([each.kind, each.field, each.model, each.kumod]);
    const same = kinds.get(key) ?? { ...each, count: 0 };
    kinds.set(key, same);
    same.count++;
  }
  return [...kinds.values()];
}

const NOTHING = 'nothing';

function compareQueue(tree: LoadedTree, name: string, answer: KumodAnswer | undefined): readonly Disagreement[] {
  const { domain, tenant, campaign, routing_domain } = splitQueueName(name);
  return compare('queue', name, tree.queueConfig(domain, tenant, campaign, routing_domain), answer);
}

function comparePath(
  tree: LoadedTree,
  { domain, source, site }: PathQuestion,
  answer: KumodAnswer | undefined,
): readonly Disagreement[] {
  const model = tree.egressPath(domain, source, site ?? tree.siteOf(domain));
  return compare('path', `${domain} from ${source}`, model, answer);
}

function compare(
  kind: AnswerKind,
  where: string,
  model: Readonly<Record<string, unknown>>,
  answer: KumodAnswer | undefined,
): readonly Disagreement[] {
  if (answer === undefined || 'error' in answer)
    return [{ kind, where, field: 'answer', model: 'fields', kumod: answer?.error ?? 'no answer' }];
  return fieldsOf(kind, model, answer.fields).flatMap((field): readonly Disagreement[] => {
    const [own, theirs] = [sameForm(kind, field, model[field]), sameForm(kind, field, answer.fields[field])];
    if (own === theirs) return [];
    return [{ kind, where, field, model: own ?? NOTHING, kumod: theirs ?? NOTHING }];
  });
}
