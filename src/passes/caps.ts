import { releaseAtLeast } from '../kumo/format';
import { vmtaSetting } from '../pmta/match';
import type { Setting } from '../pmta/model';
import { lineOf } from '../pmta/precedence';
import { type Pass, type PassContext, pathSourcesOf } from './pass';
import { addEntry, addOrigins, anyProvider, blockIn } from './policy-writer';
import { throttleOf } from './rates';

const NAME = 'caps';

/**
 * Ceilings over several queues: of a virtual-mta (M5 3.3.12) and of the server (M5 3.3.1.1). KumoMTA has one counter
 * per name in `additional_*`, and these tables merge through all layers, so no domain block can lift them.
 */
export const capsPass: Pass = {
  name: NAME,
  needs: ['egress', 'shaping'],
  run(context) {
    const total = lineOf(context.config.top, 'total-max-smtp-out');
    if (total !== undefined) totalConnections(context, total);
    shareCounters(context);
    for (const vmta of context.config.virtualMtas.values()) {
      const sources = pathSourcesOf(context.egress, vmta.name);
      capOf(context, vmta.name, sources, vmtaSetting(context.config, vmta, 'max-smtp-out'));
      capOf(context, vmta.name, sources, vmtaSetting(context.config, vmta, 'max-smtp-msg-rate'));
    }
  },
};

function totalConnections(context: PassContext, setting: Setting): void {
  const { value } = setting;
  if (value?.kind !== 'int' || typeof value.value !== 'number' || value.value === 0) return;
  const { fields } = context.policy.shaping.default;
  // What one server may do stays with each node of a cluster.
  const shared = context.options.redis.length > 0;
  const local = shared && releaseAtLeast(context.options.target, '2025.01.23');
  const limit = local ? `local:${value.value}` : value.value;
  addEntry(fields, 'additional_connection_limits', 'pmta:total-out', limit, [setting]);
  const note = 'With Redis it holds for all nodes together; one for each node needs KumoMTA 2025.01.23.';
  context.ledger.settle(setting, shared && !local ? 'approximate' : 'exact', NAME, shared && !local ? note : undefined);
}

/** `--redis`: all other limits belong to addresses, which the nodes of a cluster may share (KumoMTA configure_redis_throttles). */
function shareCounters({ options, policy, diagnostics }: PassContext): void {
  if (options.redis.length === 0) return;
  policy.redis.push(...options.redis);
  diagnostics.report('redis-shared', undefined, {});
}

function capOf(
  context: PassContext,
  vmta: string,
  sources: readonly string[],
  found: ReturnType<typeof vmtaSetting>,
): void {
  if (found === undefined) return;
  const { setting, value } = found;
  const isRate = value.kind === 'rate';
  context.ledger.settle(setting, isRate ? 'approximate' : 'exact', NAME, isRate ? setting.row?.note : undefined);
  const limit = limitOf(context, value);
  if (limit === undefined) return;
  const table = isRate ? 'additional_message_rate_throttles' : 'additional_connection_limits';
  for (const source of sources) {
    const block = blockIn(anyProvider(context.policy).sources, source);
    addEntry(block.fields, table, `pmta-vmta:${vmta}`, limit, [setting]);
    if (setting.scope.tag !== undefined) addOrigins(block, [setting.scope.tag]);
  }
}

/** Undefined: no cap. */
function limitOf(context: PassContext, value: NonNullable<Setting['value']>): string | number | undefined {
  if (value.kind === 'rate' && value.rate !== 'unlimited') return throttleOf(value.rate, context.options.target);
  if (value.kind === 'int' && typeof value.value === 'number' && value.value > 0) return value.value;
  return undefined;
}
