import { asTable, quoted } from '../api/value';
import type { LoadedParts } from '../runtime/answers';

/** Where convert writes who may log in; the handler in init.lua reads `password` and `source` of each user's table. */
const USERS = 'smtp_users.toml';

/** A user that is written otherwise can never log in, and nothing in KumoMTA says so. Values are never shown. */
export function checkUsers({ context }: LoadedParts): void {
  const { tree, files, findings } = context;
  if (!tree.files.has(USERS) || !(tree.files.get('init.lua') ?? '').includes(USERS)) return;
  const data = files.load(`${tree.installDir}/${USERS}`, undefined);
  for (const [name, value] of Object.entries(data?.table ?? {})) {
    const user = asTable(value);
    const wrong = (what: string, ...keys: readonly string[]) =>
      findings.add('tree-bad-type', `${USERS}: ${quoted(name)} ${what}`, data?.placeOf([name, ...keys]));
    if (user === undefined) wrong('has to be a table with a password');
    else if (typeof user['password'] !== 'string') wrong('has to have a password that is a text', 'password');
    else if (user['source'] !== undefined && typeof user['source'] !== 'string')
      wrong('has a source that is no text', 'source');
  }
}
