import type { Setting } from '../pmta/model';
import { lineOf } from '../pmta/precedence';
import { withShadowed } from './domain-keys';
import { tenantsOf } from './names';
import type { Pass, PassContext } from './pass';
import { queuePlaces } from './queue-places';
import { settleByRow } from './settle';

const NAME = 'reports';
const BY_SENDER = 'deliver-local-dsn';

/** What shapes delivery reports, with the value that asks for none, if there is one (M5 3.3.7.27). */
const REPORTS: Readonly<Record<string, boolean | undefined>> = {
  [BY_SENDER]: false,
  'suppress-local-dsn': true,
  'custom-dsn-from-header': undefined,
  'dsn-return-default': undefined,
};

/**
 * Delivery reports to senders. PowerMTA sends them unless told otherwise and KumoMTA never does, so they are asked for
 * by `--dsn`: a log hook then makes them, for what bounces in an SMTP session and what expires.
 */
export const reportsPass: Pass = {
  name: NAME,
  needs: ['egress', 'pools', 'selection'],
  run(context) {
    const { config, options, policy } = context;
    const host = lineOf(config.top, 'host-name')?.value;
    const written = options.dsn && host?.kind === 'text';
    if (written) policy.lua.dsn = { host: host.value, ...fromHeader(context), senders: senders(context) };
    for (const line of config.settings) {
      if (!Object.hasOwn(REPORTS, line.name) || line.value === undefined || context.ledger.isSettled(line)) continue;
      if (written) settleByRow(context, line, NAME);
      else settleWithout(context, line);
    }
  },
};

function fromHeader({ config }: PassContext): { readonly from?: string } {
  const line = lineOf(config.top, 'custom-dsn-from-header');
  return line?.value?.kind === 'text' && line.value.value !== '' ? { from: line.value.value } : {};
}

/** Sender domains with and without reports; empty when all have them. */
function senders(context: PassContext) {
  const rows = queuePlaces(context, new Set([BY_SENDER])).flatMap(({ place, vmta, settings }) => {
    const found = settings.get(BY_SENDER)?.value;
    const wanted = found?.kind !== 'bool' || found.value;
    const domain = place.domain === '*' ? 'default' : place.domain;
    return tenantsOf(context, vmta).map((tenant) => ({ domain, tenant, wanted }));
  });
  return rows.every(({ wanted }) => wanted) ? [] : withShadowed(rows);
}

function settleWithout({ ledger, options }: PassContext, line: Setting): void {
  const none = REPORTS[line.name];
  if (none !== undefined && line.value?.kind === 'bool' && line.value.value === none) {
    const note = 'KumoMTA sends no delivery reports to senders unless a log hook is written that does.';
    ledger.settle(line, 'implicit', NAME, note);
  } else {
    const way = options.dsn
      ? 'The reports need a host-name to come from: set one.'
      : 'KumoMTA sends no delivery reports to senders by itself: --dsn writes a log hook that does.';
    ledger.settle(line, 'manual', NAME, way);
  }
}
