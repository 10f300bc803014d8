import type { Ending, FieldBlock } from '../kumo/model';
import { effectiveSettings } from '../pmta/match';
import type { Setting, VirtualMta } from '../pmta/model';
import { asksForHolding, HOLD } from './holding';
import { tenantsOf } from './names';
import type { PassContext } from './pass';
import { blockIn, field, queueBlock } from './policy-writer';
import { putAt, queueFor } from './queue-to';

const NAME = 'routing';

/** Senders that drop the mail, and what it is logged with. */
const DISCARD: readonly [name: string, ending: Ending] = ['pmta_discard', { code: 250, text: '2.0.0 discarded' }];
const DISCARD_AS_BOUNCE: typeof DISCARD = ['pmta_discard_as_bounce', { code: 550, text: '5.0.0 discarded' }];

/** The blocks of queues.toml that speak for a virtual-mta and a domain, `*` for all. */
export function queueBlocksOf(
  context: PassContext,
  vmta: VirtualMta | undefined,
  domain: string,
): readonly FieldBlock[] {
  const { policy } = context;
  if (vmta === undefined) return [queueBlock(policy, domain === '*' ? 'default' : domain)];
  const tenants = tenantsOf(context, vmta);
  if (domain === '*') return tenants.map((tenant) => blockIn(policy.tenants, tenant));
  return tenants.map((tenant) => blockIn(queueBlock(policy, domain).tenants, tenant));
}

/** `type`: mail that PowerMTA does not send by SMTP must not go out by SMTP (M5 3.3.10.51). */
export function convertType(context: PassContext, vmta: VirtualMta | undefined, domain: string): void {
  const { config, ledger } = context;
  const settings = effectiveSettings(config, vmta, domain);
  const found = settings.get('type');
  if (found?.value.kind !== 'text') return;
  const { setting, value } = found;
  if (value.value === 'discard') {
    const bounce = settings.get('discard-as-bounce');
    const asBounce = bounce?.value.kind === 'bool' && bounce.value.value;
    discard(context, vmta, domain, asBounce ? DISCARD_AS_BOUNCE : DISCARD, setting);
    leaveHolding(context, vmta, domain, setting);
    ledger.settle(setting, 'exact', NAME);
    if (bounce !== undefined) ledger.settle(bounce.setting, 'exact', NAME);
  } else if (value.value === 'smtp') {
    // What a wider queue discards, this one sends.
    const protocol = field({ smtp: {} }, [setting]);
    if (config.settings.some(isDiscard))
      for (const { fields } of queueBlocksOf(context, vmta, domain)) fields.set('protocol', protocol);
    leaveHolding(context, vmta, domain, setting);
    ledger.settle(setting, 'exact', NAME);
  } else {
    hold(context, vmta, domain, setting, value.value);
  }
}

function isDiscard({ name, value, scope }: Setting): boolean {
  return scope.kind === 'domain' && name === 'type' && value?.kind === 'text' && value.value === 'discard';
}

function discard(
  context: PassContext,
  vmta: VirtualMta | undefined,
  domain: string,
  [name, ending]: typeof DISCARD,
  setting: Setting,
): void {
  context.policy.lua.endings.set(name, ending);
  const protocol = field({ custom_lua: { constructor: `make.${name}` } }, [setting]);
  for (const { fields } of queueBlocksOf(context, vmta, domain)) fields.set('protocol', protocol);
}

function hold(
  context: PassContext,
  vmta: VirtualMta | undefined,
  domain: string,
  setting: Setting,
  type: string,
): void {
  const { policy } = context;
  const origins = [setting.span];
  putAt(context, vmta, domain, `=${HOLD}`, setting);
  policy.pools.set(HOLD, {
    entries: new Map(),
    origins: [],
    comments: ['no sources: its mail waits until somebody decides'],
  });
  const { fields } = queueBlock(policy, HOLD);
  fields.set('egress_pool', { value: HOLD, origins });
  // What is dropped elsewhere waits here.
  if (context.config.settings.some(isDiscard)) fields.set('protocol', field({ smtp: {} }, [setting]));
  context.diagnostics.report('type-held', setting.span, { domain, type });
  context.ledger.settle(setting, 'manual', NAME, `Its mail waits in the queue ${HOLD}: ${setting.row?.note ?? ''}`);
}

/** What a wider line holds, this one does not. */
function leaveHolding(context: PassContext, vmta: VirtualMta | undefined, domain: string, setting: Setting): void {
  if (context.config.settings.some(asksForHolding))
    putAt(context, vmta, domain, queueFor(context, vmta, domain), setting);
}

/** discard-as-bounce where nothing is discarded. */
export function settleIdleDiscards({ config, ledger }: PassContext): void {
  for (const line of config.settings) {
    if (line.name !== 'discard-as-bounce' || line.scope.kind !== 'domain' || line.value === undefined) continue;
    if (!ledger.isSettled(line)) ledger.settle(line, 'implicit', NAME, 'It counts for mail of type discard only.');
  }
}
