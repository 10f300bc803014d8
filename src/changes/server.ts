import { type StructName, structs } from '../kumo/api/structs';
import { asList, type PolicyTable } from '../kumo/api/value';
import { readTable } from '../kumo/runtime/read-result';
import type { Area, Risk } from './change';
import { summaryOf } from './egress';
import { differencesOf } from './fields';
import { NOWHERE } from './names';
import { bothPlaces, type Pair, treePlace } from './pair';
import { candidates } from './places';
import { peersOf } from './probes';
import { textMeaning } from './queues';
import { type Side, timed } from './side';

/** Tables that a policy hands over once, each told from the others by some of its fields. */
interface Kind {
  readonly area: Area;
  readonly label: string;
  readonly struct: StructName;
  readonly call: string;
  readonly by: readonly string[];
  tablesOf(side: Side): readonly PolicyTable[];
  /** Of one that is added. */
  readonly risk?: Risk;
}

const KINDS: readonly Kind[] = [
  {
    area: 'listeners',
    label: 'SMTP',
    struct: 'esmtp_listener',
    call: 'kumo.start_esmtp_listener',
    by: ['listen'],
    tablesOf: ({ parts }) => parts.captured.listeners,
    risk: 'relaying',
  },
  {
    area: 'listeners',
    label: 'HTTP',
    struct: 'http_listener',
    call: 'kumo.start_http_listener',
    by: ['listen'],
    tablesOf: ({ parts }) => parts.captured.httpListeners,
    risk: 'relaying',
  },
  {
    area: 'listeners',
    label: 'HTTP of tsa-daemon',
    struct: 'http_listener',
    call: 'tsa.start_http_listener',
    by: ['listen'],
    tablesOf: ({ tsa }) => tsa?.captured.httpListeners ?? [],
  },
  {
    area: 'storage',
    label: 'spool',
    struct: 'spool',
    call: 'kumo.define_spool',
    by: ['name'],
    tablesOf: ({ parts }) => parts.captured.spools,
  },
  {
    area: 'logging',
    label: 'log in',
    struct: 'local_logs',
    call: 'kumo.configure_local_logs',
    by: ['log_dir'],
    tablesOf: ({ parts }) => parts.captured.logs,
  },
  {
    area: 'logging',
    label: 'log hook',
    struct: 'log_hook',
    call: 'kumo.configure_log_hook',
    by: ['name'],
    tablesOf: ({ parts }) => parts.captured.logHooks,
  },
];

/** Compares listeners, spools, logs and log hooks. */
export function compareServer(pair: Pair): void {
  for (const kind of KINDS) {
    const [before, after] = [named(kind, pair.before), named(kind, pair.after)];
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      compareTable(pair, kind, name, before.get(name), after.get(name));
    }
  }
  compareHandlers(pair);
}

function named(kind: Kind, side: Side): ReadonlyMap<string, PolicyTable> {
  const tables = new Map<string, PolicyTable>();
  for (const table of kind.tablesOf(side)) {
    const name = `${kind.label} ${kind.by.map((field) => String(table[field] ?? structs[kind.struct].fields.get(field)?.default ?? '')).join(' ')}`;
    let key = name;
    for (let count = 2; tables.has(key); count++) key = `${name} (${count})`;
    tables.set(key, table);
  }
  return tables;
}

function compareTable(
  { before, after, tally }: Pair,
  { area, call, struct, risk }: Kind,
  name: string,
  old: PolicyTable | undefined,
  wanted: PolicyTable | undefined,
): void {
  const rows = structs[struct].fields;
  const place = (side: Side, table: PolicyTable | undefined, field: readonly string[]) => {
    const { parts, tsa } = side;
    const at = table && (parts.captured.places.get(table) ?? tsa?.captured.places.get(table));
    const found = at && parts.context.lua.keyOf(at, call, field);
    return found === undefined ? [] : [treePlace(found), ...(at === undefined ? [] : [treePlace(at)])];
  };
  const placed = (field: readonly string[]) => ({
    tree: place(before, old, field),
    converted: place(after, wanted, field),
  });
  if (old !== undefined && wanted !== undefined) {
    tally.addFields({ area, subject: [name] }, differencesOf(old, wanted, rows), placed);
    return;
  }
  const shown = summaryOf(old ?? wanted ?? {}, rows);
  tally.add({
    area,
    kind: wanted === undefined ? 'removed' : 'added',
    subject: [name],
    ...(wanted === undefined ? { before: shown } : { after: shown }),
    judgement: wanted === undefined || risk === undefined ? { verdict: 'differs' } : { verdict: 'looser', risk },
    placesOf: () => placed([]),
  });
}

/** Events whose answers are compared themselves, and those that the helpers register for their own needs. */
const ASKED =
  /^(?:get_(?:egress_|queue_config|listener_domain|acl_)|init$|pre_init$|main$|validate_config$|throttle_insert_ready_queue$|should_enqueue_log_record$|make\.)/;

function compareHandlers({ before, after, tally }: Pair): void {
  const [old, wanted] = [before, after].map(({ parts }) =>
    [...parts.captured.events].filter((name) => !ASKED.test(name)),
  );
  for (const name of new Set([...(old ?? []), ...(wanted ?? [])])) {
    if (old?.includes(name) === wanted?.includes(name)) continue;
    const added = wanted?.includes(name) === true;
    tally.add({
      area: 'handlers',
      kind: added ? 'added' : 'removed',
      subject: [name],
      judgement: { verdict: 'differs' },
    });
  }
}

/** Of the domains, this many are asked about. */
const MOST_DOMAINS = 600;
const STRANGER = '203.0.113.77';

/** Compares what the listeners know of domains: who may relay to or from them, and what is done with reports. */
export function compareListenerDomains(pair: Pair): void {
  const rows = structs.listener_domain.fields;
  for (const domain of [NOWHERE.domain, ...pair.names.domains].slice(0, MOST_DOMAINS)) {
    const answers = { before: entryOf(pair.before, domain), after: entryOf(pair.after, domain) };
    pair.tally.addFields(
      { area: 'listener-domains', subject: [domain] },
      differencesOf(answers.before, answers.after, rows),
      (field) => bothPlaces(pair, candidates.block([], domain, field), {}, field),
    );
  }
}

function entryOf(side: Side, domain: string): PolicyTable {
  const { parts } = side;
  const listener = String(parts.captured.listeners[0]?.['listen'] ?? '127.0.0.1:2025').replace(
    /^0\.0\.0\.0:/,
    '192.0.2.1:',
  );
  const spec = { domain, listener, meta: { received_from: `${STRANGER}:50000`, received_via: listener } };
  return readTable(readTable(timed(side, () => parts.lua.call('listener_domain', spec)))?.['params']) ?? {};
}

const REQUESTS = [
  { method: 'POST', path: '/api/inject/v1' },
  { method: 'POST', path: '/api/admin/bounce/v1' },
  { method: 'GET', path: '/metrics' },
] as const;

/** Compares who may use the first HTTP listener without a password. */
export function compareAccess(pair: Pair): void {
  const { before, after, tally } = pair;
  if (before.parts.captured.httpListeners.length === 0 || after.parts.captured.httpListeners.length === 0) return;
  const trusted = [before, after].flatMap(({ parts }) =>
    (asList(parts.captured.httpListeners[0]?.['trusted_hosts']) ?? []).map((host) => String(host).replace(/\/.*/, '')),
  );
  for (const peer of new Set(['127.0.0.1', STRANGER, ...peersOf(pair), ...trusted])) {
    for (const request of REQUESTS) {
      const [old, wanted] = [before, after].map((side) =>
        timed(side, () => side.tree.mayRequest({ ...request, peer })),
      );
      if (old === wanted) continue;
      tally.add({
        area: 'access',
        kind: 'changed',
        subject: [`${request.method} ${request.path} from ${peer === STRANGER ? 'a stranger' : peer}`],
        field: 'allowed',
        before: textMeaning(old === true ? 'yes' : 'no'),
        after: textMeaning(wanted === true ? 'yes' : 'no'),
        judgement: wanted === true ? { verdict: 'looser', risk: 'relaying' } : { verdict: 'stricter' },
      });
    }
  }
}
