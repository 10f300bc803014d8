import type { ScopeBlock } from '../pmta/model';
import { lineOf } from '../pmta/precedence';
import { namedSource } from '../pmta/source-match';
import { mayRelay, peerRules } from './acl';
import type { Pass, PassContext } from './pass';
import { addOrigins, blockIn } from './policy-writer';

const NAME = 'users';

/**
 * `<smtp-user>`: passwords go to smtp_users.toml and nowhere else. A user whose `<source>` allows relaying may relay for
 * every sender domain; KumoMTA ties that to the entry of the sender's domain, so each entry repeats it (M5 3.3.8,
 * 10.4.2; KumoMTA listener-domains helper).
 */
export const usersPass: Pass = {
  name: NAME,
  needs: ['relay-domains'],
  run(context) {
    const blocks = context.config.top.blocks.filter((block) => block.kind === 'smtp-user' && block.argument !== '');
    const relaying = blocks.filter((block) => convertUser(context, block));
    const [first] = blocks;
    if (first?.tag !== undefined)
      context.diagnostics.report('auth-plain-tls', first.tag.span, { count: String(blocks.length) });
    if (relaying.length === 0) return;
    const names = [...new Set(relaying.map((block) => block.argument))];
    const { listenerDomains } = context.policy;
    blockIn(listenerDomains, '*');
    for (const entry of listenerDomains.values()) {
      const origins = relaying.flatMap((block) => block.tag?.span ?? []);
      entry.fields.set('relay_from_authz', { value: names, origins });
    }
    const everybody = listenerDomains.get('*');
    if (everybody !== undefined)
      addOrigins(
        everybody,
        relaying.flatMap((block) => block.tag ?? []),
      );
  },
};

/** True when the user may relay. */
function convertUser(context: PassContext, block: ScopeBlock): boolean {
  const { config, ledger, policy } = context;
  const [method, password, source] = ['authentication-method', 'password', 'source'].map((name) => lineOf(block, name));
  if (block.tag !== undefined) ledger.settle(block.tag, 'exact', NAME);
  if (source !== undefined) ledger.settle(source, 'exact', NAME);
  const byPassword = method?.value?.kind !== 'text' || method.value.value === 'password';
  if (method !== undefined) {
    ledger.settle(method, byPassword ? 'exact' : 'manual', NAME, byPassword ? undefined : method.row?.note);
  }
  // A user of the main file is not replaced by one of config-defaults.
  const replaced = block.tag?.fromDefaults === true && policy.users.has(block.argument);
  if (password?.value?.kind === 'secret' && byPassword && !replaced) {
    ledger.settle(password, 'exact', NAME);
    policy.users.set(block.argument, {
      name: block.argument,
      password: password.value.value,
      ...(source?.value?.kind === 'text' ? { source: source.value.value.toLowerCase() } : {}),
      origins: [password.span],
    });
  }
  const name = source?.value?.kind === 'text' ? source.value.value : '{auth}';
  const relay = namedSource(config, name)?.get('always-allow-relaying');
  if (relay !== undefined && !ledger.isSettled(relay)) ledger.settle(relay, 'exact', NAME);
  return peerRules(config, name).some(mayRelay);
}
