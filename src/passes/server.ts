import { dirname, join } from 'node:path/posix';
import { numberOf } from '../directives/value';
import { formatDuration, releaseAtLeast } from '../kumo/format';
import type { FieldMap } from '../kumo/model';
import type { ScopeBlock, Setting } from '../pmta/model';
import { lineOf } from '../pmta/precedence';
import type { Pass, PassContext } from './pass';
import { addOrigins, field, setField } from './policy-writer';

const NAME = 'server';

const DEFAULT_SPOOL = '/var/spool/kumomta';
const DEFAULT_LOG_DIR = '/var/log/kumomta';

/** Spool, name servers and log records: what a server needs whatever it sends. */
export const serverPass: Pass = {
  name: NAME,
  needs: [],
  run(context) {
    defineSpools(context);
    for (const line of context.config.top.settings) {
      const address = line.name === 'name-server' && line.value?.kind === 'text' ? line.value.value : undefined;
      if (address === undefined) continue;
      context.policy.nameServers.push(field(address.includes(':') ? `[${address}]:53` : `${address}:53`, [line]));
      context.ledger.settle(line, 'exact', NAME);
    }
    limitMxQueries(context);
    configureLogs(context);
  },
};

function limitMxQueries({ config, ledger, options, policy }: PassContext): void {
  const line = lineOf(config.top, 'max-name-queries');
  const most = numberOf(line?.value, 'int');
  if (line === undefined || most === undefined) return;
  if (most === 0) ledger.settle(line, 'implicit', NAME, 'With this value the directive asks for nothing.');
  else if (!releaseAtLeast(options.target, '2025.05.06')) {
    ledger.settle(line, 'unsupported', NAME, 'KumoMTA limits MX look-ups from release 2025.05.06 on.');
  } else {
    policy.mxQueries = field(most, [line]);
    ledger.settle(line, 'approximate', NAME, line.row?.note);
  }
}

interface SpoolDirectory {
  readonly path: string;
  readonly priority: number;
  readonly line: Setting;
  readonly block?: ScopeBlock;
}

/** KumoMTA has exactly one data and one meta spool; PowerMTA's formats are different, so the directories are new ones. */
function defineSpools(context: PassContext): void {
  const { config, ledger, policy } = context;
  const directories = spoolDirectories(context);
  const [chosen, ...others] = [...directories].sort((a, b) => b.priority - a.priority);
  for (const { line } of others) {
    ledger.settle(
      line,
      'approximate',
      NAME,
      'KumoMTA uses one spool directory: the first one of the highest priority.',
    );
  }
  if (chosen !== undefined) ledger.settle(chosen.line, 'approximate', NAME, chosen.line.row?.note);
  const flushes = [lineOf(config.top, 'sync-msg-create'), lineOf(config.top, 'sync-msg-update')];
  const free = lineOf(chosen?.block, 'min-free-space') ?? lineOf(config.top, 'spool-min-free-space');
  for (const name of ['data', 'meta'] as const) {
    const fields: FieldMap = new Map();
    const path = chosen === undefined ? join(DEFAULT_SPOOL, name) : join(chosen.path, `kumo-${name}`);
    setField(fields, 'path', path, chosen === undefined ? [] : [chosen.line]);
    fields.set('kind', { value: 'RocksDB', origins: [] });
    const flushing = flushes.filter((line, i) => line !== undefined && isYes(line) && (name === 'meta' || i === 0));
    if (flushing.length > 0)
      setField(
        fields,
        'flush',
        true,
        flushing.flatMap((line) => line ?? []),
      );
    if (free?.value !== undefined) setField(fields, 'min_free_space', freeSpace(free), [free]);
    const spool = { name, fields, origins: [] };
    if (chosen !== undefined) addOrigins(spool, [chosen.line]);
    policy.spools.push(spool);
  }
  for (const line of [...flushes, free]) if (line?.value !== undefined) ledger.settle(line, 'exact', NAME);
}

function spoolDirectories(context: PassContext): readonly SpoolDirectory[] {
  const { config } = context;
  return config.settings.flatMap((line): SpoolDirectory[] => {
    if (line.name === 'spool' && line.value?.kind === 'text') return [{ path: line.value.value, priority: 1, line }];
    const block = line.name === '<spool>' ? config.top.blocks.find((candidate) => candidate.tag === line) : undefined;
    if (block === undefined) return [];
    const priority = numberOf(lineOf(block, 'priority')?.value, 'int') ?? 1;
    return [{ path: block.argument, priority, line, block }];
  });
}

function isYes(line: Setting): boolean {
  return line.value?.kind === 'bool' && line.value.value;
}

/** Bytes; the old directive counts in megabytes (M5 3.3.11.4). 0 asks for no check. */
function freeSpace(line: Setting): number | string {
  const bytes = numberOf(line.value, 'size') ?? (numberOf(line.value, 'int') ?? 0) * 1_048_576;
  return bytes === 0 ? '0%' : bytes;
}

/** PowerMTA record type → KumoMTA record types (M5 11.2). */
const RECORD_TYPES: Readonly<Record<string, readonly string[]>> = {
  b: ['Bounce', 'Expiration', 'AdminBounce'],
  bounce: ['Bounce', 'Expiration', 'AdminBounce'],
  d: ['Delivery'],
  delivery: ['Delivery'],
  f: ['Feedback'],
  'feedback-loop': ['Feedback'],
  r: ['Reception'],
  rb: ['OOB'],
  receipt: ['Reception'],
  'remote-bounce': ['OOB'],
  t: ['TransientFailure'],
  tq: ['TransientFailure'],
  transient: ['TransientFailure'],
  'transient-queue': ['TransientFailure'],
};

/**
 * One set of log records per accounting file, with the record types it asks for. They are KumoMTA's own JSON lines, not
 * PowerMTA's CSV, and a pipe becomes files as well.
 */
function configureLogs(context: PassContext): void {
  const { policy, config } = context;
  const blocks = config.top.blocks.filter((block) => block.kind === 'acct-file');
  policy.logs.push(...blocks.map((block, i) => logsOf(context, block, i)));
  if (blocks.length > 0) return;
  const fields: FieldMap = new Map();
  fields.set('log_dir', { value: DEFAULT_LOG_DIR, origins: [] });
  fields.set('max_segment_duration', { value: '1m', origins: [] });
  policy.logs.push({ fields, origins: [], comments: [] });
}

function logsOf(context: PassContext, block: ScopeBlock, index: number) {
  const { ledger } = context;
  const [records, size, interval] = ['records', 'max-size', 'move-interval'].map((name) => lineOf(block, name));
  const fields: FieldMap = new Map();
  const tag = block.tag === undefined ? [] : [block.tag];
  setField(fields, 'log_dir', index === 0 ? DEFAULT_LOG_DIR : `${DEFAULT_LOG_DIR}-${index + 1}`, tag);
  const seconds = numberOf(interval?.value, 'interval') ?? 60;
  setField(fields, 'max_segment_duration', formatDuration(seconds), interval === undefined ? tag : [interval]);
  const bytes = numberOf(size?.value, 'size');
  if (bytes !== undefined && size !== undefined) setField(fields, 'max_file_size', bytes, [size]);
  setRecordTypes(fields, records, tag);
  setColumns(context, fields, block);
  for (const line of [records, size, interval]) {
    if (line !== undefined)
      ledger.settle(
        line,
        line === records ? 'approximate' : 'exact',
        NAME,
        line === records ? line.row?.note : undefined,
      );
  }
  const note =
    'Records are written as compressed JSON lines instead of one growing CSV file: programs that read the CSV have to be adapted.';
  for (const line of tag) ledger.settle(line, 'approximate', NAME, note);
  const comments = [dirname(block.argument) === '.' ? 'a program read these records' : `was ${block.argument}`];
  const logs = {
    fields,
    origins: [],
    comments: block.argument.startsWith('|') ? ['was a pipe into a program'] : comments,
  };
  addOrigins(logs, tag);
  return logs;
}

/** JSON records hold every column that KumoMTA has; only header fields have to be asked for. */
function setColumns(context: PassContext, fields: FieldMap, block: ScopeBlock): void {
  const columns = block.settings.filter((line) => line.value?.kind === 'record-fields');
  const named = columns.flatMap((line) => (line.value?.kind === 'record-fields' ? line.value.fields : []));
  const headers = named.flatMap((name) => /^header_(.+)$/i.exec(name)?.[1] ?? []);
  fields.set('meta', { value: ['tenant', 'campaign'], origins: [] });
  if (headers.length > 0) setField(fields, 'headers', [...new Set(headers)], columns);
  const note = 'The records hold all columns that KumoMTA knows, by other names, and the headers asked for here.';
  for (const line of columns) context.ledger.settle(line, 'approximate', NAME, note);
}

function setRecordTypes(fields: FieldMap, records: Setting | undefined, tag: readonly Setting[]): void {
  const types = records?.value?.kind === 'list' ? records.value.values : ['d', 'b'];
  const enabled = new Set(types.flatMap((type) => RECORD_TYPES[type.toLowerCase()] ?? []));
  const table = Object.fromEntries([...enabled].sort().map((type) => [type, { enable: true }]));
  setField(fields, 'per_record', { Any: { enable: false }, ...table }, records === undefined ? tag : [records]);
}
