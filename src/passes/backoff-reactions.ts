import type { ReplyAction } from '../directives/value';
import { releaseAtLeast } from '../kumo/format';
import type { AutomationAction } from '../kumo/model';
import type { Setting } from '../pmta/model';
import { backoffActions, backoffDuration, FOR_EVER, intervalOf } from './backoff-limits';
import { noneRaised } from './backoff-rules';
import type { PassContext } from './pass';
import type { Lookup } from './path-fields';
import { STATUS_NOTES } from './reply-status';
import { refuseForTarget } from './target';

/** What KumoMTA does after a reply, and for how many seconds. */
export interface Reaction {
  readonly actions: readonly AutomationAction[];
  readonly duration: number;
}

/** What the actions of a reply make KumoMTA do; settles the line as `by` (M5 3.3.15). */
export function reactionsTo(
  context: PassContext,
  line: Setting,
  actions: readonly ReplyAction[],
  get: Lookup,
  domain: string,
  by: string,
): readonly Reaction[] {
  const made: Reaction[] = [];
  const { ledger, options } = context;
  for (const { action } of actions) {
    if (action === 'mode-backoff') {
      const own = actions.find((other) => other.action === 'backoff-to-normal-after');
      const slower = noneRaised(context, backoffActions(get, options.target), domain);
      const reaction = { actions: slower, duration: own?.seconds ?? backoffDuration(get) };
      if (reaction.actions.length > 0) made.push(reaction);
      ledger.settle(line, 'approximate', by, reaction.actions.length > 0 ? line.row?.note : NOTHING_SLOWER);
    } else if (action === 'disable-source-ip') {
      const own = actions.find((other) => other.action === 'reenable-after');
      made.push({
        actions: ['Suspend'],
        duration: own?.seconds ?? intervalOf(get, 'reenable-source-ip-after') ?? FOR_EVER,
      });
      ledger.settle(line, 'approximate', by, line.row?.note);
    } else if (action === 'defer-queue') {
      made.push({ actions: ['Suspend'], duration: intervalOf(get, 'retry-after') ?? 600 });
      ledger.settle(line, 'approximate', by, 'The source rests towards this site; other sources of the queue go on.');
    } else if (action === 'bounce-queue') {
      made.push(...bounceQueue(context, line, by));
    } else if (action === 'bounce-rcpt' || action === 'skip-mx') {
      ledger.settle(line, 'approximate', by, STATUS_NOTES[action]);
    } else if (action === 'mode-normal') {
      ledger.settle(line, 'unsupported', by, 'KumoMTA ends a backoff by time only, never by a reply.');
    }
  }
  return made;
}

const NOTHING_SLOWER = 'No backoff limit differs from the normal one, so there is nothing for a rule to change.';

function bounceQueue(context: PassContext, line: Setting, by: string): readonly Reaction[] {
  if (!releaseAtLeast(context.options.target, '2025.01.23')) {
    refuseForTarget(context, line, by, 'can bounce a queue by rule', '2025.01.23');
    return [];
  }
  const note = 'Mail for the same queue that arrives within the minute bounces as well.';
  context.ledger.settle(line, 'approximate', by, note);
  return [{ actions: ['BounceTenant'], duration: 60 }];
}
