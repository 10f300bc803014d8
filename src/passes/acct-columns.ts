import type { RecordType } from '../directives/value';

/**
 * A column of an accounting file (M5 11.2.2-11.2.8) as an expression of minijinja over a log record, for each kind of
 * record. Without an expression KumoMTA has no value for it; '' where PowerMTA itself writes none.
 */
export interface AcctColumn {
  readonly name: string;
  /** d, b, t and tq */
  readonly sent?: string;
  readonly r?: string;
  readonly rb?: string;
  readonly f?: string;
}

/** Address of the person who complained, without the angle brackets of the report. */
const COMPLAINER = '(feedback_report.original_rcpto_to or [""])|first|trim("<>")';
const SOURCE_TYPE = '{"ESMTP": "smtp", "HTTP": "api"}[reception_protocol]';
const SOURCE_MTA = 'q(((meta.ehlo_domain or "") ~ " (" ~ ip(meta.received_from) ~ ")")|trim)';
const CLASS = 'category(bounce_classification)';
const BY_TYPE = '{"Delivery": "relayed", "TransientFailure": "delayed"}[type] or "failed"';
/** A job that is different in each message is no campaign. */
const JOB = 'q(meta.campaign or meta.x_pmta_job)';
const ENVELOPE_ID = 'q(meta.x_pmta_envid)';

/** Sorted by name. Expressions call the macros below. */
export const ACCT_COLUMNS: readonly AcctColumn[] = [
  { name: 'bounceCat', sent: `"" if type == "Delivery" else ${CLASS}`, rb: CLASS },
  { name: 'dlvDestinationIp', sent: 'peer_address.addr' },
  { name: 'dlvEsmtpAvailable' },
  { name: 'dlvSize', sent: 'size or ""' },
  { name: 'dlvSourceIp', sent: 'ip(source_address.address)', f: 'q(feedback_report.source_ip)' },
  { name: 'dlvTlsCipher', sent: 'tls_cipher' },
  { name: 'dlvTlsProtocol', sent: 'tls_protocol_version' },
  { name: 'dlvType', sent: '"smtp" if delivery_protocol == "ESMTP" else (delivery_protocol or "")|lower' },
  { name: 'dsnAction', sent: BY_TYPE, rb: '' },
  { name: 'dsnDiag', sent: 'q(diag(response))', rb: 'q("smtp;" ~ response.code ~ " " ~ response.content)' },
  { name: 'dsnMta', sent: 'q(peer_address.name|trim(".") ~ " (" ~ peer_address.addr ~ ")") if peer_address else ""' },
  { name: 'dsnReportingMta', rb: 'q(peer_address.name)' },
  { name: 'dsnStatus', sent: 'status(response)', rb: 'status(response)' },
  { name: 'envId', sent: ENVELOPE_ID, r: ENVELOPE_ID, f: 'q(feedback_report.original_envelope_id)' },
  { name: 'feedbackType', f: 'q(feedback_report.feedback_type)' },
  { name: 'format', rb: '"dsn"', f: '"arf"' },
  { name: 'jobId', sent: JOB, r: JOB },
  { name: 'orcpt' },
  {
    name: 'orig',
    sent: 'q(sender)',
    r: 'q(sender)',
    rb: 'q(sender)',
    f: 'q((feedback_report.original_mail_from or "")|trim("<>"))',
  },
  { name: 'queue', sent: 'q(queue|split("@")|last|split("!")|first ~ "/" ~ vmta)' },
  { name: 'rcpt', sent: 'q(recipient)', r: 'q(recipient)', rb: 'q(recipient)', f: `q(${COMPLAINER})` },
  { name: 'rcvDestinationIp', r: 'ip(meta.received_via)' },
  { name: 'rcvSmtpUser', sent: 'q(meta.authn_id)', r: 'q(meta.authn_id)' },
  { name: 'rcvSourceIp', r: 'ip(meta.received_from)' },
  { name: 'repSourceIp', f: 'ip(meta.received_via)' },
  { name: 'reportedDomain', f: 'q((feedback_report.reported_domain or [""])|first)' },
  { name: 'reportingMta', f: 'q(feedback_report.reporting_mta.name) if feedback_report.reporting_mta else ""' },
  { name: 'srcMta', sent: SOURCE_MTA, r: SOURCE_MTA, rb: SOURCE_MTA },
  { name: 'srcType', sent: SOURCE_TYPE, r: SOURCE_TYPE, rb: SOURCE_TYPE },
  { name: 'timeLogged', sent: 'time(timestamp)', r: 'time(timestamp)', rb: 'time(timestamp)', f: 'time(timestamp)' },
  { name: 'timeQueued', sent: 'time(created)' },
  { name: 'totalSecondsQueued', sent: 'timestamp - created' },
  { name: 'userAgent', f: 'q(feedback_report.user_agent)' },
  { name: 'vmta', sent: 'q(vmta)', r: 'q(vmta)' },
  { name: 'vmtaPool', sent: 'q(egress_pool) if egress_pool != vmta else ""' },
];

const MESSAGE_COLUMNS = [
  ...['timeLogged', 'timeQueued', 'orig', 'rcpt', 'orcpt', 'dsnAction', 'dsnStatus', 'dsnDiag', 'dsnMta', 'bounceCat'],
  ...[
    'srcType',
    'srcMta',
    'dlvType',
    'dlvSourceIp',
    'dlvDestinationIp',
    'dlvEsmtpAvailable',
    'dlvSize',
    'vmta',
    'jobId',
  ],
  ...['envId', 'queue', 'vmtaPool'],
];
const REPORT_COLUMNS = ['dsnStatus', 'dsnDiag', 'dsnMta'];

/** What `*` stands for, in the order of the samples in M5 11.2.2-11.2.8; the rest has to be asked for by name. */
export const DEFAULT_COLUMNS: Readonly<Record<RecordType, readonly string[]>> = {
  d: MESSAGE_COLUMNS,
  b: MESSAGE_COLUMNS,
  t: MESSAGE_COLUMNS,
  tq: ['timeLogged', ...REPORT_COLUMNS, 'dlvType', 'dlvSourceIp', 'dlvDestinationIp', 'vmta', 'queue'],
  r: [
    ...['timeLogged', 'orig', 'rcpt', 'orcpt', 'srcType', 'srcMta', 'rcvSourceIp', 'rcvDestinationIp', 'vmta'],
    ...['jobId', 'envId', 'vmtaPool'],
  ],
  rb: [
    ...['timeLogged', 'orig', 'rcpt', 'orcpt', ...REPORT_COLUMNS, 'dsnReportingMta', 'bounceCat', 'srcType'],
    ...['srcMta', 'envId'],
  ],
  rs: ['timeLogged', 'orig', 'rcpt', 'orcpt', 'dsnAction', ...REPORT_COLUMNS, 'srcType', 'srcMta', 'envId'],
  f: [
    ...['timeLogged', 'repSourceIp', 'feedbackType', 'format', 'userAgent', 'envId', 'orig', 'rcpt'],
    ...['reportingMta', 'dlvSourceIp', 'reportedDomain'],
  ],
};

/** A field of an ARF report that KumoMTA has parsed: name in lower case → expression. All others are extensions. */
export const ARF_FIELDS: ReadonlyMap<string, string> = new Map([
  ['arrival-date', 'feedback_report.arrival_date or ""'],
  ['authentication-results', 'q((feedback_report.authentication_results or [""])|first)'],
  ['feedback-type', 'q(feedback_report.feedback_type)'],
  ['incidents', 'feedback_report.incidents or ""'],
  ['original-envelope-id', 'q(feedback_report.original_envelope_id)'],
  ['original-mail-from', 'q(feedback_report.original_mail_from)'],
  ['original-rcpt-to', 'q((feedback_report.original_rcpto_to or [""])|first)'],
  ['reported-domain', 'q((feedback_report.reported_domain or [""])|first)'],
  ['reported-uri', 'q((feedback_report.reported_uri or [""])|first)'],
  ['source-ip', 'q(feedback_report.source_ip)'],
  ['user-agent', 'q(feedback_report.user_agent)'],
  ['version', 'q(feedback_report.version)'],
]);
