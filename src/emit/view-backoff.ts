import type { KumoPolicy, KumoTable } from '../kumo/model';
import { groupedByText, rowsByOwner } from './view-rows';

type Row = KumoPolicy['lua']['backoffRetry'][number];

/** One row for each list and reaction, with the domains it holds for, by tenant. */
export function backoffRows(rows: readonly Row[]): readonly KumoTable[] {
  const entries = rows.map((row) => ({
    owner: row.tenant,
    key: row.domain,
    value: JSON.stringify(reactionOf(row)),
  }));
  const owners = groupedByText(rowsByOwner(entries));
  const distinct = new Map(rows.map((row, index) => [entries[index]?.value ?? '', reactionOf(row)]));
  return [...distinct].map(([key, reaction]) => {
    const domains = owners.flatMap(({ name, value }) => {
      const found = Object.entries(value).find(([each]) => each === key);
      return found === undefined ? [] : [[name, found[1]] as const];
    });
    return { ...reaction, domains: Object.fromEntries(domains) };
  });
}

function reactionOf({ list, seconds, reroute }: Row): KumoTable {
  return {
    list,
    ...(seconds.length === 0 ? {} : { seconds }),
    ...(reroute === undefined ? {} : { reroute }),
  };
}
