import { effectiveSettings } from '../pmta/match';
import type { VirtualMta } from '../pmta/model';
import { tenantsOf } from './names';
import type { PassContext } from './pass';
import { placesOf } from './places';
import { queueBlock } from './policy-writer';
import { landingOf } from './routes';

const NAME = 'routing';

/** The queue of KumoMTA that swallows a message. */
const SWALLOW = '=null';
/** A queue whose pool has no sources: its mail waits until somebody decides. */
const HOLD = 'pmta-hold';

/** `type`: mail that PowerMTA does not send by SMTP must not go out by SMTP (M5 3.3.10.51). */
export function convertType(context: PassContext, vmta: VirtualMta | undefined, domain: string): void {
  const { config, ledger, policy } = context;
  const found = effectiveSettings(config, vmta, domain).get('type');
  if (found?.value.kind !== 'text' || domain === '*') return;
  const tenants = tenantsOf(context, vmta);
  const origins = [found.setting.span];
  if (found.value.value === 'smtp') {
    ledger.settle(found.setting, 'exact', NAME);
  } else if (found.value.value === 'discard') {
    for (const tenant of tenants) policy.lua.queueTo.push({ domain, tenant, queue: SWALLOW, origins });
    ledger.settle(
      found.setting,
      'approximate',
      NAME,
      'The mail is taken and dropped; KumoMTA logs its reception only, no delivery.',
    );
  } else {
    for (const tenant of tenants) policy.lua.queueTo.push({ domain, tenant, queue: `=${HOLD}`, origins });
    policy.pools.set(HOLD, {
      entries: new Map(),
      origins: [],
      comments: ['no sources: its mail waits until somebody decides'],
    });
    queueBlock(policy, HOLD).fields.set('egress_pool', { value: HOLD, origins });
    context.diagnostics.report('type-held', found.setting.span, { domain, type: found.value.value });
    ledger.settle(
      found.setting,
      'manual',
      NAME,
      `Its mail waits in the queue ${HOLD}: ${found.setting.row?.note ?? ''}`,
    );
  }
}

const AUTH_FIELDS = ['smtp_auth_plain_username', 'smtp_auth_plain_password', 'allow_smtp_auth_plain_without_tls'];

/** Credentials for a relay must not go to a domain's public mail exchangers when the route to the relay is missing. */
export function dropAuthWithoutRoute(context: PassContext): void {
  const { config, policy } = context;
  for (const [domain, block] of policy.shaping.domains) {
    if (!block.fields.has('smtp_auth_plain_username') || policy.queues.get(domain)?.fields.has('protocol')) continue;
    if (
      placesOf([config.domains]).some(
        (place) => landingOf(config, undefined, place.domain) === domain && place.domain !== domain,
      )
    )
      continue;
    for (const name of AUTH_FIELDS) block.fields.delete(name);
    for (const { block: own, patterns } of config.domains.blocks) {
      if (!patterns.some((pattern) => 'name' in pattern && pattern.name === domain)) continue;
      const note = 'There is no route to the relay that these credentials are for, so they are not written.';
      for (const line of own.settings) {
        if (line.value !== undefined && line.name.startsWith('auth-'))
          context.ledger.settle(line, 'manual', 'shaping-lines', note);
      }
    }
  }
}
