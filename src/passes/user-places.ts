import type { PmtaConfig } from '../pmta/model';
import { lineOf } from '../pmta/precedence';
import { isOn, peerRules } from './acl';

/**
 * Whether a user may relay from some networks only, because it is the source of the client's address that allows it
 * (M5 3.3.7, 10.4.2). KumoMTA's relay_from_authz knows no networks.
 */
export function usersRelayByPlace(config: PmtaConfig): boolean {
  const sources = new Set(
    config.top.blocks
      .filter(({ kind }) => kind === 'smtp-user')
      .map((block) => {
        const source = lineOf(block, 'source')?.value;
        return source?.kind === 'text' ? source.value.toLowerCase() : '{auth}';
      }),
  );
  return [...sources].some((name) => {
    const served = peerRules(config, name).filter((rule) => isOn(rule, 'smtp-service', true));
    return new Set(served.map((rule) => isOn(rule, 'always-allow-relaying', false))).size > 1;
  });
}
