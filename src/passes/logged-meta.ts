import type { Pass } from './pass';

/** Key of a rule → what it keeps in the message for the records. */
const LOGGED: readonly (readonly [key: string, meta: string])[] = [
  ['process_x_envid', 'x_pmta_envid'],
  ['unique_job_header', 'x_pmta_job'],
];

/** Envelope ids, and jobs that are no campaigns, are columns of PowerMTA's records (M5 11.2): each log gets them. */
export const loggedMetaPass: Pass = {
  name: 'logged-meta',
  needs: ['selection', 'server'],
  run({ policy: { logs, lua } }) {
    const rules = [...lua.sourcesByCidr.values(), ...lua.sourcesByName.values()];
    const wanted = LOGGED.filter(([key]) =>
      rules.some(({ fields }) => (fields.get(key)?.value ?? false) !== false),
    ).map(([, meta]) => meta);
    if (wanted.length === 0) return;
    for (const { fields } of logs) {
      const known = fields.get('meta');
      const names = Array.isArray(known?.value) ? known.value : [];
      fields.set('meta', { value: [...new Set([...names, ...wanted])], origins: known?.origins ?? [] });
    }
  },
};
