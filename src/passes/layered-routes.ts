import type { FieldBlock, KumoValue, QueueBlock } from '../kumo/model';
import type { Setting, VirtualMta } from '../pmta/model';
import { queueBlocksOf } from './delivery-type';
import { typeOf } from './holding';
import { tenantsOf } from './names';
import type { PassContext } from './pass';
import { isTable } from './path-resolution';
import { field } from './policy-writer';
import { isQueueName, routeOf } from './routes';

const NAME = 'routing';

/** What KumoMTA cannot take back for domains without a block of their own. */
const LIMITS_ELSEWHERE =
  'Mail goes to these hosts, but KumoMTA looks up the limits of domains without a route by name at the domain whose mail exchangers a wider route names: give each such domain its route by name.';

/**
 * KumoMTA lays `queue.default`, the domain's block, the tenant's, and the tenant's block of the domain over each other
 * field by field (queue helper, "Precedence"), and a route is two fields: hosts in `protocol`, another domain's mail
 * exchangers in `routing_domain`. Of a wider route of the other form one field stays: hosts would go on to take the mail,
 * or the limits would be looked up at the other domain. PowerMTA has one route per queue (M5 3.3.10.89).
 */
export function separateRoutes(context: PassContext): void {
  const { config, policy } = context;
  if (!isMixed(policy)) return;
  for (const [domain, block] of policy.queues) {
    for (const vmta of [undefined, ...config.virtualMtas.values()]) separateAt(context, vmta, domain, block);
  }
}

/** Whether both forms occur at all: asking every virtual-mta about every domain takes long where there are many. */
function isMixed({ queues, tenants }: PassContext['policy']): boolean {
  const layers = [...tenants.values(), ...[...queues.values()].flatMap((block) => [block, ...block.tenants.values()])];
  const has = (name: string) => layers.some(({ fields }) => fields.has(name));
  return has('protocol') && has('routing_domain');
}

function separateAt(context: PassContext, vmta: VirtualMta | undefined, domain: string, block: QueueBlock): void {
  const { config } = context;
  const asked = domain === 'default' ? '*' : domain;
  if (isQueueName(domain) || typeOf(config, vmta, asked) === 'discard') return;
  const route = routeOf(config, vmta, asked);
  if (route.via !== 'mx' && route.via !== 'hosts') return;
  const names = vmta === undefined ? [undefined] : tenantsOf(context, vmta);
  for (const tenant of names) {
    const { hosts, routing } = layeredAt(context, block, tenant);
    if (!hosts || routing === undefined) continue;
    if (route.via === 'hosts' && routing !== asked) keepLimits(context, vmta, asked, route.setting);
    // KumoMTA has no such route for a whole tenant, which the ledger says already.
    if (route.via === 'mx' && (vmta === undefined || asked !== '*')) {
      for (const { fields } of queueBlocksOf(context, vmta, asked)) {
        fields.set('protocol', field({ smtp: {} }, [route.setting]));
        if (routing !== route.domain) fields.set('routing_domain', field(route.domain, [route.setting]));
      }
    }
  }
}

/** Mail to hosts keeps its own domain, where its limits stand. */
function keepLimits(context: PassContext, vmta: VirtualMta | undefined, domain: string, setting: Setting): void {
  if (domain.startsWith('*')) {
    context.ledger.settle(setting, 'manual', NAME, LIMITS_ELSEWHERE);
    return;
  }
  for (const { fields } of queueBlocksOf(context, vmta, domain)) {
    fields.set('routing_domain', field(domain, [setting]));
  }
}

/** What KumoMTA's layers say together: whether mail goes to hosts, and the domain it is routed to. */
function layeredAt({ policy }: PassContext, block: QueueBlock, tenant: string | undefined) {
  const found: (FieldBlock | undefined)[] = [policy.queues.get('default'), block];
  if (tenant !== undefined) found.push(policy.tenants.get(tenant), block.tenants.get(tenant));
  const last = (name: string) => found.map((layer) => layer?.fields.get(name)?.value).findLast(isSet);
  const protocol = last('protocol');
  const smtp = isTable(protocol) ? protocol['smtp'] : undefined;
  return { hosts: isTable(smtp) && smtp['mx_list'] !== undefined, routing: last('routing_domain') };
}

function isSet(value: KumoValue | undefined): boolean {
  return value !== undefined;
}
