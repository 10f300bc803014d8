import { readHostList } from './read-hosts';
import {
  readAddressRewrite,
  readAlias,
  readDomainKey,
  readDomainMacro,
  readDomainPattern,
  readDomainRewrite,
  readList,
  readMapHeader,
  readMxLimit,
  readMxRollup,
  readRecordFields,
  readRecordTypes,
} from './read-lists';
import {
  readCidr,
  readCidrInt,
  readCidrRate,
  readColdVirtualMta,
  readHttpAccess,
  readIp,
  readListener,
  readProxyClient,
  readProxySourceHost,
  readSourceHost,
} from './read-network';
import {
  readBool,
  readBoolOrInterval,
  readInt,
  readInterval,
  readIntervalOrNever,
  readIntOrUnlimited,
  readPort,
} from './read-numbers';
import {
  readCategoryPattern,
  readHeaderPattern,
  readPattern,
  readPatternResult,
  readRegexOrText,
  readReply,
} from './read-patterns';
import { readDailyRates, readDataRate, readIntervals, readRate, readSize } from './read-rates';
import {
  readEnum,
  readName,
  readPath,
  readPathPair,
  readPathSecret,
  readPrivacyPolicy,
  readSecret,
  readSignals,
  readTag,
  readText,
} from './read-text';
import type { DirectiveRow, ValueKind } from './row';
import type { ReadValue } from './value';
import { fail, type Reader, trimmed } from './value-text';

const READERS: Readonly<Record<ValueKind, Reader>> = {
  'address-rewrite': readAddressRewrite,
  alias: readAlias,
  bool: readBool,
  'bool-or-interval': readBoolOrInterval,
  'category-pattern': readCategoryPattern,
  cidr: readCidr,
  'cidr-data-rate': readCidrRate(true),
  'cidr-int': readCidrInt,
  'cidr-rate': readCidrRate(false),
  'cold-virtual-mta': readColdVirtualMta,
  'daily-rates': readDailyRates,
  'data-rate': readDataRate,
  'domain-key': readDomainKey,
  'domain-macro': readDomainMacro,
  'domain-pattern': readDomainPattern,
  'domain-rewrite': readDomainRewrite,
  'email-list': readList,
  enum: readEnum,
  'header-pattern': readHeaderPattern,
  'host-list': readHostList,
  'http-access': readHttpAccess,
  int: readInt,
  'int-or-unlimited': readIntOrUnlimited,
  interval: readInterval,
  'interval-or-never': readIntervalOrNever,
  intervals: readIntervals,
  ip: readIp,
  list: readList,
  listener: readListener,
  'map-header': readMapHeader,
  'mx-limit': readMxLimit,
  'mx-rollup': readMxRollup,
  name: readName,
  path: readPath,
  'path-pair': readPathPair,
  'path-secret': readPathSecret,
  pattern: readPattern,
  'pattern-result': readPatternResult,
  port: readPort,
  'privacy-policy': readPrivacyPolicy,
  'proxy-client': readProxyClient,
  'proxy-source-host': readProxySourceHost,
  rate: readRate,
  'record-fields': readRecordFields,
  'record-types': readRecordTypes,
  'regex-or-text': readRegexOrText,
  reply: readReply,
  secret: readSecret,
  signals: readSignals,
  size: readSize,
  'source-host': readSourceHost,
  tag: readTag,
  text: readText,
};

/**
 * Reads the text after a directive as the kind of value of its row (language notes, sections 2 and 3). Never throws:
 * what cannot be read comes back as an error with the characters of `raw` that are wrong; what is accepted although no
 * manual says so comes with warnings.
 */
export function readValue(row: Pick<DirectiveRow, 'value' | 'words'>, raw: string): ReadValue {
  const reasons = new Set<string>();
  const whole = trimmed(raw);
  if (whole.text === '' && row.value !== 'tag' && row.value !== 'pattern-result') {
    return { value: fail('has no value', { start: 0, end: raw.length }), warnings: [] };
  }
  const value = READERS[row.value]({ raw, words: row.words ?? [], warn: (reason) => reasons.add(reason) });
  return { value, warnings: [...reasons].map((reason) => ({ reason })) };
}
