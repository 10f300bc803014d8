import { didYouMean } from '../../diagnostics/likeness';
import { type Problem, problem, within } from './problem';
import { compareReleases } from './release';
import { needs, type UseOptions } from './use';
import { asList, asTable, isUnknown, type PolicyTable, type PolicyValue, sortOf } from './value';

const shapes = {
  smtp: ['mx_list', 'treat_mx_list_as_secure'],
  maildir_path: ['dir_mode', 'file_mode', 'maildir_path'],
  custom_lua: ['batch_size', 'constructor', 'max_batch_latency', 'min_batch_size'],
  xfer: ['target'],
} as const;

/**
 * Checks `protocol` of a queue: exactly one of four shapes. KumoMTA ignores misspelt keys inside `smtp` and beside
 * `maildir_path`, and then delivers as if they were not there.
 */
export function checkProtocol(value: PolicyValue, options: UseOptions): readonly Problem[] {
  const table = asTable(value);
  if (table === undefined)
    return problem('bad-type', `this has to be a table like { smtp = {} }, not ${sortOf(value)}`);
  if (Object.values(table).some(isUnknown)) return [];
  if (table['smtp'] !== undefined) return within('smtp', checkSmtp(table['smtp'], options));
  if (table['custom_lua'] !== undefined) return within('custom_lua', checkCustomLua(table['custom_lua']));
  if (typeof table['maildir_path'] === 'string') return strangers(table, shapes.maildir_path, 'swallowed-key');
  if (table['xfer'] !== undefined) {
    return within('xfer', needs(options, 'the protocol xfer', '2025.12.02', 'xfer exists since KumoMTA 2025.12.02'));
  }
  return problem('bad-value', 'the protocol is none of smtp, maildir_path, custom_lua, xfer');
}

function checkSmtp(value: PolicyValue, options: UseOptions): readonly Problem[] {
  const table = asTable(value);
  if (table === undefined) return problem('bad-type', `this has to be a table, not ${sortOf(value)}`);
  const problems = [...strangers(table, shapes.smtp, 'swallowed-key')];
  const list = table['mx_list'];
  if (list === undefined || isUnknown(list)) return problems;
  const entries = asList(list);
  if (entries === undefined) return [...problems, ...within('mx_list', problem('bad-type', 'this has to be an array'))];
  // Older releases try the list from its end, and a tree for them is written so.
  if (entries.length > 1 && compareReleases('2025.12.02', options.target) <= 0) {
    options.onUse?.({ what: 'mx_list tried in the order of the list', since: '2025.12.02' }, []);
  }
  return [...problems, ...entries.flatMap((entry) => within('mx_list', checkMxEntry(entry, options)))];
}

function checkMxEntry(entry: PolicyValue, options: UseOptions): readonly Problem[] {
  const address = typeof entry === 'string' ? entry : asTable(entry)?.['addr'];
  if (isUnknown(entry) || (address !== undefined && isUnknown(address))) return [];
  if (typeof address !== 'string') return problem('bad-type', 'an entry is a host name, or a table with name and addr');
  const hasPort = /(^|[^:])[\]\w]:\d+$/.test(address) && !/^\[[^\]]*\]$/.test(address);
  if (!hasPort) return [];
  return needs(options, 'a port in mx_list', '2025.10.06', 'a port in mx_list is read since KumoMTA 2025.10.06');
}

function checkCustomLua(value: PolicyValue): readonly Problem[] {
  const table = asTable(value);
  if (table === undefined) return problem('bad-type', `this has to be a table, not ${sortOf(value)}`);
  const missing = typeof table['constructor'] === 'string' ? [] : problem('missing-field', 'constructor is needed');
  return [...missing, ...strangers(table, shapes.custom_lua, 'unknown-field')];
}

function strangers(
  table: PolicyTable,
  known: readonly string[],
  kind: 'swallowed-key' | 'unknown-field',
): readonly Problem[] {
  return Object.keys(table)
    .filter((key) => !known.includes(key))
    .flatMap((key) => within(key, problem(kind, `there is no such key here${didYouMean(key, known)}`)));
}
