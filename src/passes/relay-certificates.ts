import type { Span } from '../diagnostics/span';
import type { FieldBlock, PathBlock } from '../kumo/model';
import type { PassContext } from './pass';
import { resolvePathField } from './path-resolution';

const USER = 'smtp_auth_plain_username';
const TLS = 'enable_tls';

/**
 * PowerMTA logs in at a relay whatever its certificate says. So do KumoMTA's releases so far; coming ones do not unless
 * allow_smtp_auth_plain_without_valid_certificate is set, which those so far refuse (KumoMTA, changelog of the mainline).
 */
export function warnOfUnverifiedLogins(context: PassContext): void {
  const { diagnostics } = context;
  const found = places(context).filter(({ domain, source, block }) => isUnverified(context, domain, source, block));
  const [first] = found;
  if (first === undefined) return;
  const names = [...new Set(found.map(({ domain }) => domain))];
  const more = names.length === 1 ? '' : ` and ${names.length - 1} more`;
  const span = found.flatMap(({ block }): readonly Span[] => block.fields.get(USER)?.origins ?? [])[0];
  diagnostics.report('relay-certificate', span, { where: `${first.domain}${more}` });
}

interface PathPlace {
  readonly domain: string;
  readonly source: string | undefined;
  readonly block: FieldBlock;
}

/** Every block of paths, with a domain that it is for. */
function places({ policy }: PassContext): readonly PathPlace[] {
  const { shaping } = policy;
  const at = (domain: string, block: FieldBlock & Pick<PathBlock, 'sources'>): readonly PathPlace[] => [
    { domain, source: undefined, block },
    ...[...block.sources].map(([source, own]) => ({ domain, source, block: own })),
  ];
  return [
    ...at('*', shaping.default),
    ...shaping.providers.flatMap((provider) => {
      const suffix = provider.match.flatMap((entry) => ('DomainSuffix' in entry ? [entry.DomainSuffix] : []))[0] ?? '';
      return at(`*${suffix}`, provider);
    }),
    ...[...shaping.domains].flatMap(([domain, block]) => at(domain, block)),
  ];
}

/** Whether a block decides that a login goes over TLS without a look at the certificate. */
function isUnverified(
  context: PassContext,
  domain: string,
  source: string | undefined,
  { fields }: FieldBlock,
): boolean {
  if (!fields.has(USER) && !fields.has(TLS)) return false;
  const value = (name: string) => fields.get(name)?.value ?? resolvePathField(context, domain, source, name);
  return value(USER) !== undefined && String(value(TLS)).endsWith('Insecure');
}
