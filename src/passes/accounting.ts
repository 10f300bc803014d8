import { basename } from 'node:path/posix';
import { placeOf as spanPlace } from '../diagnostics/span';
import { numberOf, type RecordType } from '../directives/value';
import { formatDuration } from '../kumo/format';
import type { FieldMap, KumoTable, LogFiles } from '../kumo/model';
import type { LogFilter } from '../kumo/policy-lua';
import type { ScopeBlock, Setting } from '../pmta/model';
import { lineOf } from '../pmta/precedence';
import { queuesWithout, separable, settleDisabled } from './acct-disabled';
import { queueRules } from './acct-filter';
import { type AcctFormats, acctFormats, KUMO_TYPES } from './acct-format';
import { acctRequest, typesOf } from './acct-request';
import { settleColumns, settleRest, settleTag } from './acct-settle';
import type { AcctPlace } from './acct-system';
import type { Pass, PassContext } from './pass';
import { addOrigins, setField } from './policy-writer';

const NAME = 'accounting';

/** The only directory for logs that KumoMTA's packages make for its user. */
const LOG_DIR = '/var/log/kumomta';

/** One set of log files for each accounting file (M5 3.3.11), with its records and, as CSV, its columns. */
export const accountingPass: Pass = {
  name: NAME,
  needs: ['egress', 'pools', 'selection', 'bounces'],
  run(context) {
    const { policy, config } = context;
    const files = [...(config.named.get('acct-file')?.values() ?? [])];
    const taken = new Set<string>();
    for (const blocks of files) {
      const block = joined(context, blocks);
      if (block !== undefined) policy.logs.push(...convertFile(context, block, placeOf(block, taken)));
    }
    settleDisabled(context);
    if (files.length > 0) return;
    const fields: FieldMap = new Map();
    fields.set('log_dir', { value: LOG_DIR, origins: [] });
    fields.set('max_segment_duration', { value: '1m', origins: [] });
    policy.logs.push({ fields, origins: [], comments: [] });
  },
};

/** Blocks of one path are one file; the manual is silent, and they are merged like all other blocks of one name. */
function joined({ ledger }: PassContext, [first, ...others]: readonly ScopeBlock[]): ScopeBlock | undefined {
  if (first === undefined || others.length === 0) return first;
  const note = `Joined with the block of the same file${first.tag === undefined ? '' : ` at ${spanPlace(first.tag.span)}`}.`;
  for (const { tag } of others) if (tag !== undefined) ledger.settle(tag, 'implicit', NAME, note);
  return { ...first, settings: [first, ...others].flatMap(({ settings }) => settings) };
}

/** `/var/log/pmta/acct.csv` → `acct` below KumoMTA's directory; a program by its name. */
function placeOf({ argument }: ScopeBlock, taken: Set<string>): AcctPlace {
  const path = argument.replace(/^\|\s*"?/, '').replace(argument.startsWith('|') ? /\s.*$/s : /\.csv$/i, '');
  const plain =
    basename(path.replaceAll('\\', '/'))
      .replace(/[^A-Za-z0-9_-]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'acct';
  let name = plain.slice(0, 60);
  for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${plain.slice(0, 60)}-${n}`;
  taken.add(name.toLowerCase());
  return { name, dir: `${LOG_DIR}/${name}` };
}

function convertFile(context: PassContext, block: ScopeBlock, place: AcctPlace): readonly LogFiles[] {
  const types = typesOf(block);
  const csv = context.options.acctFormat === 'csv';
  const formats = csv ? acctFormats(acctRequest(context, block, types)) : undefined;
  settleTag(context, block, place, formats);
  settleColumns(context, block, formats);
  settleRest(context, block, place, formats);
  // Only records that belong to a queue are filtered (M5 3.3.11.5).
  const queued = types.filter((type) => QUEUED.has(type));
  const groups = new Map<string, { readonly filters: LogFilter; readonly types: RecordType[] }>();
  for (const together of [...separable(queued), types.filter((type) => !QUEUED.has(type))]) {
    const filters = filtersOf(context, block, together);
    const key = JSON.stringify(filters);
    groups.set(key, { filters, types: [...(groups.get(key)?.types ?? []), ...together] });
  }
  const parts = [...groups.values()].filter((part) => part.types.length > 0 || groups.size === 1);
  return parts.map((part) => {
    if (part.filters.length === 0) return logsOf(block, place, part.types, formats);
    const several = parts.filter(({ filters }) => filters.length > 0).length > 1;
    const event = `pmta_acct_${[place.name.replaceAll('-', '_'), ...(several ? part.types : [])].join('_')}`;
    context.policy.lua.logFilters.set(event, part.filters);
    return logsOf(block, place, part.types, formats, event);
  });
}

/** What decides whether some records of a file are written: all of these have to say so. */
function filtersOf(context: PassContext, block: ScopeBlock, types: readonly RecordType[]): LogFilter {
  if (!types.some((type) => QUEUED.has(type))) return [];
  return [queueRules(context, block) ?? [], queuesWithout(context, types)].filter((rules) => rules.length > 0);
}

const QUEUED: ReadonlySet<RecordType> = new Set(['d', 'b', 't', 'tq']);

/** The records of `types` of one accounting file. */
function logsOf(
  block: ScopeBlock,
  { dir }: AcctPlace,
  types: readonly RecordType[],
  formats: AcctFormats | undefined,
  event?: string,
): LogFiles {
  const tag = block.tag === undefined ? [] : [block.tag];
  const [records, filter] = ['records', 'queue-filter'].map((name) => lineOf(block, name));
  const fields: FieldMap = new Map();
  setField(fields, 'log_dir', dir, tag);
  setLimits(fields, block, tag);
  if (event !== undefined) setField(fields, 'filter_event', event, filter === undefined ? tag : [filter]);
  setField(fields, 'per_record', recordTable(types, formats), records === undefined ? tag : [records]);
  setContent(fields, block, formats);
  const was = block.argument.startsWith('|') ? 'was a pipe into a program' : `was ${block.argument}`;
  const kumo = new Set(types.flatMap((type) => KUMO_TYPES[type]));
  const own = formats && new Map([...formats.records].filter(([type]) => kumo.has(type)));
  const logs = { fields, origins: [], comments: [was], ...(own === undefined ? {} : { formats: own }) };
  addOrigins(logs, tag);
  return logs;
}

/** A segment is complete for its readers when it is closed, so that it is closed soon even where PowerMTA moved nothing. */
function setLimits(fields: FieldMap, block: ScopeBlock, tag: readonly Setting[]): void {
  const [size, interval] = ['max-size', 'move-interval'].map((name) => lineOf(block, name));
  const seconds = numberOf(interval?.value, 'interval') ?? 60;
  setField(fields, 'max_segment_duration', formatDuration(seconds), interval === undefined ? tag : [interval]);
  const bytes = numberOf(size?.value, 'size');
  if (bytes !== undefined && size !== undefined) setField(fields, 'max_file_size', bytes, [size]);
}

/**
 * Types that are not asked for are off. KumoMTA writes OOB records only where Reception is on (kumod, log_disposition):
 * its own records then go into files of their own, as empty lines.
 */
function recordTable(types: readonly RecordType[], formats: AcctFormats | undefined): KumoTable {
  const unused = types.includes('rb') && !types.includes('r');
  const enabled = [...new Set(types.flatMap((type) => KUMO_TYPES[type]))].sort();
  return {
    Any: { enable: false },
    ...(unused ? { Reception: { suffix: '.unused', template: '' } } : {}),
    ...(formats === undefined ? Object.fromEntries(enabled.map((type) => [type, { enable: true }])) : {}),
  };
}

/** Headers and metadata have to be asked for; all other fields are in every record. */
function setContent(fields: FieldMap, block: ScopeBlock, formats: AcctFormats | undefined): void {
  const columns = block.settings.filter(({ value }) => value?.kind === 'record-fields' || value?.kind === 'map-header');
  const named = columns.flatMap(({ value }) => (value?.kind === 'record-fields' ? value.fields : []));
  const headers = formats?.headers ?? [...new Set(named.flatMap((name) => /^header_(.+)$/i.exec(name)?.[1] ?? []))];
  const meta = formats?.meta ?? ['tenant', 'campaign'];
  if (meta.length > 0) fields.set('meta', { value: meta, origins: [] });
  if (headers.length > 0) setField(fields, 'headers', headers, columns);
}
