import { structs } from '../api/structs';
import { type PolicyValue, plain, plainTable } from '../api/value';
import { type HostFunctions, optionalText, textArgument } from './host';
import type { HelperState } from './host-helpers';
import { splitQueueName } from './queue-name';

/** What the queue helper says of a queue. */
export function queueFields(state: HelperState, domain: string, tenant?: string, campaign?: string): Params {
  const params = plainTable(state.queues?.resolve(domain, tenant, campaign) ?? {});
  const fields = Object.entries(params).filter(([key]) => structs.queue_config.fields.has(key));
  return { refresh_strategy: 'Epoch', ...Object.fromEntries(fields) };
}

type Params = Readonly<Record<string, unknown>>;

/** What the Lua half of the queue helper asks. */
export function queueFunctions(state: HelperState): HostFunctions {
  const resolve = ([domain, tenant, campaign]: readonly (PolicyValue | undefined)[]) =>
    state.queues?.resolve(textArgument(domain, 'a domain'), optionalText(tenant), optionalText(campaign)) ?? {};
  return {
    queue_options: () => plainTable(state.queues?.options ?? {}),
    queue_tenant: ([name]) => {
      const tenant = state.queues?.tenants.get(textArgument(name, 'a tenant'));
      if (tenant === undefined) return undefined;
      const users = tenant.params.get('require_authz');
      return users === undefined ? {} : { require_authz: plain(users) };
    },
    queue_resolve: ([domain, tenant, campaign]) =>
      queueFields(state, textArgument(domain, 'a domain'), optionalText(tenant), optionalText(campaign)),
    queue_routing: (args) => optionalText(resolve(args)['routing_domain']),
    split_queue: ([name]) => splitQueueName(textArgument(name, 'a queue')),
  };
}
