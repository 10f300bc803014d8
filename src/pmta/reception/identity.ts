import type { PmtaConfig } from '../model';
import { domainOf, headerOf, type SampleMessage } from './sample';

/** Domain of the author in a header, lower case; undefined when the header is missing or holds no address. */
export function domainIn(message: Pick<SampleMessage, 'headers'>, name: string): string | undefined {
  const value = headerOf(message, name);
  if (value === undefined) return undefined;
  const address = /<([^<>]*)>/.exec(value)?.[1] ?? /^\s*([^\s,;<>]+)/.exec(value)?.[1] ?? '';
  const domain = domainOf(address);
  return domain === '' ? undefined : domain;
}

/** The domain that a list of rewriting rules makes of one in the From header: the first rule that fits (M5 3.3.18.2). */
export function rewrittenDomain(config: PmtaConfig, list: string | undefined, domain: string): string {
  const blocks = list === undefined ? [] : (config.named.get('rewrite-list')?.get(list.toLowerCase()) ?? []);
  for (const { name, value } of blocks.flatMap(({ settings }) => settings)) {
    if (name !== 'from-domain' || value?.kind !== 'rewrite') continue;
    const from = value.from.toLowerCase();
    const below = /^(?:\[\*\.\]|\*\.)(.*)$/.exec(from)?.[1];
    const fits =
      from === '*' ||
      from === domain ||
      (below !== undefined && (domain.endsWith(`.${below}`) || (from.startsWith('[') && domain === below)));
    if (fits) return value.to.toLowerCase();
  }
  return domain;
}
