import { createHash } from 'node:crypto';
import { join } from 'node:path/posix';
import type { Span } from '../diagnostics/span';
import type { KumoPolicy } from '../kumo/model';
import type { Setting } from '../pmta/model';
import type { Pass, PassContext } from './pass';
import { hasPlaces } from './places';
import { warnOfUnverifiedLogins } from './relay-certificates';

/** The pass that settles the other lines of paths; that of routes may take credentials back under its name. */
const BY = 'shaping-lines';
/** Characters of a file's name; those of most file systems end at 255 bytes. */
const LONGEST_NAME = 120;

/**
 * Where the password of a relay stands, relative to the tree: in a file of its own, because KumoMTA takes a plain text for
 * the name of a file. No two scopes share one: `+` and `_` stand in names only where they are put here.
 */
export function passwordFile({ scope }: Setting): string {
  const domain = scope.argument === '*' ? 'every_domain' : fileNameOf(scope.argument);
  const owner = scope.parent?.argument ?? '';
  const name = owner === '' ? domain : `${fileNameOf(owner)}+${domain}`;
  if (name.length <= LONGEST_NAME) return `secrets/relay-${name}`;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `secrets/relay-${name.slice(0, LONGEST_NAME)}+${hash}`;
}

function fileNameOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9.-]/gu, (character) => `_${character.codePointAt(0)?.toString(16) ?? ''}_`);
}

/**
 * auth-password (M5 3.3.10.55): the password of each line that some path uses goes into its file, and nowhere else. After
 * every pass that moves paths or takes credentials back from them.
 */
export const relayPasswordsPass: Pass = {
  name: 'relay-passwords',
  needs: ['shaping', 'routing', 'rollup', 'mx-sharing'],
  run(context) {
    const used = usedPasswords(context.policy);
    for (const line of context.config.settings) {
      if (line.name === 'auth-password' && line.scope.kind === 'domain' && hasPlaces(line.scope))
        settle(context, line, used);
    }
    warnOfUnverifiedLogins(context);
  },
};

/** Lines whose password some path of the policy uses. */
function usedPasswords({ shaping }: KumoPolicy): ReadonlySet<Span> {
  const blocks = [shaping.default, ...shaping.providers, ...shaping.domains.values()];
  const all = blocks.flatMap((block) => [block, ...block.sources.values()]);
  return new Set(all.flatMap(({ fields }) => fields.get('smtp_auth_plain_password')?.origins ?? []));
}

const UNUSED = 'No path of KumoMTA takes this password: write it into a file that the block of the relay names.';

function settle(context: PassContext, line: Setting, used: ReadonlySet<Span>): void {
  const { ledger, policy, options } = context;
  if (line.value?.kind !== 'secret') return;
  const content = line.value.value;
  if (content === '') {
    settleCleared(context, line, BY);
    return;
  }
  const path = passwordFile(line);
  const taken = policy.secrets.find((file) => file.path === path);
  if (!used.has(line.span) || (taken !== undefined && taken.content !== content)) {
    if (!ledger.isSettled(line)) ledger.settle(line, 'manual', BY, UNUSED);
    return;
  }
  if (taken === undefined) policy.secrets.push({ path, content });
  const note = `The password stands in ${join(options.installDir, path)}, which the user kumod has to be able to read.`;
  ledger.settle(line, 'exact', BY, note);
}

/** An empty user name or password takes away what a wider block says, which no block of KumoMTA can. */
export function settleCleared(context: PassContext, line: Setting, by: string): void {
  const wider = context.config.settings.some(
    (other) => other !== line && other.name === line.name && other.scope.argument === '*' && !isEmpty(other),
  );
  const note =
    'KumoMTA cannot take it away from a single domain: write it for the domains that need it instead of for all.';
  if (wider) context.ledger.settle(line, 'manual', by, note);
  else context.ledger.settle(line, 'implicit', by, 'With this value the directive asks for nothing.');
}

/** True for a user name or password that is the empty text. */
export function isEmpty({ value }: Setting): boolean {
  return value === undefined || ((value.kind === 'text' || value.kind === 'secret') && value.value === '');
}
