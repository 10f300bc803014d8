import type { ProviderMatch } from '../kumo/model';
import { linesOf, type ReadSetting } from '../pmta/precedence';
import type { Pass, PassContext } from './pass';
import { addOrigins, emptyProvider, field, getOrAdd } from './policy-writer';
import { matchOf } from './rollup';

const NAME = 'mx-limits';

/**
 * `mx-connection-limit`: connections to each MX host that fits, for each local address (M5 3.3.1.38.1). KumoMTA counts
 * for a provider, that is, over all its hosts, and asks that every host of a domain fits; so patterns below one domain
 * are one provider, with the smallest of their limits.
 */
export const mxLimitsPass: Pass = {
  name: NAME,
  needs: ['shaping', 'rollup'],
  run(context) {
    const groups = new Map<string, { match: ProviderMatch[]; lines: ReadSetting[]; limit: number }>();
    for (const line of linesOf(context.config.top, 'mx-connection-limit')) {
      if (line.value.kind !== 'mx-limit' || !isPossible(context, line, line.value)) continue;
      const { pattern, limit } = line.value;
      const group = getOrAdd(groups, parentOf(pattern), () => ({ match: [], lines: [], limit }));
      group.match.push(...matchesOf(pattern, context.options.target));
      group.lines.push(line);
      group.limit = Math.min(group.limit, limit);
      context.ledger.settle(line, 'approximate', NAME, line.row?.note);
    }
    for (const [parent, { match, lines, limit }] of groups) {
      const provider = emptyProvider(`pmta-mx-${parent}`, match);
      const strictest = lines.filter(({ value }) => value.kind === 'mx-limit' && value.limit === limit);
      provider.fields.set('provider_connection_limit', field(limit, strictest));
      addOrigins(provider, lines);
      context.policy.shaping.providers.push(provider);
    }
  },
};

function isPossible(
  { ledger, diagnostics }: PassContext,
  line: ReadSetting,
  { pattern, limit }: { readonly pattern: string; readonly limit: number },
): boolean {
  if (limit === 0) {
    diagnostics.report('limit-zero', line.valueSpan, { directive: line.name });
    ledger.settle(line, 'manual', NAME, 'PowerMTA does not document what 0 means here, and KumoMTA refuses it.');
    return false;
  }
  if (pattern !== '*') return true;
  const note =
    'KumoMTA would count the connections to all hosts of the world together: lower max-smtp-out of <domain *> instead.';
  ledger.settle(line, 'manual', NAME, note);
  return false;
}

/** The domain whose hosts a pattern names: `x.test` for `*.x.test` and for `mx1.x.test`. */
function parentOf(pattern: string): string {
  const wildcard = /^(?:\*\.|\[\*\.\])(.*)$/.exec(pattern)?.[1];
  return wildcard ?? /^[^.]+\.(.*\..*)$/.exec(pattern)?.[1] ?? pattern;
}

function matchesOf(pattern: string, target: string): readonly ProviderMatch[] {
  const both = /^\[\*\.\](.*)$/.exec(pattern)?.[1];
  return both === undefined ? [matchOf(pattern, target)] : [matchOf(`*.${both}`, target), matchOf(both, target)];
}
