import { releaseAtLeast } from '../kumo/format';
import type { Setting } from '../pmta/model';
import { lineOf } from '../pmta/precedence';
import { addressPattern, domainOfRegex } from './address-patterns';
import type { Pass, PassContext } from './pass';
import { addOrigins, blockIn, field, getOrAdd } from './policy-writer';
import { translateRegex } from './regex';
import { refuseForTarget } from './target';

const NAME = 'relay-addresses';

/**
 * `relay-address`: mail for these addresses is taken from anybody (M5 3.3.1.32.3). KumoMTA decides by domain, so that
 * the whole domain is taken and Lua refuses its other addresses to those who may not relay.
 */
export const relayAddressesPass: Pass = {
  name: NAME,
  needs: ['relay-domains'],
  run(context) {
    const given = new Set(context.policy.listenerDomains.keys());
    for (const line of context.config.top.settings) {
      if (line.name === 'relay-address') convert(context, line, given);
    }
    soften(context);
  },
};

function convert(context: PassContext, line: Setting, given: ReadonlySet<string>): void {
  const { ledger, policy } = context;
  const read = addressOf(line);
  if (read === undefined) return;
  if ('reason' in read) {
    ledger.settle(line, 'manual', NAME, read.reason);
    return;
  }
  ledger.settle(line, read.narrow ? 'approximate' : 'exact', NAME, read.narrow ? NARROW : undefined);
  // A relay-domain takes the address already.
  if (isGiven(read.domain, given)) return;
  const entry = blockIn(policy.listenerDomains, read.domain);
  entry.fields.set('relay_to', field(true, [line]));
  addOrigins(entry, [line]);
  const { relayAddresses } = policy.lua;
  relayAddresses.set(read.domain, [...getOrAdd(relayAddresses, read.domain, () => []), read.pattern]);
}

const NARROW = 'The pattern has no end: of what it fits, only addresses in the domain that it names are taken.';

type Address =
  | { readonly domain: string; readonly pattern: string; readonly narrow: boolean }
  | { readonly reason: string };

function addressOf({ value }: Setting): Address | undefined {
  if (value?.kind !== 'regex-or-text') return undefined;
  if (value.regex === undefined) {
    const text = (value.text ?? '').toLowerCase();
    const domain = text.slice(text.lastIndexOf('@') + 1);
    return text.includes('@') && domain !== ''
      ? { domain, pattern: addressPattern(text), narrow: false }
      : { reason: 'It is no address: write name@domain.' };
  }
  const domain = domainOfRegex(value.regex.pattern);
  const translated = translateRegex(value.regex.pattern);
  if (domain === undefined)
    return { reason: 'KumoMTA takes mail by domain: name the domain of these addresses behind the @.' };
  return 'reason' in translated
    ? { reason: `The pattern ${translated.reason}.` }
    : { domain, pattern: translated.regex, narrow: !/(?:\$|\\Z)$/.test(value.regex.pattern) };
}

function isGiven(domain: string, given: ReadonlySet<string>): boolean {
  if (given.has('*') || given.has(domain)) return true;
  const labels = domain.split('.');
  return labels.some((_, i) => i > 0 && given.has(`*.${labels.slice(i).join('.')}`));
}

/** `relay-debug`: refused relaying is a temporary failure (M5 3.3.1.32.4). */
function soften(context: PassContext): void {
  const { config, ledger, options, policy } = context;
  const line = lineOf(config.top, 'relay-debug');
  if (line?.value?.kind !== 'bool') return;
  if (!line.value.value) ledger.settle(line, 'implicit', NAME, 'With this value the directive asks for nothing.');
  else if (!releaseAtLeast(options.target, '2025.12.02')) {
    refuseForTarget(context, line, NAME, 'lets a policy change its replies', '2025.12.02');
  } else {
    policy.lua.softRelaying = true;
    ledger.settle(line, 'exact', NAME);
  }
}
