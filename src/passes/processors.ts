import { releaseAtLeast } from '../kumo/format';
import type { ScopeBlock, Setting } from '../pmta/model';
import { linesOf, winnerOf } from '../pmta/precedence';
import { shadowedKeys } from './domain-keys';
import type { Pass, PassContext } from './pass';
import { addOrigins, blockIn } from './policy-writer';

const NAME = 'processors';

/** Tag → what KumoMTA looks for in mail to the domain (KumoMTA reference, make_listener_domain). */
const FIELDS: Readonly<Record<string, string>> = {
  'bounce-processor': 'log_oob',
  'feedback-loop-processor': 'log_arf',
};

/**
 * Bounce and complaint processors look at mail for some addresses and write records of it (M5 12.6, 12.7). KumoMTA does
 * so for whole recipient domains, which it then takes mail for from anybody.
 */
export const processorsPass: Pass = {
  name: NAME,
  needs: ['relay-domains'],
  run(context) {
    for (const block of context.config.top.blocks) {
      const field = FIELDS[block.kind];
      if (field !== undefined) convert(context, block, field);
    }
    const { listenerDomains } = context.policy;
    for (const [key, wildcard] of shadowedKeys(new Set(listenerDomains.keys()))) {
      for (const [name, value] of listenerDomains.get(wildcard)?.fields ?? []) {
        blockIn(listenerDomains, key).fields.set(name, value);
      }
    }
  },
};

function convert(context: PassContext, block: ScopeBlock, field: string): void {
  const { ledger, options } = context;
  const addresses = block.blocks.filter(({ kind }) => kind === 'address-list').flatMap((list) => list.settings);
  const domains = addresses.flatMap((line) => domainsOf(context, line));
  const deliver = winnerOf(linesOf(block, 'deliver-matched-email'));
  const keep = deliver?.value.kind === 'bool' && deliver.value.value;
  // Older releases know booleans only, and deliver what they have logged.
  const value = releaseAtLeast(options.target, '2025.05.06') ? (keep ? 'LogThenRelay' : 'LogThenDrop') : true;
  for (const domain of domains) {
    const entry = blockIn(context.policy.listenerDomains, domain);
    const lines = [...(block.tag === undefined ? [] : [block.tag]), ...(deliver === undefined ? [] : [deliver])];
    entry.fields.set(field, { value, origins: lines.map((line) => line.span) });
    addOrigins(entry, lines);
  }
  if (deliver !== undefined) ledger.settle(deliver, value === true ? 'approximate' : 'exact', NAME);
  const none = 'It lists no address or domain that could be looked at.';
  const tags = [block.tag, ...block.blocks.map((list) => list.tag)].flatMap((tag) => tag ?? []);
  for (const tag of tags) {
    ledger.settle(
      tag,
      domains.length === 0 ? 'manual' : 'approximate',
      NAME,
      domains.length === 0 ? none : tag.row?.note,
    );
  }
}

/** The domain of an address line; a pattern without one has to be read by a person. */
function domainsOf(context: PassContext, line: Setting): readonly string[] {
  const { value } = line;
  const text = value?.kind === 'text' ? value.value : value?.kind === 'regex-or-text' ? value.text : undefined;
  const domain = text?.replace(/^.*@/, '').toLowerCase();
  if (line.name === 'domain' && domain !== undefined) {
    context.ledger.settle(line, 'exact', NAME);
    return [domain];
  }
  if (line.name === 'address' && domain !== undefined && text?.includes('@') === true) {
    context.ledger.settle(line, 'approximate', NAME, 'Reports to other addresses of the domain are looked at as well.');
    return [domain];
  }
  if (value === undefined) return [];
  context.ledger.settle(
    line,
    'manual',
    NAME,
    'Name the domain that these addresses are in: KumoMTA looks at whole domains.',
  );
  return [];
}
