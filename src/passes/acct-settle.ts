import { numberOf, type RecordType } from '../directives/value';
import type { ScopeBlock, Setting } from '../pmta/model';
import { isRead, lineOf } from '../pmta/precedence';
import type { AcctFormats } from './acct-format';
import { privacyOf, typesOf } from './acct-request';
import { type AcctPlace, deletion, feeding, moving } from './acct-system';
import type { PassContext } from './pass';

const NAME = 'accounting';

/** PowerMTA's own for delete-after (M5 3.3.11.1). */
const KEPT = 8 * 86_400;

/** The `<acct-file>` line: what its readers have to know. */
export function settleTag(
  context: PassContext,
  block: ScopeBlock,
  place: AcctPlace,
  formats: AcctFormats | undefined,
): void {
  const { tag } = block;
  if (tag === undefined) return;
  const pipe = block.argument.startsWith('|');
  const header = [...(formats?.records.values() ?? [])][0]?.header;
  const notes = [formats === undefined ? jsonNote(place, pipe) : csvNote(place, pipe)];
  const defaults = formats === undefined ? [] : emptyByDefault(block, formats);
  if (defaults.length > 0) notes.push(emptyNote(defaults));
  if (header?.includes('bounceCat') && context.policy.bounceRules.length === 0) notes.push(NO_CATEGORIES);
  if (pipe) {
    const wait = numberOf(lineOf(block, 'retry-interval')?.value, 'interval') ?? 300;
    if (header !== undefined) addFiles(context, feeding(place, header, wait, tag));
  } else if (!isMoved(block) && lineOf(block, 'delete-after') === undefined) {
    notes.push('PowerMTA deletes files after 8 days where nothing else is said, KumoMTA never does.');
    addFiles(context, [deletion(place, KEPT, [tag])]);
  }
  context.ledger.settle(tag, pipe ? 'manual' : 'approximate', NAME, notes.join(' '));
}

function csvNote({ dir }: AcctPlace, pipe: boolean): string {
  const files = `as compressed files of PowerMTA's CSV in ${dir}`;
  return pipe
    ? `KumoMTA starts no programs: the records are written ${files}, and a service has to feed them to the program.`
    : `Written ${files}, to be read with zstdcat; times are UTC, and dsnStatus has no words behind the code.`;
}

function jsonNote({ dir }: AcctPlace, pipe: boolean): string {
  const readers = pipe
    ? 'the program has to be run behind the tailer, as a service'
    : 'programs that read the CSV have to be adapted';
  return `Records are written as compressed JSON lines in ${dir}: ${readers}.`;
}

const NO_CATEGORIES =
  'Without <bounce-category-patterns> (PowerMTA has its own in config-defaults) bounceCat is always other.';

function emptyNote(columns: readonly string[]): string {
  return `KumoMTA has no value for ${columns.join(', ')}: empty.`;
}

/** Columns without a value that no line names. */
function emptyByDefault(block: ScopeBlock, { empty }: AcctFormats): readonly string[] {
  const listed = new Set(block.settings.flatMap(({ value }) => (value?.kind === 'record-fields' ? value.types : [])));
  return [...new Set([...empty].flatMap(([type, columns]) => (listed.has(type) ? [] : columns)))];
}

/** Lines that decide which columns there are and what they hold. */
export function settleColumns(context: PassContext, block: ScopeBlock, formats: AcctFormats | undefined): void {
  const types = typesOf(block);
  for (const line of block.settings.filter(isRead)) {
    const { value } = line;
    if (value.kind === 'record-fields') settleFields(context, line, value.types, types, formats);
    else if (value.kind === 'map-header') settleMapping(context, block, line, value.type, types, formats);
    else if (line.name === 'iso-times') settleTimes(context, line, formats);
    else if (line.name === 'user-string') settleUserString(context, line, formats);
  }
}

const JSON_COLUMNS = 'The JSON records hold all that KumoMTA knows, by other names, and the headers asked for here.';
const JSON_ONLY = 'JSON records have no such column: leave out --acct-format json.';

function settleFields(
  { ledger }: PassContext,
  line: Setting,
  named: readonly RecordType[],
  types: readonly RecordType[],
  formats: AcctFormats | undefined,
): void {
  if (!named.some((type) => types.includes(type))) {
    ledger.settle(line, 'implicit', NAME, 'The file has no records of this type.');
    return;
  }
  const empty = [...new Set(named.flatMap((type) => formats?.empty.get(type) ?? []))];
  const note = empty.length === 0 ? 'The columns are the same, what stands in them is KumoMTA’s.' : emptyNote(empty);
  ledger.settle(line, 'approximate', NAME, formats === undefined ? JSON_COLUMNS : note);
}

function settleMapping(
  { ledger }: PassContext,
  block: ScopeBlock,
  line: Setting,
  type: RecordType,
  types: readonly RecordType[],
  formats: AcctFormats | undefined,
): void {
  if (formats === undefined) ledger.settle(line, 'manual', NAME, JSON_ONLY);
  else if (type === 'tq') ledger.settle(line, 'invalid', NAME, 'Records of type tq have no headers (M5 3.3.11.10).');
  else if (!types.includes(type)) ledger.settle(line, 'implicit', NAME, 'The file has no records of this type.');
  else if (privacyOf(block) !== 'retain') {
    ledger.settle(line, 'manual', NAME, 'Not done: the header could hold the address that privacy-policy hides.');
  } else if (type === 'f') {
    const note =
      'The header is looked for in the message that the complaint quotes; of a folded one the first line counts.';
    ledger.settle(line, 'approximate', NAME, note);
  } else ledger.settle(line, 'exact', NAME);
}

function settleTimes({ ledger }: PassContext, line: Setting, formats: AcctFormats | undefined): void {
  const iso = line.value?.kind === 'bool' && line.value.value;
  if (formats === undefined) ledger.settle(line, 'approximate', NAME, 'JSON records have times in both forms.');
  else if (iso) ledger.settle(line, 'approximate', NAME, 'Times are written as PowerMTA writes them, but in UTC.');
  else ledger.settle(line, 'exact', NAME);
}

function settleUserString({ ledger }: PassContext, line: Setting, formats: AcctFormats | undefined): void {
  const shown = [...(formats?.records.values() ?? [])].some(({ header }) => header.includes('userString'));
  if (formats === undefined) ledger.settle(line, 'manual', NAME, JSON_ONLY);
  else if (shown) ledger.settle(line, 'exact', NAME);
  else ledger.settle(line, 'implicit', NAME, 'No record-fields asks for the column userString (M5 3.3.11.8).');
}

/** Everything else in the block. */
export function settleRest(
  context: PassContext,
  block: ScopeBlock,
  place: AcctPlace,
  formats: AcctFormats | undefined,
): void {
  const { ledger } = context;
  const pipe = block.argument.startsWith('|');
  for (const line of block.settings.filter(isRead)) {
    if (line.name === 'max-size' || line.name === 'move-interval') ledger.settle(line, 'exact', NAME);
    else if (line.name === 'records') ledger.settle(line, 'approximate', NAME, line.row?.note);
    else if (line.name === 'queue-filter' && line.value.kind === 'list' && line.value.values.length > 0)
      settleFilter(context, line);
    else if (line.name === 'privacy-policy') settlePrivacy(context, block, line, formats);
    else if (line.name === 'move-to') settleMoving(context, line, place, pipe || formats === undefined);
    else if (line.name === 'delete-after' && !pipe) settleDeletion(context, block, line, place);
    else if (line.name === 'world-readable' && line.value.kind === 'bool' && line.value.value) {
      const note = `The files are readable for all, but not the directories above: chmod o+rx /var/log/kumomta ${place.dir}`;
      ledger.settle(line, 'manual', NAME, note);
    }
  }
}

function settleFilter({ ledger, config }: PassContext, line: Setting): void {
  if (config.pools.size === 0) ledger.settle(line, 'exact', NAME);
  else ledger.settle(line, 'approximate', NAME, line.row?.note);
}

function settlePrivacy(
  { ledger }: PassContext,
  block: ScopeBlock,
  line: Setting,
  formats: AcctFormats | undefined,
): void {
  const method = privacyOf(block);
  if (method === 'retain') ledger.settle(line, 'implicit', NAME, 'KumoMTA writes addresses as they are.');
  else if (formats === undefined) {
    ledger.settle(line, 'manual', NAME, 'JSON records hold the addresses in clear: leave out --acct-format json.');
  } else if (method === 'redact') {
    const note = 'Local parts are replaced in rcpt, and in orig and dsnDiag where they are written in the same case.';
    ledger.settle(line, 'approximate', NAME, note);
  } else {
    const note = 'Templates of KumoMTA cannot hash: the local parts are replaced by ... instead of their hash.';
    ledger.settle(line, 'manual', NAME, note);
  }
}

function settleMoving(context: PassContext, line: Setting, place: AcctPlace, unread: boolean): void {
  const to = line.value?.kind === 'text' ? line.value.value : '';
  if (to === '' || unread) return;
  addFiles(context, [moving(place, to, line)]);
  const note = `Decide who reads the files: let readers follow ${place.dir} itself, or install the job that moves closed files.`;
  context.ledger.settle(line, 'manual', NAME, note);
}

function settleDeletion(context: PassContext, block: ScopeBlock, line: Setting, place: AcctPlace): void {
  const seconds = numberOf(line.value, 'interval');
  if (seconds === undefined) return;
  if (isMoved(block)) {
    context.ledger.settle(line, 'implicit', NAME, 'Files that are moved are not deleted (M5 3.3.11.1).');
    return;
  }
  addFiles(context, [deletion(place, seconds, [line])]);
  const note = `KumoMTA never deletes its log files, and the disk fills: install the tmpfiles.d rule for ${place.dir} that MIGRATION.md shows.`;
  context.ledger.settle(line, 'manual', NAME, note);
}

function isMoved(block: ScopeBlock): boolean {
  const value = lineOf(block, 'move-to')?.value;
  return value?.kind === 'text' && value.value !== '';
}

function addFiles({ policy }: PassContext, files: readonly (typeof policy.systemFiles)[number][]): void {
  policy.systemFiles.push(...files);
}
