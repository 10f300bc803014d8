import { contains } from '../directives/cidr';
import { numberOf } from '../directives/value';
import type { HttpListener } from '../kumo/model';
import type { Setting } from '../pmta/model';
import { lineOf } from '../pmta/precedence';
import { isWide } from './acl';
import { certificateOf } from './certificates';
import { subtract } from './cidr';
import type { Pass, PassContext } from './pass';
import { addOrigins, field, setField } from './policy-writer';

const NAME = 'http';

const LOOPBACK = ['127.0.0.1', '::1'] as const;
/** Where kcli looks for the server when nothing else is said. */
const KCLI_PORT = 8_000;

/**
 * `http-mgmt-port` and `http-access` (M5 3.3.1.36). KumoMTA's trusted_hosts may inject mail and administer the server
 * without a password, so only those who may administer PowerMTA become trusted; `monitor` alone does not.
 */
export const httpPass: Pass = {
  name: NAME,
  needs: [],
  run(context) {
    const { config, policy } = context;
    const port = lineOf(config.top, 'http-mgmt-port');
    const rules = config.top.settings.filter(
      (setting) => setting.name === 'http-access' || setting.name === 'http-mgmt-source',
    );
    if (port === undefined && rules.length === 0) {
      policy.http = kcliListener([]);
      return;
    }
    policy.http = managementListener(context, port, rules);
    setTls(context, policy.http, lineOf(config.top, 'http-redirect-to-https'));
  },
};

function kcliListener(settings: readonly Setting[]): HttpListener {
  const http: HttpListener = { fields: new Map(), origins: [], comments: ['kcli needs an HTTP listener'] };
  http.fields.set('listen', { value: `127.0.0.1:${KCLI_PORT}`, origins: settings.map((line) => line.span) });
  http.fields.set('trusted_hosts', { value: LOOPBACK, origins: [] });
  return http;
}

function managementListener(context: PassContext, port: Setting | undefined, rules: readonly Setting[]): HttpListener {
  const { ledger, diagnostics, options } = context;
  const { trusted, settings, fromOpen } = trustedHosts(context, rules);
  const number = numberOf(port?.value, 'int') ?? 8_080;
  if (port !== undefined) ledger.settle(port, 'approximate', NAME, port.row?.note);
  if (number === 0) return kcliListener(port === undefined ? [] : [port]);
  const open = rules.some((line) => isOpen(line) && settings.includes(line));
  if (open && !options.allowOpenRelay) {
    diagnostics.report('open-http', settings[0]?.span, {});
    for (const line of settings) {
      if (isOpen(line)) {
        ledger.settle(line, 'manual', NAME, 'Trusting the whole internet is not written: name the networks.');
      }
    }
  }
  const hosts = open && !options.allowOpenRelay ? trusted.filter((cidr) => !fromOpen.has(cidr)) : trusted;
  const remote = hosts.filter((cidr) => !LOOPBACK.some((own) => own === cidr) && !contains('127.0.0.0/8', cidr));
  const http: HttpListener = { fields: new Map(), origins: [], comments: [] };
  const origins = port === undefined ? settings : [port];
  http.fields.set('listen', field(`${remote.length === 0 ? '127.0.0.1' : '0.0.0.0'}:${number}`, origins));
  http.fields.set('trusted_hosts', field([...LOOPBACK, ...remote], settings));
  addOrigins(http, [...(port === undefined ? [] : [port]), ...settings]);
  return http;
}

function isOpen({ value }: Setting): boolean {
  const cidr = value?.kind === 'http-access' ? value.cidr : value?.kind === 'cidr' ? value.value : undefined;
  return cidr !== undefined && isWide(cidr);
}

/** First match in file order counts: what earlier lines say about a network is cut out of later ones. */
function trustedHosts(
  context: PassContext,
  rules: readonly Setting[],
): { trusted: readonly string[]; settings: readonly Setting[]; fromOpen: ReadonlySet<string> } {
  const decided: string[] = [];
  const trusted: string[] = [];
  const fromOpen = new Set<string>();
  const settings: Setting[] = [];
  for (const line of rules) {
    const { value } = line;
    const rule =
      value?.kind === 'http-access'
        ? value
        : value?.kind === 'cidr'
          ? { cidr: value.value, level: 'admin' }
          : undefined;
    if (rule === undefined) continue;
    const open = subtract(rule.cidr, decided);
    if (open.length === 0) {
      context.diagnostics.report('http-access-dead', line.span, { network: rule.cidr });
      context.ledger.settle(line, 'implicit', NAME, 'An earlier line already decides for this network.');
      continue;
    }
    const admits = rule.level === 'admin' || rule.level === 'operator';
    if (admits) {
      trusted.push(...open);
      if (isOpen(line)) for (const cidr of open) fromOpen.add(cidr);
      settings.push(line);
    }
    decided.push(rule.cidr);
    settleAccess(context, line, rule.level, rule.cidr);
  }
  return { trusted, settings, fromOpen };
}

function settleAccess(context: PassContext, line: Setting, level: string, cidr: string): void {
  const { ledger } = context;
  const local = cidr === '127.0.0.1' || cidr === '::1' || contains('127.0.0.0/8', cidr);
  if (level === 'none') ledger.settle(line, 'exact', NAME);
  else if (level === 'admin' || level === 'operator') ledger.settle(line, 'approximate', NAME, line.row?.note);
  else if (local)
    ledger.settle(line, 'approximate', NAME, 'Loopback is always trusted in KumoMTA, because kcli needs it.');
  else
    ledger.settle(
      line,
      'manual',
      NAME,
      'KumoMTA has no read-only access by address: this network is not trusted. Give it to a monitoring proxy, or trust it fully.',
    );
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
