import { NO_RATE_LIMIT } from '../kumo/format';
import type { FieldMap } from '../kumo/model';
import type { Pass } from './pass';
import { pathBlock } from './policy-writer';

/** KumoMTA's own queues go through shaping as well; a default meant for mailbox providers would throttle them. */
const INTERNAL = ['deferred_smtp_inject.kumomta.internal', 'generator.kumomta.internal'];
const AUTOMATION = 'http://127.0.0.1:8008.tsa.kumomta';

/** Below this many connections injection would wait for itself. */
const ENOUGH_CONNECTIONS = 10;

/** Lifts the general limits for KumoMTA's internal queues, where they would be in the way. */
export const internalQueuesPass: Pass = {
  name: 'internal-queues',
  needs: ['shaping', 'backoff', 'failures', 'mx-sharing'],
  run({ policy }) {
    const { shaping } = policy;
    const standard = shaping.default.fields;
    const limit = standard.get('connection_limit')?.value;
    const tight = typeof limit === 'number' && limit < ENOUGH_CONNECTIONS;
    const slow = standard.has('max_message_rate') || standard.has('max_connection_rate');
    if (!tight && !slow) return;
    const blocks = [shaping.default, ...shaping.providers, ...shaping.domains.values()];
    const automated = blocks.some((block) => block.automation.length > 0);
    const assumed = policy.lua.endings.has('pmta_assumed') ? ['pmta-assumed'] : [];
    for (const name of [...INTERNAL, ...assumed, ...(automated ? [AUTOMATION] : [])]) {
      const block = pathBlock(policy, name);
      block.mxRollup = false;
      lift(block.fields, standard, tight);
    }
  },
};

function lift(fields: FieldMap, standard: FieldMap, tight: boolean): void {
  for (const name of ['max_connection_rate', 'max_message_rate']) {
    if (standard.has(name)) fields.set(name, { value: NO_RATE_LIMIT, origins: [] });
  }
  if (tight) fields.set('connection_limit', { value: 32, origins: [] });
}
