import { vmtaSetting, vmtaSettings } from '../../pmta/match';
import type { Setting } from '../../pmta/model';
import { type ClientRule, isOn, wordOf } from '../../pmta/reception/client';
import { domainIn, rewrittenDomain } from '../../pmta/reception/identity';
import { headerOf, type SampleMessage } from '../../pmta/reception/sample';
import type { PmtaPath } from '../sides';

/** The signatures that PowerMTA gives a message, and the lines that decide about them. */
export interface ExpectedSignatures {
  /** `d=… s=…`, the first one first. */
  readonly signatures: readonly string[];
  readonly lines: readonly Setting[];
}

interface Key {
  readonly selector: string;
  readonly domain: string;
  readonly line: Setting;
}

/** What a message asks for in X-DKIM-Options (M5 10.6.3). */
type Options = Readonly<Record<string, string>>;

/** The first and the second signature (M5 3.3.1.33.1, 10.6). */
export function pmtaSignatures(path: PmtaPath, rule: ClientRule, message: SampleMessage): ExpectedSignatures {
  const options = optionsIn(rule, message);
  const signers = [
    signature(path, rule, message, '', options, options !== undefined),
    signature(path, rule, message, 'second-', undefined, options !== undefined),
  ];
  return {
    signatures: signers.flatMap(({ text }) => text ?? []),
    lines: [...signers.flatMap(({ lines }) => lines), ...switches(rule)],
  };
}

function switches(rule: ClientRule): readonly Setting[] {
  return ['process-x-dkim-options', 'process-x-dkim-key', 'rewrite-list'].flatMap((name) => rule.get(name) ?? []);
}

function optionsIn(rule: ClientRule, message: SampleMessage): Options | undefined {
  const header = isOn(rule, 'process-x-dkim-options', false) ? headerOf(message, 'X-DKIM-Options') : undefined;
  if (header === undefined) return undefined;
  const pairs = [...header.matchAll(/([\w-]+)\s*=\s*([^;\s]+)/g)].map(
    ([, name = '', value = '']) => [name.toLowerCase(), value] as const,
  );
  return Object.fromEntries(pairs);
}

interface Signer {
  readonly text?: string;
  readonly lines: readonly Setting[];
}

function signature(
  path: PmtaPath,
  rule: ClientRule,
  message: SampleMessage,
  prefix: '' | 'second-',
  options: Options | undefined,
  asked: boolean,
): Signer {
  const lines = ['dkim-sign', 'dkim-identity', 'dkim-identity-fallback'].flatMap(
    (name) => path.settings.get(`${prefix}${name}`)?.setting ?? [],
  );
  if (!isWanted(path, prefix, asked)) return { lines };
  const identity = textOf(path, `${prefix}dkim-identity`) ?? 'sender-or-from';
  const fallback = textOf(path, `${prefix}dkim-identity-fallback`);
  const own = identityDomain(path, rule, message, identity);
  const ownKey = options?.['s'] !== undefined && isOn(rule, 'process-x-dkim-key', false);
  if (ownKey && headerOf(message, 'X-DKIM-Key') !== undefined) {
    const domain = options['d']?.toLowerCase() ?? own;
    return domain === undefined ? { lines } : { text: `d=${domain} s=${options['s']?.toLowerCase()}`, lines };
  }
  const keys = keysFor(path, options);
  const strict = identity === 'strict-from';
  const found =
    keyFor(keys, own, strict, options) ??
    keyFor(keys, fallback === undefined ? undefined : domainAt(fallback), strict, options);
  const all = [...lines, ...keys.map(({ line }) => line)];
  return found === undefined ? { lines: all } : { text: found, lines: all };
}

function isWanted({ value }: PmtaPath, prefix: string, asked: boolean): boolean {
  const sign = value(`${prefix}dkim-sign`);
  if (sign?.kind === 'bool') return sign.value;
  if (sign?.kind !== 'text') return false;
  return /^(?:yes|true|1)$/i.test(sign.value) || (asked && sign.value.toLowerCase() === 'if-x-dkim-options-present');
}

function identityDomain(
  path: PmtaPath,
  rule: ClientRule,
  message: SampleMessage,
  identity: string,
): string | undefined {
  const from = () => {
    const domain = domainIn(message, 'From');
    return domain && rewritten(path, rule, domain);
  };
  if (identity === 'strict-from') return from();
  if (identity === 'sender-or-from') return domainIn(message, 'Sender') ?? from();
  return domainAt(identity);
}

/** What the rewriting lists of the source and of the virtual-mta make of the author's domain (M5 3.3.18). */
function rewritten({ config, vmta }: PmtaPath, rule: ClientRule, domain: string): string {
  const own = vmtaSetting(config, vmta, 'rewrite-list')?.value;
  const bySource = rewrittenDomain(config, wordOf(rule, 'rewrite-list'), domain);
  return rewrittenDomain(config, own?.kind === 'text' ? own.value : undefined, bySource);
}

function keysFor({ config, vmta }: PmtaPath, options: Options | undefined): readonly Key[] {
  const list = options?.['key-list'];
  const lines: readonly Setting[] =
    list === undefined
      ? vmtaSettings(config, vmta, 'domain-key')
      : (config.named.get('domain-key-list')?.get(list.toLowerCase()) ?? []).flatMap(({ settings }) => settings);
  return lines.flatMap((line) =>
    line.value?.kind === 'domain-key'
      ? [{ selector: line.value.selector, domain: line.value.domain.toLowerCase(), line }]
      : [],
  );
}

/** The first key whose domain is that of the identity or a parent of it; `*` fits any. */
function keyFor(
  keys: readonly Key[],
  at: string | undefined,
  strict: boolean,
  options: Options | undefined,
): string | undefined {
  if (at === undefined) return undefined;
  const key = keys.find(
    ({ selector, domain }) =>
      (domain === '*' || domain === at || (!strict && at.endsWith(`.${domain}`))) &&
      (options?.['s'] === undefined || options['s'] === selector) &&
      (options?.['d'] === undefined || options['d'].toLowerCase() === domain),
  );
  return key && `d=${key.domain === '*' ? at : key.domain} s=${key.selector.toLowerCase()}`;
}

function domainAt(identity: string): string {
  return identity.replace(/^.*@/, '').toLowerCase();
}

function textOf({ value }: PmtaPath, directive: string): string | undefined {
  const found = value(directive);
  return found?.kind === 'text' && found.value !== '' ? found.value : undefined;
}
