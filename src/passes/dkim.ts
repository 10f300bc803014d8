import { dirname, join } from 'node:path/posix';
import type { FieldMap, SignatureRules, SigningKey } from '../kumo/model';
import { collectKeys, type SigningKeys, someRule } from './dkim-keys';
import { settleLines, settleUnusedKeys } from './dkim-lines';
import { SIGNED_HEADERS, signatureOf } from './dkim-rules';
import type { Pass, PassContext } from './pass';
import { blockIn } from './policy-writer';

const NAME = 'dkim';

/**
 * Keys and signing. PowerMTA tries its keys in order, the virtual-mta's before the global ones, and signs with the first
 * whose domain is the sender's or a parent of it, or `*` (M5 3.3.1.33.1, 10.6.2). KumoMTA's helper takes the key of
 * exactly the From domain. dkim_data.toml is enough when every recipient is signed for, all keys are global and each
 * names one domain of its own; otherwise Lua follows PowerMTA's rule.
 */
export const dkimPass: Pass = {
  name: NAME,
  needs: ['egress', 'pools', 'selection'],
  run(context) {
    const first = signatureOf(context, '');
    const second = signatureOf(context, 'second-');
    if (first === undefined && second === undefined) {
      settleUnusedKeys(context, NAME);
      settleLines(context, NAME, false);
      dropHeaders(context, NOTHING_SIGNED);
      return;
    }
    const keys = collectKeys(context, NAME);
    const haveKeys = keys.all.length > 0 || someRule(context, 'process_x_dkim_key');
    settleLines(context, NAME, haveKeys);
    if (!haveKeys) {
      dropHeaders(context, NOTHING_SIGNED);
    } else if (context.options.dkim === 'helper' && helperIsEnough(context, keys, first, second)) {
      writeHelper(context, keys.global, first, second);
      dropHeaders(context, NOTHING_TO_CHOOSE);
    } else {
      context.policy.lua.signing = {
        globalKeys: keys.global,
        tenantKeys: keys.byTenant,
        keyLists: keys.lists,
        first: first ?? neverSign(),
        ...(second === undefined ? {} : { second }),
      };
    }
  },
};

const HEADERS = [
  ['process-x-dkim-options', 'process_x_dkim_options', 'retain_x_dkim_options', 'X-DKIM-Options'],
  ['process-x-dkim-key', 'process_x_dkim_key', 'retain_x_dkim_key', 'X-DKIM-Key'],
] as const;

const NOTHING_TO_CHOOSE =
  'The header is taken off but not read: with one key per domain the DKIM helper has nothing to choose from.';
const NOTHING_SIGNED = 'Nothing is signed, so the header is taken off, whoever sends it, and not read.';

/** Takes off the headers that choose a key, where nothing asks Lua to read them: they must not travel on. */
function dropHeaders(context: PassContext, note: string): void {
  const { lua } = context.policy;
  for (const [directive, process, retain, header] of HEADERS) {
    if (someRule(context, process) && !someRule(context, retain)) lua.removeHeaders.push(header);
    for (const { fields } of [...lua.sourcesByCidr.values(), ...lua.sourcesByName.values()]) {
      fields.delete(process);
      fields.delete(retain);
    }
    for (const line of context.config.settings) {
      if (line.name !== directive || line.value?.kind !== 'bool' || !line.value.value) continue;
      context.ledger.settle(line, 'approximate', 'selection', note);
    }
  }
}

function neverSign(): SignatureRules {
  return { recipients: [], identity: 'sender-or-from', headers: SIGNED_HEADERS, fields: new Map() };
}

function helperIsEnough(
  context: PassContext,
  keys: SigningKeys,
  first: SignatureRules | undefined,
  second: SignatureRules | undefined,
): boolean {
  const domains = keys.global.map((key) => key.domain);
  const uniform = (rules: SignatureRules | undefined) =>
    rules === undefined ||
    ((rules.others ?? []).length === 0 &&
      rules.recipients.every((entry) => entry.sign === true) &&
      rules.recipients.some((entry) => entry.domain === 'default' && entry.tenant === ''));
  const bySender = first !== undefined && first.identity === 'sender-or-from' && first.fallback === undefined;
  const fixed = second === undefined || keyForIdentity(keys.global, second) !== undefined;
  return (
    keys.byTenant.size === 0 &&
    keys.lists.size === 0 &&
    !['process_x_dkim_key', 'retain_x_dkim_options'].some((key) => someRule(context, key)) &&
    new Set(domains).size === domains.length &&
    !domains.includes('*') &&
    // The helper takes the nearest key, PowerMTA the first that is the domain or a parent of it.
    !domains.some((domain) => domains.some((other) => domain.endsWith(`.${other}`))) &&
    uniform(first) &&
    uniform(second) &&
    bySender &&
    fixed
  );
}

/** The key of a signature with a fixed identity (`@esp.test`), when it names exactly the key's domain. */
function keyForIdentity(keys: readonly SigningKey[], rules: SignatureRules): SigningKey | undefined {
  const domain = rules.identity.toLowerCase().replace(/^.*@/, '');
  return keys.find((key) => key.domain === domain);
}

const SUBDOMAINS =
  'The DKIM helper signs for exactly this domain; PowerMTA also signs for senders in its subdomains with the same key.';

function writeHelper(
  context: PassContext,
  keys: readonly SigningKey[],
  first: SignatureRules | undefined,
  second: SignatureRules | undefined,
): void {
  const { dkim } = context.policy;
  const { installDir } = context.options;
  if (first !== undefined) {
    dkim.base.fields.set('policy', { value: 'Always', origins: [] });
    dkim.base.fields.set('headers', { value: first.headers, origins: [] });
    for (const [name, value] of first.fields) dkim.base.fields.set(name, value);
  }
  const put = (fields: FieldMap, key: SigningKey): void => {
    fields.set('selector', { value: key.selector, origins: key.origins });
    const usual = join(dirname(installDir), 'dkim', key.domain, `${key.selector}.key`);
    const helperDefault = `/opt/kumomta/etc/dkim/${key.domain}/${key.selector}.key`;
    if (usual !== key.file || key.file !== helperDefault)
      fields.set('filename', { value: key.file, origins: key.origins });
  };
  for (const line of context.config.top.settings) {
    if (line.name === 'domain-key' && line.value !== undefined)
      context.ledger.settle(line, 'approximate', NAME, SUBDOMAINS);
  }
  context.diagnostics.report('dkim-by-domain', keys[0]?.origins[0], { count: String(keys.length) });
  for (const key of keys) {
    const block = blockIn(dkim.domains, key.domain);
    put(block.fields, key);
    block.origins.push(...key.origins);
  }
  if (second === undefined) return;
  const key = keyForIdentity(keys, second);
  if (key === undefined) return;
  dkim.base.fields.set('additional_signatures', { value: ['second'], origins: [] });
  const block = blockIn(dkim.signatures, 'second');
  block.fields.set('domain', { value: key.domain, origins: key.origins });
  put(block.fields, key);
  block.fields.set('headers', { value: second.headers, origins: [] });
  for (const [name, value] of second.fields) block.fields.set(name, value);
  block.fields.set('policy', { value: 'Always', origins: [] });
  block.origins.push(...key.origins);
}
