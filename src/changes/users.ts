import { asTable, type PolicyTable } from '../kumo/api/value';
import { parseJson, parseToml } from '../kumo/runtime/data-file';
import { differencesOf } from './fields';
import { stable } from './meaning';
import { bothPlaces, type Pair } from './pair';
import { peersOf } from './probes';
import { textMeaning } from './queues';
import { type Side, timed } from './side';

/** Of the users, this many try to log in. */
const MOST_USERS = 200;
const FILE = /(?:^|\/)smtp_users\.(?:toml|json)$/;

/** Compares which SMTP users there are. Passwords are compared, and never shown. */
export function compareUsers(pair: Pair): void {
  const [old, wanted] = [usersOf(pair.before), usersOf(pair.after)];
  const names = [...new Set([...old.keys(), ...wanted.keys()])].slice(0, MOST_USERS);
  for (const name of names) {
    const [before, after] = [old.get(name), wanted.get(name)];
    if (before !== undefined && after !== undefined) compareUser(pair, name, before, after);
    else compareLogin(pair, name, before ?? after ?? {});
  }
}

function compareUser(pair: Pair, name: string, before: PolicyTable, after: PolicyTable): void {
  const { password: old, ...oldRest } = before;
  const { password: wanted, ...wantedRest } = after;
  const placed = (field: readonly string[]) => bothPlaces(pair, [[name, ...field], [name]], {}, field);
  pair.tally.addFields({ area: 'users', subject: [name] }, differencesOf(oldRest, wantedRest, new Map()), placed);
  if (stable(old) === stable(wanted)) return;
  pair.tally.add({
    area: 'users',
    kind: 'changed',
    subject: [name],
    field: 'password',
    before: { key: 'before', shown: '(hidden)' },
    after: { key: 'after', shown: '(another, hidden)' },
    judgement: { verdict: 'differs' },
    placesOf: () => placed(['password']),
  });
}

/** A user that one tree keeps in a file: the other may know it from elsewhere. */
function compareLogin(pair: Pair, name: string, { password }: PolicyTable): void {
  if (typeof password !== 'string') return;
  const [peer = '127.0.0.1'] = peersOf(pair);
  const [before, after] = [pair.before, pair.after].map((side) =>
    timed(side, () => side.tree.auth(name, password, peer)),
  );
  if (before === after) return;
  pair.tally.add({
    area: 'users',
    kind: 'changed',
    subject: [name],
    field: 'may log in',
    before: textMeaning(before === true ? 'yes' : 'no'),
    after: textMeaning(after === true ? 'yes' : 'no'),
    judgement: after === true ? { verdict: 'looser', risk: 'relaying' } : { verdict: 'stricter' },
    placesOf: () => bothPlaces(pair, [[name]], {}, []),
  });
}

function usersOf({ files }: Side): ReadonlyMap<string, PolicyTable> {
  const users = new Map<string, PolicyTable>();
  for (const [path, text] of files) {
    if (!FILE.test(path)) continue;
    const data = path.endsWith('.toml') ? parseToml(text) : parseJson(text);
    for (const [name, value] of Object.entries('table' in data ? data.table : {})) {
      const table = asTable(value);
      if (table !== undefined) users.set(name, table);
    }
  }
  return users;
}
