import type { Pass } from './pass';

const NAME = 'reports';

/** Switches for delivery reports, with the value that asks for none: KumoMTA sends none by itself (M5 3.3.7.27). */
const NO_REPORTS: Readonly<Record<string, boolean>> = { 'deliver-local-dsn': false, 'suppress-local-dsn': true };

/** Delivery reports to senders: whoever wants none has what KumoMTA does anyway. */
export const reportsPass: Pass = {
  name: NAME,
  needs: [],
  run(context) {
    for (const line of context.config.settings) {
      const none = NO_REPORTS[line.name];
      if (none === undefined || line.value?.kind !== 'bool' || context.ledger.isSettled(line)) continue;
      const note = 'KumoMTA sends no delivery reports to senders unless a log hook is written that does.';
      context.ledger.settle(line, line.value.value === none ? 'implicit' : 'manual', NAME, note);
    }
  },
};
