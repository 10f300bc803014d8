import { contains } from '../directives/cidr';
import { createNetworkSet } from '../directives/network-set';
import { numberOf } from '../directives/value';
import { releaseAtLeast } from '../kumo/format';
import type { HttpListener } from '../kumo/model';
import type { Setting } from '../pmta/model';
import { lineOf } from '../pmta/precedence';
import { isWide } from './acl';
import { certificateOf } from './certificates';
import type { Pass, PassContext } from './pass';
import { addOrigins, field, setField } from './policy-writer';

const NAME = 'http';

const LOOPBACK = ['127.0.0.1', '::1'] as const;
/** Where kcli looks for the server when nothing else is said. */
const KCLI_PORT = 8_000;

/** Rules by address, the old forms too (M5 3.3.1.36.3, 3.3.1.36.7). */
const ACCESS: ReadonlySet<string> = new Set(['http-access', 'http-mgmt-source', 'no-http-mgmt-source']);

/** First release that knows more than trusted and untrusted addresses (KumoMTA reference, access_control). */
const ACL_SINCE = '2026.03.04';

/**
 * `http-mgmt-port` and `http-access` (M5 3.3.1.36). KumoMTA's trusted_hosts may inject mail and administer the server
 * without a password, so only those who may administer PowerMTA become trusted; `monitor` may read the metrics.
 */
export const httpPass: Pass = {
  name: NAME,
  needs: [],
  run(context) {
    const { config, policy } = context;
    const port = lineOf(config.top, 'http-mgmt-port');
    const redirect = lineOf(config.top, 'http-redirect-to-https');
    const lines = config.top.settings.filter(({ name }) => ACCESS.has(name));
    // Who was denied in the old form was denied whatever else allowed him.
    const rules = [...lines.filter(isOldDenial), ...lines.filter((line) => !isOldDenial(line))];
    policy.http =
      port === undefined && rules.length === 0 ? kcliListener([]) : managementListener(context, port, rules);
    if (onlyForKcli(policy.http)) settleIdleRedirect(context, redirect);
    else setTls(context, policy.http, redirect);
  },
};

function isOldDenial({ name }: Setting): boolean {
  return name === 'no-http-mgmt-source';
}

function kcliListener(settings: readonly Setting[]): HttpListener {
  const http: HttpListener = { fields: new Map(), origins: [], comments: ['kcli needs an HTTP listener'] };
  http.fields.set('listen', { value: `127.0.0.1:${KCLI_PORT}`, origins: settings.map((line) => line.span) });
  http.fields.set('trusted_hosts', { value: LOOPBACK, origins: [] });
  return http;
}

function onlyForKcli({ comments }: HttpListener): boolean {
  return comments.length > 0;
}

function managementListener(context: PassContext, port: Setting | undefined, rules: readonly Setting[]): HttpListener {
  const { ledger } = context;
  const number = numberOf(port?.value, 'int') ?? 8_080;
  if (port !== undefined) ledger.settle(port, 'approximate', NAME, port.row?.note);
  if (number === 0) {
    // Those whose value is wrong were settled when it was read.
    for (const line of rules.filter((one) => ruleOf(one) !== undefined))
      ledger.settle(line, 'implicit', NAME, 'The port of the web monitor is switched off.');
    return kcliListener(port === undefined ? [] : [port]);
  }
  const { trusted, monitors, watching, settings } = decide(context, rules);
  const remote = trusted.filter((cidr) => !isLocal(cidr));
  const origins = port === undefined ? settings : [port];
  const everywhere = remote.length > 0 || monitors.length > 0;
  const fields: HttpListener['fields'] = new Map();
  fields.set('listen', field(`${everywhere ? '0.0.0.0' : '127.0.0.1'}:${number}`, origins));
  fields.set('trusted_hosts', field([...LOOPBACK, ...remote], settings));
  const http: HttpListener = {
    fields,
    origins: [],
    comments: [],
    ...(monitors.length > 0 ? { monitors: field(monitors, watching) } : {}),
  };
  addOrigins(http, [...(port === undefined ? [] : [port]), ...settings]);
  return http;
}

function isLocal(cidr: string): boolean {
  return LOOPBACK.some((own) => own === cidr) || contains('127.0.0.0/8', cidr);
}

interface Decided {
  /** Networks that may inject and administer. */
  readonly trusted: string[];
  /** Networks that may read the metrics. */
  readonly monitors: string[];
  /** The lines that say so. */
  readonly watching: Setting[];
  readonly settings: Setting[];
}

/** First match in file order counts: a line decides for what the lines before it have left. */
function decide(context: PassContext, rules: readonly Setting[]): Decided {
  const networks = createNetworkSet();
  const first = new Map<string, Setting>();
  const decided: Decided = { trusted: [], monitors: [], watching: [], settings: [] };
  for (const line of rules) {
    const rule = ruleOf(line);
    if (rule === undefined) continue;
    const open = networks.take(rule.cidr);
    if (open.length > 0 && !first.has(rule.cidr)) first.set(rule.cidr, line);
    if (open.length === 0) {
      const wider = first.get(rule.cidr) ?? first.get(rule.cidr.includes(':') ? '::/0' : '0.0.0.0/0');
      const related = wider === undefined ? [] : [{ span: wider.span, message: 'this line decides' }];
      context.diagnostics.report('http-access-dead', line.span, { network: rule.cidr }, related);
      context.ledger.settle(line, 'implicit', NAME, 'An earlier line already decides for this network.');
    } else if (rule.level === 'admin' || rule.level === 'operator') admit(context, line, rule.cidr, open, decided);
    else if (rule.level === 'monitor') letLook(context, line, rule.cidr, open, decided);
    else context.ledger.settle(line, 'exact', NAME);
  }
  return decided;
}

function ruleOf({ name, value }: Setting): { readonly cidr: string; readonly level: string } | undefined {
  if (value?.kind === 'http-access') return value;
  if (value?.kind !== 'cidr') return undefined;
  return { cidr: value.value, level: name === 'no-http-mgmt-source' ? 'none' : 'admin' };
}

function admit(context: PassContext, line: Setting, cidr: string, open: readonly string[], decided: Decided): void {
  const { diagnostics, ledger, options } = context;
  if (isWide(cidr) && !options.allowOpenRelay) {
    diagnostics.report('open-http', line.span, {});
    ledger.settle(line, 'manual', NAME, 'Trusting the whole internet is not written: name the networks.');
    return;
  }
  decided.trusted.push(...open);
  decided.settings.push(line);
  ledger.settle(line, 'approximate', NAME, line.row?.note);
}

const METRICS_ONLY =
  'KumoMTA has no web monitor: these addresses may read its metrics (/metrics, /metrics.json), and nothing else.';

function letLook(context: PassContext, line: Setting, cidr: string, open: readonly string[], decided: Decided): void {
  const { ledger, options } = context;
  if (isLocal(cidr)) {
    ledger.settle(line, 'approximate', NAME, 'Loopback is always trusted in KumoMTA, because kcli needs it.');
  } else if (!releaseAtLeast(options.target, ACL_SINCE)) {
    const note = `Before release ${ACL_SINCE} KumoMTA has no read-only access by address: this network is not trusted. Give it to a monitoring proxy, or trust it fully.`;
    ledger.settle(line, 'manual', NAME, note);
  } else if (isWide(cidr) && !options.allowOpenRelay) {
    const note =
      'Showing the metrics to the whole internet is not written: name the networks that may look. KumoMTA has no web monitor.';
    ledger.settle(line, 'manual', NAME, note);
  } else {
    decided.monitors.push(...open.filter((network) => !isLocal(network)));
    decided.watching.push(line);
    ledger.settle(line, 'approximate', NAME, METRICS_ONLY);
  }
}

/** PowerMTA's monitor that nobody but this machine reaches; TLS would only stand in the way of kcli. */
function settleIdleRedirect({ ledger }: PassContext, redirect: Setting | undefined): void {
  if (redirect === undefined) return;
  ledger.settle(redirect, 'implicit', NAME, 'Nobody but this machine reaches the HTTP listener, which is for kcli.');
}

function setTls(context: PassContext, http: HttpListener, redirect: Setting | undefined): void {
  if (redirect?.value?.kind !== 'bool') return;
  context.ledger.settle(redirect, 'approximate', NAME, redirect.row?.note);
  if (!redirect.value.value) return;
  setField(http.fields, 'use_tls', true, [redirect]);
  const certificate = lineOf(context.config.top, 'smtp-server-tls-certificate');
  const path = certificateOf(context, certificate, 'listeners');
  if (certificate === undefined || path === undefined) return;
  setField(http.fields, 'tls_certificate', path, [certificate]);
  setField(http.fields, 'tls_private_key', path, [certificate]);
}
