import type { Ending, KumoPolicy } from '../kumo/model';
import { needsOf } from './needs';
import { type RowView, rowsByOwner } from './view-rows';

/** What pmta.lua has to know about failures that end a message's retries. */
export interface FailuresView {
  /** Tenant ('' for all) → recipient domain → switches. */
  readonly failures: readonly RowView[];
  /** Which of them occur, and whether any is told by its text, or by its queue. */
  readonly fails: Readonly<Record<string, boolean>>;
}

export function failuresView(policy: KumoPolicy): FailuresView {
  const used = needsOf(policy).failures;
  return {
    failures: rowsByOwner(
      policy.lua.failures.map(({ tenant, domain, on }) => ({
        owner: tenant,
        key: domain,
        value: Object.fromEntries(on.map((name) => [name, true])),
      })),
    ),
    fails: {
      ...Object.fromEntries([...used].map((name) => [name, true])),
      texts: endsByText(used),
      queues: endsByQueue(used),
    },
  };
}

/** A handler of requeue_message is needed. */
export function endsByText(used: ReadonlySet<string>): boolean {
  return [...used].some((name) => name !== 'no_mx');
}

/** A handler of get_queue_config is needed. */
export function endsByQueue(used: ReadonlySet<string>): boolean {
  return used.has('no_mx') || used.has('assume_delivery');
}

export interface EndingView extends Ending {
  /** `make.NAME` */
  readonly event: string;
  readonly bounces: boolean;
}

export function endingViews({ lua }: KumoPolicy): readonly EndingView[] {
  return [...lua.endings].map(([name, ending]) => ({ ...ending, event: `make.${name}`, bounces: ending.code !== 250 }));
}
