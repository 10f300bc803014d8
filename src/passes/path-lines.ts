import { releaseAtLeast } from '../kumo/format';
import type { Setting } from '../pmta/model';
import type { Pass, PassContext } from './pass';
import { ASSUME_DELIVERY, assumesDelivery, knownTo, PATH_DIRECTIVES, PATH_FIELDS } from './path-fields';
import { BY_RANGE, holds, lookupIn } from './path-lookup';
import { hasPlaces } from './places';
import { queuePlaces } from './queue-places';
import { isEmpty, settleCleared } from './relay-passwords';
import { settleByRow } from './settle';
import { refuseForTarget } from './target';

const NAME = 'shaping-lines';
const UNAVAILABLE = 'smtp-421-means-mx-unavailable';

/** Why a path does not say to try the next host at once. */
export const ASSUMED_NOTE =
  'Where assume-delivery-upon-data-termination-timeout holds, the next host is tried only as a later attempt: at once, KumoMTA would also send a message again after a time-out behind its final dot, as a duplicate.';

/** Settles every line that the egress path is made from but for passwords; what they say together is the shaping pass's business. */
export const pathLinesPass: Pass = {
  name: NAME,
  needs: ['shaping'],
  run(context) {
    for (const setting of context.config.settings) {
      if (setting.scope.kind !== 'domain' || setting.fault !== undefined || !PATH_DIRECTIVES.has(setting.name))
        continue;
      if (!SETTLED_ELSEWHERE.has(setting.name) && hasPlaces(setting.scope)) settle(context, setting);
    }
    noteAssumed(context);
  },
};

const SETTLED_ELSEWHERE: ReadonlySet<string> = new Set(['auth-password', ASSUME_DELIVERY]);

/** Where deliveries are assumed, the path does not say to try the next host: see nextHost. */
function noteAssumed(context: PassContext): void {
  const { ledger, options } = context;
  if (!releaseAtLeast(options.target, '2025.10.06')) return;
  for (const { place, vmta } of queuePlaces(context, new Set([ASSUME_DELIVERY, UNAVAILABLE]))) {
    const get = lookupIn(context, vmta, place.domain);
    const line = get(UNAVAILABLE);
    if (line?.value.kind !== 'bool' || !line.value.value || !assumesDelivery(get)) continue;
    ledger.settle(line.setting, 'approximate', NAME, ASSUMED_NOTE);
  }
}

/** PowerMTA's manual gives 0 a meaning for rates only. */
function isZeroCount({ name, value }: Setting): boolean {
  if (value?.kind === 'cidr-int') return value.value === 0;
  return name === 'max-smtp-out' && value?.kind === 'int' && value.value === 0;
}

/** Nothing can be unset in KumoMTA. */
function settleNoCertificate({ config, ledger }: PassContext, setting: Setting): void {
  const others = config.settings.some(
    ({ name, value }) => name === setting.name && value?.kind === 'path-secret' && value.path !== '',
  );
  if (others)
    ledger.settle(setting, 'manual', NAME, 'KumoMTA cannot take a certificate back that wider settings give.');
  else ledger.settle(setting, 'implicit', NAME, 'With this value the directive asks for nothing.');
}

function hasSource({ policy }: PassContext, { value }: Setting): boolean {
  if (value?.kind !== 'cidr-int' && value?.kind !== 'cidr-rate') return false;
  const addresses = [...policy.sources.values()].map(({ fields }) => fields.get('source_address')?.value);
  return addresses.some((address) => holds(value.cidr, typeof address === 'string' ? address : undefined));
}

function settle(context: PassContext, setting: Setting): void {
  const { ledger, options } = context;
  const rows = PATH_FIELDS.filter((row) => row.directives.includes(setting.name));
  if (!rows.some((row) => knownTo(row, options.target))) {
    const since = rows.map((row) => row.since).sort()[0] ?? '';
    refuseForTarget(context, setting, NAME, 'can do this', since);
    return;
  }
  if (isZeroCount(setting)) {
    context.diagnostics.report('limit-zero', setting.valueSpan, { directive: setting.name });
    ledger.settle(setting, 'manual', NAME, 'PowerMTA does not document what 0 means here, and KumoMTA refuses it.');
    return;
  }
  if (
    setting.name === 'smtp-client-certificate' &&
    setting.value?.kind === 'path-secret' &&
    setting.value.path === ''
  ) {
    settleNoCertificate(context, setting);
    return;
  }
  if (BY_RANGE.has(setting.name) && !hasSource(context, setting)) {
    const note = 'No source of the tree has an address in this range; the system chooses that of a source without one.';
    ledger.settle(setting, 'manual', NAME, note);
    return;
  }
  if (setting.name === 'auth-username' && isEmpty(setting)) {
    settleCleared(context, setting, NAME);
    return;
  }
  if (setting.name === 'smtp-tls-ca-file' && setting.value?.kind === 'text' && setting.value.value !== '') {
    ledger.settle(setting, 'manual', NAME, setting.row?.note);
    return;
  }
  settleByRow(context, setting, NAME);
}
