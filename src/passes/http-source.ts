import type { PmtaConfig, Setting } from '../pmta/model';
import { namedSource } from '../pmta/source-match';
import type { PassContext } from './pass';

interface InternalSource {
  readonly name: string;
  /** What feeds it; without any of these PowerMTA never applies it. */
  readonly from: readonly string[];
  readonly note: string;
}

/** Sources that PowerMTA fills otherwise than by SMTP (M5 3.3.7), those first whose mail comes to KumoMTA over HTTP as well. */
const SOURCES: readonly InternalSource[] = [
  {
    name: '{transmissions-api}',
    from: ['<transmissions-api>', '<transmissions-api-listener>'],
    note: "Applied to mail that is handed in over KumoMTA's HTTP API.",
  },
  {
    name: '{pickup}',
    from: ['pickup'],
    note: 'KumoMTA has no pickup directory. Applied to mail that is handed in over its HTTP API, which takes the place of the directory.',
  },
];

function internalSource(name: string): InternalSource | undefined {
  return SOURCES.find((source) => source.name === name.toLowerCase());
}

function isFed(config: PmtaConfig, { from }: InternalSource): boolean {
  return config.settings.some((line) => from.includes(line.name));
}

const SMTP_KEYS: ReadonlySet<string> = new Set([
  'add_received_header',
  'allow_auth',
  'always_allow_relaying',
  'hide_message_source',
  'max_auth_failures',
  'max_rcpts',
  'require_auth',
  'smtp_service',
  'too_many_rcpts_fails_message',
]);

/** Keys of rules that are about SMTP sessions and the trace headers of SMTP. */
export function isSmtpOnly(key: string): boolean {
  return SMTP_KEYS.has(key) || /^(?:check|reject)_(?:dkim|iprev|mfrom|spf)_/.test(key);
}

const TRACE: ReadonlySet<string> = new Set(['add-received-header', 'hide-message-source']);

/** The source whose settings hold for mail handed in over HTTP; undefined when the configuration has none. */
export function httpSource(config: PmtaConfig): string | undefined {
  return SOURCES.find((source) => isFed(config, source) && namedSource(config, source.name) !== undefined)?.name;
}

/** What has to be known of a line of such a source that is converted. */
export function httpNote(name: string): string {
  return internalSource(name)?.note ?? '';
}

/** Why a line of a source with mail of another kind is not converted; undefined for sources that nothing feeds. */
export function notOverHttp(config: PmtaConfig, name: string): string | undefined {
  const source = internalSource(name);
  if (source === undefined || !isFed(config, source)) return undefined;
  return source.name === '{pickup}'
    ? 'KumoMTA has no pickup directory, so nothing comes from this source.'
    : 'It has no meaning for mail that is handed in over HTTP.';
}

/** True for a source that PowerMTA fills otherwise than by SMTP. */
export function isInternalSource(name: string): boolean {
  return internalSource(name) !== undefined;
}

/** Why a source that nothing feeds is not needed. */
export function unfedNote(name: string): string {
  return internalSource(name) === undefined
    ? 'No listener and no user refers to this source, so PowerMTA never applies it.'
    : 'Nothing of the configuration feeds this source, so PowerMTA never applies it.';
}

/** Settles a line about trace headers, which such mail does not get; false for any other line. */
export function settleTrace({ ledger }: PassContext, line: Setting, by: string): boolean {
  if (!TRACE.has(line.name)) return false;
  const on = line.value?.kind === 'bool' && line.value.value;
  const none = on === (line.name === 'hide-message-source');
  const note = 'Mail handed in over HTTP gets a Received header only where its request asks for one.';
  ledger.settle(line, none ? 'implicit' : 'unsupported', by, note);
  return true;
}
