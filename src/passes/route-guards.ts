import type { PassContext } from './pass';
import { placesOf } from './places';
import { landingOf } from './routes';

const AUTH_FIELDS = ['smtp_auth_plain_username', 'smtp_auth_plain_password', 'allow_smtp_auth_plain_without_tls'];

/** Credentials for a relay must not go to a domain's public mail exchangers when the route to the relay is missing. */
export function dropAuthWithoutRoute(context: PassContext): void {
  const { config, policy } = context;
  for (const [domain, block] of policy.shaping.domains) {
    if (!block.fields.has('smtp_auth_plain_username') || policy.queues.get(domain)?.fields.has('protocol')) continue;
    if (
      placesOf([config.domains]).some(
        (place) => landingOf(config, undefined, place.domain) === domain && place.domain !== domain,
      )
    )
      continue;
    for (const name of AUTH_FIELDS) block.fields.delete(name);
    for (const { block: own, patterns } of config.domains.blocks) {
      if (!patterns.some((pattern) => 'name' in pattern && pattern.name === domain)) continue;
      const note = 'There is no route to the relay that these credentials are for, so they are not written.';
      for (const line of own.settings) {
        if (line.value !== undefined && line.name.startsWith('auth-'))
          context.ledger.settle(line, 'manual', 'shaping-lines', note);
      }
    }
  }
}
