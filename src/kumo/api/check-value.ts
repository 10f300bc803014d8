import { didYouMean, mostLike } from '../../diagnostics/likeness';
import { checkProtocol } from './check-protocol';
import type { FieldRow, FieldType } from './field';
import {
  cidrFault,
  durationSeconds,
  isAddress,
  isSocketAddress,
  parseLimit,
  parseThrottle,
  rateForm,
} from './grammars';
import { recordTypes } from './logs';
import { type Problem, problem, within } from './problem';
import type { StructName } from './structs';
import { needs, type UseOptions } from './use';
import { asList, asTable, isUnknown, isWholeFloat, type PolicyTable, type PolicyValue, quoted, sortOf } from './value';

/** Checks a nested parameter table; handed in, because tables and values check each other. */
export type CheckStruct = (name: StructName, table: PolicyTable) => readonly Problem[];

interface Context extends UseOptions {
  readonly row: FieldRow;
  readonly checkStruct: CheckStruct;
}

type Check = (value: PolicyValue, context: Context) => readonly Problem[];

const fine: readonly Problem[] = [];

/** Checks what a field holds against its type, its allowed words and the grammar of the target release. */
export function checkValue(
  row: FieldRow,
  value: PolicyValue,
  options: UseOptions,
  checkStruct: CheckStruct,
): readonly Problem[] {
  return unlessUnknown(checks[row.type])(value, { ...options, row, checkStruct });
}

function unlessUnknown(check: Check): Check {
  return (value, context) => (isUnknown(value) ? fine : check(value, context));
}

function wrongType(value: PolicyValue, expected: string): readonly Problem[] {
  return problem('bad-type', `this has to be ${expected}, not ${sortOf(value)}`);
}

function integer(lowest: number, highest: number): Check {
  return (value) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) return wrongType(value, 'an integer');
    if (value >= lowest && value <= highest) return fine;
    return problem('bad-value', `${value} is out of range; ${lowest} to ${highest} are allowed`);
  };
}

function textThat(fits: (text: string) => boolean, expected: string): Check {
  return (value) => {
    if (typeof value !== 'string') return wrongType(value, expected);
    return fits(value) ? fine : problem('bad-value', `${quoted(value)} is not ${expected}`);
  };
}

const word: Check = (value, { row }) => {
  const values = row.values ?? [];
  if (typeof value !== 'string') return wrongType(value, `one of ${values.join(', ')}`);
  if (values.includes(value)) return fine;
  const near = mostLike(value, values);
  const hint = near === undefined ? `one of ${values.join(', ')} is expected` : `did you mean ${near}?`;
  return problem('bad-value', `${quoted(value)} is not allowed; ${hint}`);
};

const wordOrBool: Check = (value, context) => {
  if (typeof value === 'boolean') return fine;
  const problems = word(value, context);
  if (problems.length > 0) return problems;
  const message = 'words are read since KumoMTA 2025.05.06; before that, true or false';
  return needs(context, `a word for ${context.row.name}`, '2025.05.06', message);
};

const duration: Check = (value) => {
  if (typeof value === 'string' && /^\s*\d+\s*$/.test(value)) {
    return problem(
      'quoted-duration',
      `${quoted(value)} has no unit; write the number without quotes or add one, like "60s"`,
    );
  }
  const seconds = durationSeconds(isWholeFloat(value) ? value['\u0000float'] : value);
  if (seconds !== undefined) return fine;
  if (typeof value !== 'string' && typeof value !== 'number') return wrongType(value, 'a duration');
  return problem('bad-value', `${typeof value === 'string' ? quoted(value) : value} is not a duration`);
};

const throttle: Check = (value, context) => {
  if (typeof value !== 'string') return wrongType(value, 'a rate in quotes, like "100/min"');
  const parsed = parseThrottle(value);
  if (parsed === undefined && /^(?:local:)?0+\//.test(value)) {
    return problem('zero-limit', `${quoted(value)} is not a rate; 1 is the least, and there is no unlimited`);
  }
  if (parsed === undefined) {
    return problem(
      'bad-value',
      `${quoted(value)} is not a rate; LIMIT/UNIT is expected, LIMIT at least 1, like "100/min"`,
    );
  }
  return needs(context, rateForm(parsed), parsed.since, `this form of rate is read since KumoMTA ${parsed.since}`);
};

const limit: Check = (value, context) => {
  const parsed = parseLimit(value);
  if (parsed !== undefined) {
    const what = typeof value === 'number' ? 'a limit' : 'a limit in quotes';
    return needs(context, what, parsed.since, `${what} is read since KumoMTA ${parsed.since}`);
  }
  if (value === 0) return problem('zero-limit', '0 is not a limit; 1 is the least, and there is no unlimited');
  if (typeof value === 'number' && Number.isInteger(value)) {
    return problem('bad-value', `${value} is not a limit; 1 is the least, and there is no unlimited`);
  }
  if (typeof value === 'string') return problem('bad-value', `${quoted(value)} is not a limit`);
  return wrongType(value, 'an integer of 1 or more');
};

function mapOf(item: Check, expected: string): Check {
  return (value, context) => {
    const table = asTable(value);
    if (table === undefined) return wrongType(value, expected);
    return Object.entries(table).flatMap(([key, entry]) => within(key, unlessUnknown(item)(entry, context)));
  };
}

function listOf(item: Check, expected: string): Check {
  return (value, context) => {
    const list = asList(value);
    if (list === undefined) return wrongType(value, expected);
    return list.flatMap((entry, index) => within(String(index + 1), unlessUnknown(item)(entry, context)));
  };
}

const cidr: Check = (value) => {
  if (typeof value !== 'string') return wrongType(value, 'an address or CIDR');
  const fault = cidrFault(value);
  return fault === undefined ? fine : problem('bad-value', `${quoted(value)} ${fault}`);
};

const text: Check = (value, context) => {
  if (typeof value !== 'string') return wrongType(value, 'a string');
  const { name, laterForm } = context.row;
  if (laterForm === undefined || !value.includes(laterForm.holds)) return fine;
  const what = `${laterForm.holds} in ${name}`;
  return needs(context, what, laterForm.since, `${what} is read since KumoMTA ${laterForm.since}`);
};

const keySource: Check = (value, context) => {
  if (typeof value === 'string') return fine;
  const table = asTable(value);
  if (table === undefined) return wrongType(value, 'a file name or a table that says where the secret is');
  const has = (...keys: readonly string[]) => keys.every((key) => table[key] !== undefined);
  if (has('event_name', 'event_args')) {
    return needs(context, 'event_name of a key', '2025.12.02', 'event_name is read since KumoMTA 2025.12.02');
  }
  if (has('key_data') || has('vault_mount', 'vault_path')) return fine;
  return problem(
    'bad-value',
    'the table fits no form of a key: key_data, vault_mount with vault_path, or event_name with event_args',
  );
};

/** Host names are resolved by the development tree only (crates/kumod, egress_source). */
const socketAddress: Check = (value, context) => {
  const named = typeof value === 'string' && /^[a-z\d]([\w-]*\.)*[\w-]*[a-z][\w-]*:\d{1,5}$/i.test(value);
  if (!named) return textThat(isSocketAddress, 'IP:PORT or the path of a socket')(value, context);
  const what = 'a host name in place of the IP of a proxy';
  return needs(context, what, 'unreleased', `${what} is read by no release of KumoMTA yet`);
};

const minFree: Check = (value, context) => {
  if (typeof value !== 'string') return integer(0, Number.MAX_SAFE_INTEGER)(value, context);
  const percent = /^(\d{1,3})%$/.exec(value)?.[1];
  if (percent !== undefined ? Number(percent) <= 255 : /^\d+$/.test(value)) return fine;
  return problem('bad-value', `${quoted(value)} is neither a percentage nor a number`);
};

const flags: Check = (value, context) => {
  if (typeof value !== 'string') return wrongType(value, 'names joined by |');
  return value.split('|').flatMap((name) => word(name.trim(), context));
};

const structOf =
  (name: StructName): Check =>
  (value, { checkStruct }) => {
    const table = asTable(value);
    return table === undefined ? wrongType(value, 'a table') : checkStruct(name, table);
  };

const listenersByAddress: Check = (value, context) => {
  const table = asTable(value);
  if (table === undefined) return wrongType(value, 'a table of addresses');
  return Object.entries(table).flatMap(([key, item]) => {
    const fault = cidrFault(key);
    const faults = fault === undefined ? fine : problem('bad-value', `${quoted(key)} ${fault}`);
    return within(key, [...faults, ...unlessUnknown(structOf('generic_listener'))(item, context)]);
  });
};

const records: Check = (value, context) => {
  const table = asTable(value);
  if (table === undefined) return wrongType(value, 'a table of record types');
  const names = recordTypes.map((row) => row.name);
  return Object.entries(table).flatMap(([key, item]) => {
    const row = recordTypes.find((candidate) => candidate.name === key);
    if (row === undefined) {
      const text = `${quoted(key)} is no record type${didYouMean(key, names)}`;
      return within(key, problem('bad-value', text));
    }
    const what = `the record type ${key}`;
    const early = needs(context, what, row.since, `${what} exists since KumoMTA ${row.since}`);
    if (early.length > 0) return within(key, early);
    return within(key, unlessUnknown(structOf('log_record'))(item, context));
  });
};

const shrinkPolicy: Check = (value, context) => {
  const table = asTable(value);
  if (table === undefined) return wrongType(value, 'a table with interval and policy');
  const { interval, policy } = table;
  if (interval === undefined || policy === undefined) return problem('missing-field', 'interval and policy are needed');
  return [...within('interval', duration(interval, context)), ...within('policy', word(policy, context))];
};

const checks: Readonly<Record<FieldType, Check>> = {
  'any-map': (value) => (asTable(value) === undefined ? wrongType(value, 'a table') : fine),
  bool: (value) => (typeof value === 'boolean' ? fine : wrongType(value, 'true or false without quotes')),
  'bool-or-enum': wordOrBool,
  'cidr-list': listOf(cidr, 'an array of addresses and CIDRs'),
  duration,
  enum: word,
  'enum-list': listOf(word, 'an array of names'),
  flags,
  int: integer(0, Number.MAX_SAFE_INTEGER),
  ip: textThat(isAddress, 'an IP address'),
  'key-source': keySource,
  limit,
  'limit-map': mapOf(limit, 'a table of limits'),
  'listener-map': listenersByAddress,
  'min-free': minFree,
  'pool-entries': listOf(structOf('egress_pool_entry'), 'an array of entries'),
  port: integer(0, 65535),
  protocol: checkProtocol,
  'record-map': records,
  'rocks-params': structOf('rocks_params'),
  'shrink-policy': listOf(shrinkPolicy, 'an array of tables'),
  signed: integer(-2147483648, 2147483647),
  'socket-addr': socketAddress,
  string: text,
  'string-list': listOf(text, 'an array of strings'),
  table: (value) => (asTable(value) === undefined ? wrongType(value, 'a table') : fine),
  throttle,
  'throttle-map': mapOf(throttle, 'a table of rates'),
  'trace-headers': structOf('trace_headers'),
};
