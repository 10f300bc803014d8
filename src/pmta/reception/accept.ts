import type { PmtaConfig, Setting } from '../model';
import { type ClientRule, isOn, type Login } from './client';
import { listed, takenFromAnybody } from './recipients';
import type { Fits, SampleMessage } from './sample';

/** Whether PowerMTA takes a message, up to the choice of its virtual-mta. `lines`: those that decide. */
export interface Acceptance {
  /** Undefined when it cannot be told. */
  readonly accepted: boolean | undefined;
  /** A few words: how it is taken, or why not. */
  readonly reason: string;
  readonly lines: readonly Setting[];
}

/**
 * Whether a client may hand in a message: SMTP service, AUTH, relaying, lists of suppressed recipients (M5 3.3.1.32,
 * 3.3.7). What depends on DNS is taken as passed. `before`: the rule of the client before it logs in.
 */
export function acceptance(
  config: PmtaConfig,
  before: ClientRule,
  rule: ClientRule,
  login: Login,
  message: SampleMessage,
  fits: Fits,
): Acceptance {
  const said = (name: string): readonly Setting[] => [rule.get(name) ?? []].flat();
  const refused = (reason: string, lines: readonly Setting[]): Acceptance => ({ accepted: false, reason, lines });
  if (!isOn(before, 'smtp-service', true)) return refused('no SMTP service', said('smtp-service'));
  if (message.user !== undefined && !isOn(before, 'allow-auth', true)) return refused('no AUTH', said('allow-auth'));
  if (login === 'no-such-user') return refused('wrong user or password', []);
  if (login === 'by-other-means')
    return { accepted: undefined, reason: 'the user logs in without a password', lines: [] };
  if (login === 'none' && isOn(rule, 'require-auth', false)) return refused('AUTH is required', said('require-auth'));
  return relaying(config, rule, message, fits, said);
}

function relaying(
  config: PmtaConfig,
  rule: ClientRule,
  { to }: SampleMessage,
  fits: Fits,
  said: (name: string) => readonly Setting[],
): Acceptance {
  const open = takenFromAnybody(config, to, fits);
  const relay = isOn(rule, 'always-allow-relaying', false);
  if (open === undefined && !relay)
    return { accepted: false, reason: 'relaying is not permitted', lines: said('always-allow-relaying') };
  const lines = relay ? said('always-allow-relaying') : open === undefined ? [] : [open];
  const names = rule.get('suppression-lists')?.value;
  const { lines: entries, doubt } = listed(config, names?.kind === 'list' ? names.values : [], to, fits);
  const late = isOn(rule, 'accept-invalid-recipients', false);
  const suppression = [...said('suppression-lists'), ...entries];
  if (doubt && !late)
    return { accepted: undefined, reason: 'a list of suppressed addresses is not read', lines: suppression };
  if (entries.length > 0 && !late)
    return { accepted: false, reason: 'the recipient is suppressed', lines: suppression };
  return { accepted: true, reason: relay ? 'relaying' : 'taken from anybody', lines };
}
