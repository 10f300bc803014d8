import type { PmtaConfig } from '../pmta/model';
import { linesOf } from '../pmta/precedence';

/** A mailbox that KumoMTA takes as it stands; others would be refused whenever a message meets them. */
const ADDRESS =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/;

export function isAddress(text: string): boolean {
  return ADDRESS.test(text);
}

/** This server's own domains: the global host-names, the first of which is its name (M5 3.3.1.25). Lower case. */
export function localDomains(config: PmtaConfig): readonly string[] {
  return linesOf(config.top, 'host-name').flatMap(({ value }) =>
    value?.kind === 'text' && value.value !== '' ? [value.value.toLowerCase()] : [],
  );
}
