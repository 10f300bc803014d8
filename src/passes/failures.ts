import { releaseAtLeast } from '../kumo/format';
import type { Ending, Failure } from '../kumo/model';
import type { EffectiveSettings, Setting, VirtualMta } from '../pmta/model';
import { withShadowed } from './domain-keys';
import { tenantsOf } from './names';
import type { Pass, PassContext } from './pass';
import { hasPlaces } from './places';
import { NEVER_COUNTS, queuePlaces } from './queue-places';
import { routeOf } from './routes';

const NAME = 'failures';

const SWITCHES: Readonly<Record<string, Failure>> = {
  'assume-delivery-upon-data-termination-timeout': 'assume_delivery',
  'bounce-upon-5xx-greeting': 'refused_greeting',
  'bounce-upon-no-mx': 'no_mx',
  'bounce-upon-transfer-failure': 'broken_transfer',
};

/** Names of the senders (`make.NAME`) of mail that is not sent, and what it is logged with. */
const ENDINGS: Partial<Record<Failure, readonly [name: string, ending: Ending]>> = {
  assume_delivery: ['pmta_assumed', { code: 250, text: '2.0.0 no reply to the end of the data, taken for delivered' }],
  no_mx: ['pmta_no_mx', { code: 550, text: '5.4.4 the domain has no MX record' }],
};

/** Since this release every broken transfer has a text of its own (crates/kumod/src/smtp_dispatcher.rs). */
const TRANSFER_SINCE = '2025.12.02';

/**
 * Failures that PowerMTA does not retry. KumoMTA retries them all, so a handler of requeue_message looks at the text of
 * the failure, and a queue for a domain without MX records gets a sender that bounces. PowerMTA's own default for
 * greetings is not written: only what the configuration says.
 */
export const failuresPass: Pass = {
  name: NAME,
  needs: ['egress', 'pools'],
  run(context) {
    const { lua } = context.policy;
    const counted = new Map<Setting, boolean>();
    for (const { place, vmta, settings } of queuePlaces(context, new Set(Object.keys(SWITCHES)))) {
      const on = switchesOn(context, vmta, place.domain, settings, counted);
      const origins = Object.keys(SWITCHES).flatMap((name) => settings.get(name)?.setting.span ?? []);
      for (const tenant of tenantsOf(context, vmta)) {
        lua.failures.push({ domain: place.domain === '*' ? 'default' : place.domain, tenant, on, origins });
      }
    }
    const used = new Set(lua.failures.flatMap(({ on }) => on));
    lua.failures.splice(0, lua.failures.length, ...(used.size === 0 ? [] : withShadowed(lua.failures)));
    for (const failure of used) {
      const ending = ENDINGS[failure];
      if (ending !== undefined) lua.endings.set(...ending);
    }
    settleLines(context, used, counted);
  },
};

/** The switches that are on for a queue; notes in `counted` which lines asked, and whether that has an effect. */
function switchesOn(
  context: PassContext,
  vmta: VirtualMta | undefined,
  domain: string,
  settings: EffectiveSettings,
  counted: Map<Setting, boolean>,
): readonly Failure[] {
  const on: Failure[] = [];
  for (const [name, failure] of Object.entries(SWITCHES)) {
    const found = settings.get(name);
    if (found?.value.kind !== 'bool' || !found.value.value || !isPossible(context, failure)) continue;
    // With fixed hosts PowerMTA asks for no MX records (M5 3.3.10.60).
    const counts = failure !== 'no_mx' || routeOf(context.config, vmta, domain).via === 'own';
    counted.set(found.setting, counts || counted.get(found.setting) === true);
    if (counts) on.push(failure);
  }
  return on;
}

function isPossible({ options }: PassContext, failure: Failure): boolean {
  return failure !== 'broken_transfer' || releaseAtLeast(options.target, TRANSFER_SINCE);
}

function settleLines(context: PassContext, used: ReadonlySet<Failure>, counted: ReadonlyMap<Setting, boolean>): void {
  for (const line of context.config.settings) {
    const failure = SWITCHES[line.name];
    if (failure === undefined || line.scope.kind !== 'domain' || line.value === undefined) continue;
    if (hasPlaces(line.scope) && !context.ledger.isSettled(line)) settle(context, line, failure, used, counted);
  }
}

function settle(
  { ledger, options }: PassContext,
  line: Setting,
  failure: Failure,
  used: ReadonlySet<Failure>,
  counted: ReadonlyMap<Setting, boolean>,
): void {
  const { value } = line;
  const off = value?.kind === 'bool' ? !value.value : value?.kind === 'interval' && value.value === 'never';
  if (off) {
    const note = used.has(failure) ? undefined : 'KumoMTA tries such mail again by itself.';
    ledger.settle(line, used.has(failure) ? 'exact' : 'implicit', NAME, note);
  } else if (value?.kind !== 'bool') {
    const note =
      'KumoMTA does not tell a policy how long a message has been queued: bounce at once (yes), or not at all.';
    ledger.settle(line, 'manual', NAME, note);
  } else if (counted.has(line)) {
    const note = counted.get(line) ? line.row?.note : 'It has no effect where smtp-hosts or route names the hosts.';
    ledger.settle(line, counted.get(line) ? 'approximate' : 'implicit', NAME, note);
  } else if (failure === 'broken_transfer' && !releaseAtLeast(options.target, TRANSFER_SINCE)) {
    ledger.settle(line, 'manual', NAME, `A policy can tell a broken transfer from KumoMTA ${TRANSFER_SINCE} on.`);
  } else {
    ledger.settle(line, 'implicit', NAME, NEVER_COUNTS);
  }
}
