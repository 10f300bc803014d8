import { dirname, join } from 'node:path/posix';
import type { FieldMap, SignatureRules, SigningKey } from '../kumo/model';
import type { EffectiveSettings } from '../pmta/model';
import { collectKeys, type SigningKeys } from './dkim-keys';
import { firstWith, SIGNED_HEADERS, signatureOf } from './dkim-rules';
import type { Pass, PassContext } from './pass';
import { blockIn } from './policy-writer';
import { settleByRow } from './settle';

const NAME = 'dkim';

/**
 * Keys and signing. PowerMTA tries its keys in order, the virtual-mta's before the global ones, and signs with the first
 * whose domain is the sender's or a parent of it, or `*` (M5 3.3.1.33.1, 10.6.2). KumoMTA's helper takes the key of
 * exactly the From domain. dkim_data.toml is enough when every recipient is signed for, all keys are global and each
 * names one domain of its own; otherwise Lua follows PowerMTA's rule.
 */
export const dkimPass: Pass = {
  name: NAME,
  needs: ['egress', 'pools'],
  run(context) {
    const first = signatureOf(context, '');
    const second = signatureOf(context, 'second-');
    if (first === undefined && second === undefined) {
      settleUnusedKeys(context);
      settleLines(context, false, new Map());
      return;
    }
    const keys = collectKeys(context, NAME);
    settleLines(context, keys.all.length > 0, new Map([...firstWith(context, ''), ...firstWith(context, 'second-')]));
    if (keys.all.length === 0) return;
    if (context.options.dkim === 'helper' && helperIsEnough(keys, first, second)) {
      writeHelper(context, keys.global, first, second);
      dropOptionsHeader(context);
    } else {
      context.policy.lua.signing = {
        globalKeys: keys.global,
        tenantKeys: keys.byTenant,
        first: first ?? neverSign(),
        ...(second === undefined ? {} : { second }),
      };
    }
  },
};

/** Keys without any dkim-sign: PowerMTA signs nothing unless it is told to (M5 3.3.10.19). */
function settleUnusedKeys(context: PassContext): void {
  for (const line of context.config.settings) {
    if (line.name !== 'domain-key' || line.value === undefined) continue;
    context.ledger.settle(
      line,
      'implicit',
      NAME,
      'No dkim-sign asks for signatures, so PowerMTA signs nothing with it.',
    );
  }
}

const OPTION_RULES = ['process_x_dkim_options', 'retain_x_dkim_options'];

/** The helper reads no X-DKIM-Options header: with one key per domain there is nothing to choose. */
function dropOptionsHeader(context: PassContext): void {
  const { lua } = context.policy;
  const rules = [...lua.sourcesByCidr.values(), ...lua.sourcesByName.values()];
  for (const { fields } of rules) for (const key of OPTION_RULES) fields.delete(key);
  let removed = false;
  for (const line of context.config.settings) {
    if (line.name !== 'process-x-dkim-options' || line.value?.kind !== 'bool' || !line.value.value) continue;
    removed = true;
    const note =
      'The header is taken off but not read: with one key per domain the DKIM helper has nothing to choose from.';
    context.ledger.settle(line, 'approximate', 'selection', note);
  }
  if (removed) lua.removeHeaders.push('X-DKIM-Options');
}

function neverSign(): SignatureRules {
  return { recipients: [], identity: 'sender-or-from', headers: SIGNED_HEADERS, fields: new Map() };
}

function helperIsEnough(
  keys: SigningKeys,
  first: SignatureRules | undefined,
  second: SignatureRules | undefined,
): boolean {
  const domains = keys.global.map((key) => key.domain);
  const uniform = (rules: SignatureRules | undefined) =>
    rules === undefined ||
    (rules.recipients.every((entry) => entry.sign === true) &&
      rules.recipients.some((entry) => entry.domain === 'default' && entry.tenant === ''));
  const bySender = first !== undefined && first.identity === 'sender-or-from' && first.fallback === undefined;
  const fixed = second === undefined || keyForIdentity(keys.global, second) !== undefined;
  return (
    keys.byTenant.size === 0 &&
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

const TAKEN: ReadonlySet<string> = new Set([
  'dkim-body-canon',
  'dkim-expire-after',
  'dkim-headers',
  'dkim-headers-canon',
  'dkim-identity',
  'dkim-identity-fallback',
  'dkim-sign',
]);

function settleLines(context: PassContext, haveKeys: boolean, chosen: EffectiveSettings): void {
  for (const line of context.config.settings) {
    if (line.scope.kind !== 'domain' || line.value === undefined || !TAKEN.has(line.name.replace(/^second-/, '')))
      continue;
    const on = line.value.kind === 'text' && !['no', 'false'].includes(line.value.value);
    if (!haveKeys && on && line.name.endsWith('dkim-sign')) {
      context.ledger.settle(line, 'implicit', NAME, 'No domain-key is configured, so PowerMTA signs nothing here.');
    } else if (!line.name.endsWith('dkim-sign') && chosen.get(line.name)?.setting.raw !== line.raw) {
      const note = 'One set of signing options is written for all recipients, and another line gives it.';
      context.ledger.settle(line, 'approximate', NAME, note);
    } else {
      settleByRow(context, line, NAME);
    }
  }
}
