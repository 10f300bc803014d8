import type { PrivacyMethod, RecordType } from '../directives/value';
import type { ScopeBlock } from '../pmta/model';
import { lineOf } from '../pmta/precedence';
import type { AcctRequest } from './acct-format';
import { categoryNames } from './bounce-classes';
import type { PassContext } from './pass';

/** Types in the order of `records`; d and b without it (M5 3.3.11.11). */
export function typesOf(block: ScopeBlock): readonly RecordType[] {
  const value = lineOf(block, 'records')?.value;
  const types = value?.kind === 'list' ? value.values.flatMap((name) => TYPES.find((type) => type === name) ?? []) : [];
  return types.length === 0 ? ['d', 'b'] : types;
}

const TYPES: readonly RecordType[] = ['d', 'b', 't', 'tq', 'r', 'f', 'rb', 'rs'];

/** What stands for a local part where nothing else is said, and where a hash is asked for that templates cannot make. */
const REDACTED = '...';

export function privacyOf(block: ScopeBlock): PrivacyMethod {
  const value = lineOf(block, 'privacy-policy')?.value;
  return value?.kind === 'privacy-policy' ? value.method : 'retain';
}

/** The lines of a block as what they ask for. */
export function acctRequest(context: PassContext, block: ScopeBlock, types: readonly RecordType[]): AcctRequest {
  const { policy, config } = context;
  const columns = block.settings.flatMap(({ value }) => (value?.kind === 'record-fields' ? [value] : []));
  const mapped = block.settings.flatMap(({ value }) => (value?.kind === 'map-header' ? [value] : []));
  const times = lineOf(block, 'iso-times')?.value;
  const user = lineOf(block, 'user-string')?.value;
  const privacy = lineOf(block, 'privacy-policy')?.value;
  const hidden = privacy?.kind === 'privacy-policy' && privacy.method !== 'retain' ? privacy : undefined;
  const text = hidden?.method === 'redact' ? hidden.secret : undefined;
  return {
    types,
    fieldsOf: (type) => columns.findLast((value) => value.types.includes(type))?.fields,
    headersInto: (type, column) =>
      mapped
        .filter((value) => value.type === type && value.field.toLowerCase() === column)
        .map(({ header }) => header.replace(/^header_/i, '')),
    isoTimes: times?.kind !== 'bool' || times.value,
    userString: user?.kind === 'text' ? user.value : '',
    ...(hidden === undefined ? {} : { redaction: text ?? REDACTED }),
    severalSources: policy.lua.sharedLimits.size > 0,
    categories: categoryNames(config, policy.bounceRules),
    classified: policy.bounceRules.length > 0,
  };
}
