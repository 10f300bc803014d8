import { readDomainPattern } from '../domain-pattern';
import type { PmtaConfig, Setting } from '../model';
import { linesOf, type ReadSetting } from '../precedence';
import { domainOf, type Fits, localPartOf } from './sample';

/** The names that this server calls its own (M5 3.3.1.25). Lower case; empty where the file leaves it to the system. */
function ownNames(config: PmtaConfig): readonly string[] {
  return linesOf(config.top, 'host-name').flatMap(({ value }) =>
    value.kind === 'text' && value.value !== '' ? [value.value.toLowerCase()] : [],
  );
}

/** The line that takes a recipient from anybody (M5 3.3.1.25, 3.3.1.32); undefined when none does. */
export function takenFromAnybody(config: PmtaConfig, to: string, fits: Fits): Setting | undefined {
  const domain = domainOf(to);
  return (
    linesOf(config.top, 'relay-domain').find((line) => coversDomain(line, domain)) ??
    linesOf(config.top, 'host-name').find(
      ({ value }) => value.kind === 'text' && value.value.toLowerCase() === domain,
    ) ??
    linesOf(config.top, 'relay-address').find((line) => isAddress(line, to, fits))
  );
}

function coversDomain({ value }: ReadSetting, domain: string): boolean {
  const read = value.kind === 'text' ? readDomainPattern(value.value) : undefined;
  const pattern = read !== undefined && 'pattern' in read ? read.pattern : undefined;
  if (pattern === undefined || pattern.form === 'literal') return false;
  if (pattern.form === 'any') return true;
  const below = domain.endsWith(`.${pattern.name}`);
  return pattern.form === 'name'
    ? domain === pattern.name
    : below || (pattern.form === 'tree' && domain === pattern.name);
}

function isAddress({ value }: ReadSetting, to: string, fits: Fits): boolean {
  if (value.kind !== 'regex-or-text') return false;
  if (value.regex === undefined) return value.text?.toLowerCase() === to.toLowerCase();
  return fits(value.regex.pattern, to) === true;
}

/**
 * The lines that pass mail for an address on to others: aliases, and the administrator's addresses at this server's own
 * names (M5 3.3.1.3, 3.3.1.17, 12.9).
 */
export function passedOn(config: PmtaConfig, to: string): readonly Setting[] {
  const [user, domain] = [localPartOf(to).toLowerCase(), domainOf(to)];
  const own = ownNames(config).includes(domain);
  const blocks = [config.top, ...config.top.blocks.filter(({ kind }) => kind === 'aliases')];
  const aliases = blocks
    .flatMap((block) => linesOf(block, 'alias'))
    .filter(({ value }) => {
      const from = value.kind === 'alias' ? value.from.toLowerCase() : '';
      return from === `${user}@${domain}` || from === `*@${domain}` || (own && from === user);
    });
  const administrators = own && (user === 'postmaster' || user === 'abuse') ? linesOf(config.top, 'postmaster') : [];
  return [...aliases, ...administrators];
}

/** The lines by which a processor looks for reports in mail for an address (M5 12.6, 12.7). */
export function processed(config: PmtaConfig, to: string, fits: Fits): readonly Setting[] {
  const processors = config.top.blocks.filter(
    ({ kind }) => kind === 'bounce-processor' || kind === 'feedback-loop-processor',
  );
  const lists = processors.flatMap(({ blocks }) => blocks.filter(({ kind }) => kind === 'address-list'));
  return lists.flatMap(({ settings }) => settings.filter((line) => listsAddress(config, line, to, fits) === true));
}

/** Lines of a list of addresses that hold an address, and those that may: files are not looked into. */
export function listed(
  config: PmtaConfig,
  names: readonly string[],
  to: string,
  fits: Fits,
): { readonly lines: readonly Setting[]; readonly doubt: boolean } {
  const blocks = names.flatMap((name) =>
    (['address-list', 'suppression-list'] as const).flatMap(
      (kind) => config.named.get(kind)?.get(name.toLowerCase()) ?? [],
    ),
  );
  const all = blocks.flatMap(({ settings }) => settings);
  const lines = all.filter((line) => listsAddress(config, line, to, fits) === true);
  return { lines, doubt: lines.length === 0 && all.some((line) => listsAddress(config, line, to, fits) === undefined) };
}

function listsAddress(config: PmtaConfig, { name, value }: Setting, to: string, fits: Fits): boolean | undefined {
  if (value === undefined) return false;
  if (name === 'address-file') return undefined;
  if (value.kind === 'regex-or-text' && value.regex !== undefined) return fits(value.regex.pattern, to);
  const text = (value.kind === 'text' ? value.value : value.kind === 'regex-or-text' ? value.text : undefined) ?? '';
  const [wanted, domain] = [text.toLowerCase(), domainOf(to)];
  if (name === 'domain') return wanted === domain;
  if (wanted.includes('@')) return wanted === to.toLowerCase();
  return wanted !== '' && wanted === localPartOf(to).toLowerCase() && ownNames(config).includes(domain);
}
