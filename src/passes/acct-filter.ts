import type { QueueRule } from '../kumo/policy-lua';
import type { ScopeBlock } from '../pmta/model';
import { lineOf } from '../pmta/precedence';
import type { PassContext } from './pass';

/**
 * `queue-filter` (M5 3.3.11.5): `[!]DOMAIN[/VMTA]`, the first that fits decides, what fits none is not recorded. Without a
 * virtual-mta it is `{default}`. Undefined without a filter.
 */
export function queueRules({ egress }: PassContext, block: ScopeBlock): readonly QueueRule[] | undefined {
  const value = lineOf(block, 'queue-filter')?.value;
  if (value?.kind !== 'list' || value.values.length === 0) return undefined;
  return value.values.flatMap((item) => {
    const keep = !item.startsWith('!');
    const [domain = '', vmta = '{default}'] = item.replace(/^!\s*/, '').toLowerCase().split('/');
    const owner = vmta === '*' ? {} : { tenant: egress.tenantOf.get(vmta) ?? vmta };
    return domainsOf(domain).map((place) => ({ ...place, ...owner, keep }));
  });
}

/** A domain of a queue as it is written in a filter. */
export function domainsOf(pattern: string): readonly Pick<QueueRule, 'domain' | 'below'>[] {
  if (pattern === '*') return [{}];
  const name = pattern.replace(/^(?:\[\*\.\]|\*\.)/, '');
  const below = { below: `.${name}` };
  if (pattern.startsWith('*.')) return [below];
  return pattern.startsWith('[*.]') ? [{ domain: name }, below] : [{ domain: name }];
}
