import { prefixLength } from '../directives/cidr';
import type { Value } from '../directives/value';
import { readValue } from '../directives/values';
import { releaseAtLeast } from '../kumo/format';
import type { EsmtpListener, FieldMap } from '../kumo/model';
import type { ScopeBlock, Setting } from '../pmta/model';
import { lineOf } from '../pmta/precedence';
import { EVERYBODY } from '../pmta/source-match';
import { canonicalSource, isWide, type PeerRule, peerRules, relayHosts, relaysByAddress } from './acl';
import { certificateOf, copyToTls } from './certificates';
import type { Pass, PassContext } from './pass';
import { NO_COUNT_LIMIT, PEER_DIRECTIVES, setPeerFields } from './peer-fields';
import { addOrigins, field, setField } from './policy-writer';
import { refuseForTarget } from './target';

const NAME = 'listeners';

/** `listen` of the listener PowerMTA starts when the configuration has none (M5 3.3.1.38.2). */
const IMPLICIT_LISTENER = '0.0.0.0:25';

interface Request {
  readonly listen: string;
  readonly settings: readonly Setting[];
  /** Named source of the listener. */
  readonly source?: string;
  readonly block?: ScopeBlock;
}

/** `smtp-listener` in both forms, with what the `<source>` blocks say about the clients (M5 3.3.1.38, 3.3.7, 3.3.17). */
export const listenersPass: Pass = {
  name: NAME,
  needs: [],
  run(context) {
    for (const request of requests(context)) context.policy.listeners.push(listenerOf(context, request));
    if (context.policy.listeners.length === 0) settleWithoutListener(context);
  },
};

function requests(context: PassContext): readonly Request[] {
  const { config } = context;
  const made = new Map<string, Request>();
  const lines = config.settings.filter((line) => line.name === 'smtp-listener' || line.name === '<smtp-listener>');
  for (const line of lines) {
    const request = requestOf(context, line);
    if (request === undefined) continue;
    const known = made.get(request.listen);
    if (known === undefined) made.set(request.listen, request);
    else takeTwice(context, line, known);
  }
  // A line that cannot be read is reported; PowerMTA's own listener exists only where there is no line at all.
  if (lines.length === 0) made.set(IMPLICIT_LISTENER, legacyRequest(context));
  else settleLegacy(context);
  return [...made.values()];
}

function requestOf(context: PassContext, line: Setting): Request | undefined {
  const value = addressOf(context, line);
  if (value === undefined) return undefined;
  const block = context.config.top.blocks.find((candidate) => candidate.tag === line);
  const named = lineOf(block, 'source');
  const source = named?.value?.kind === 'text' ? named.value.value : value.source;
  const everywhere = prefixLength(value.cidr) === 0;
  const single = !value.cidr.includes('/') || value.cidr.endsWith('/32') || value.cidr.endsWith('/128');
  const address =
    everywhere || !single ? (value.cidr.includes(':') ? '::' : '0.0.0.0') : value.cidr.replace(/\/\d+$/, '');
  const note =
    'KumoMTA listens on one address or on all: the listener takes all addresses, PowerMTA those of the range.';
  context.ledger.settle(
    line,
    everywhere || single ? 'exact' : 'approximate',
    NAME,
    everywhere || single ? undefined : note,
  );
  if (named !== undefined) context.ledger.settle(named, 'exact', NAME);
  return {
    listen: address.includes(':') ? `[${address}]:${value.port}` : `${address}:${value.port}`,
    settings: [line],
    ...(source === undefined ? {} : { source }),
    ...(block === undefined ? {} : { block }),
  };
}

/** The address and port of a line, or of the argument of a tag (M5 3.3.17). */
function addressOf(context: PassContext, line: Setting): Extract<Value, { kind: 'listener' }> | undefined {
  if (line.value?.kind === 'listener') return line.value;
  if (line.value?.kind !== 'tag') return undefined;
  const { value } = readValue({ value: 'listener' }, line.value.argument);
  if (value.kind === 'listener') return value;
  context.ledger.settle(line, 'invalid', NAME, 'The argument is not an address and a port such as 192.0.2.1:25.');
  context.diagnostics.report('value-invalid', line.valueSpan, {
    what: line.name,
    reason: value.kind === 'error' ? value.reason : 'is not an address and a port',
  });
  return undefined;
}

function takeTwice(context: PassContext, line: Setting, known: Request): void {
  const first = known.settings[0];
  const related = first === undefined ? [] : [{ span: first.span, message: 'the first listener' }];
  context.diagnostics.report('listener-twice', line.span, { listen: known.listen }, related);
  context.ledger.settle(line, 'invalid', NAME, 'Another listener already takes this address and port.');
}

function settleLegacy({ config, ledger }: PassContext): void {
  const note = 'PowerMTA ignores it where there is an smtp-listener.';
  for (const name of ['smtp-ip', 'smtp-port']) {
    const line = lineOf(config.top, name);
    if (line !== undefined) ledger.settle(line, 'implicit', NAME, note);
  }
}

/** Directives of sources that a listener carries out. */
const ON_LISTENERS: ReadonlySet<string> = new Set(['always-allow-relaying', ...PEER_DIRECTIVES]);

function settleWithoutListener({ config, ledger }: PassContext): void {
  const note = 'No smtp-listener of the configuration could be read, so there is none to write this on.';
  // What users may do is written elsewhere.
  const byAddress = config.sources.filter(({ cidr }) => cidr !== undefined);
  for (const line of byAddress.flatMap(({ blocks }) => blocks.flatMap(({ settings }) => settings))) {
    if (ON_LISTENERS.has(line.name) && line.value !== undefined) ledger.settle(line, 'manual', NAME, note);
  }
}

/** `smtp-ip` and `smtp-port` count only when there is no listener at all (M5 3.3.1.38.4). */
function legacyRequest(context: PassContext): Request {
  const found = ['smtp-ip', 'smtp-port'].map((name) => lineOf(context.config.top, name));
  const [ip, port] = found;
  const settings = found.filter((line) => line !== undefined);
  for (const line of settings) context.ledger.settle(line, 'exact', NAME);
  const address = ip?.value?.kind === 'text' ? ip.value.value : '0.0.0.0';
  const number = port?.value?.kind === 'int' ? port.value.value : 25;
  return { listen: `${address.includes(':') ? `[${address}]` : address}:${number}`, settings };
}

function listenerOf(context: PassContext, request: Request): EsmtpListener {
  const fields: FieldMap = new Map();
  const origins = request.settings.map((line) => line.span);
  const rules = peerRules(context.config, ...(request.source === undefined ? [] : [request.source]));
  hostName(context, fields);
  setRelayHosts(context, fields, rules, request);
  const base = rules.find((rule) => rule.cidr === EVERYBODY);
  if (base !== undefined) setPeerFields(context, fields, base, rules);
  setField(fields, 'max_messages_per_connection', NO_COUNT_LIMIT, []);
  setCertificate(context, fields, request);
  setConnectionLimit(context, fields);
  if (request.source !== undefined) {
    setField(fields, 'meta', { x_pmta_source: canonicalSource(context.config, request.source) }, request.settings);
  }
  const listener = { listen: { value: request.listen, origins }, fields, origins: [...origins] };
  if (request.block?.tag !== undefined) addOrigins(listener, [request.block.tag]);
  return listener;
}

/** The first global host-name names the server; the others are local domains (M5 3.3.1.25). */
function hostName(context: PassContext, fields: FieldMap): void {
  const lines = context.config.top.settings.filter((line) => line.name === 'host-name' && line.value !== undefined);
  const [first] = lines;
  if (first?.value?.kind === 'text') setField(fields, 'hostname', first.value.value, [first]);
  const note =
    'The name greets clients and is sent as EHLO. Mail addressed to it, which PowerMTA takes, is refused but for aliases and the postmaster: add it to listener_domains.toml with a route if it is needed.';
  for (const line of lines) context.ledger.settle(line, 'approximate', NAME, note);
}

function setRelayHosts(context: PassContext, fields: FieldMap, rules: readonly PeerRule[], request: Request): void {
  const { ledger, options, diagnostics } = context;
  const open = rules.filter((rule) => isWide(rule.cidr) && relaysByAddress(rule));
  const loopback = /^(127\.|\[::1\])/.test(request.listen);
  if (open.length === 0 || options.allowOpenRelay || loopback) {
    const { cidrs, settings } = relayHosts(rules);
    for (const setting of settings) ledger.settle(setting, 'exact', NAME);
    // Nobody else can reach a listener on loopback.
    const local = cidrs.some((cidr) => isWide(cidr)) && loopback ? ['127.0.0.0/8', '::1'] : cidrs;
    fields.set('relay_hosts', field(local, settings));
    return;
  }
  for (const rule of open) {
    const setting = rule.settings.get('always-allow-relaying');
    if (setting === undefined) continue;
    const related = request.settings.slice(0, 1).map(({ span }) => ({ span, message: 'the listener' }));
    if (!ledger.isSettled(setting)) diagnostics.report('open-relay', setting.span, { listen: request.listen }, related);
    ledger.settle(
      setting,
      'manual',
      NAME,
      'Relaying for the whole internet is not written: name the networks that may relay.',
    );
  }
  const { cidrs, settings } = relayHosts(rules.map((rule) => (open.includes(rule) ? closed(rule) : rule)));
  const refused = open.map((rule) => rule.settings.get('always-allow-relaying'));
  for (const line of settings) if (!refused.includes(line)) ledger.settle(line, 'exact', NAME);
  fields.set('relay_hosts', field(cidrs, settings));
}

function closed(rule: PeerRule): PeerRule {
  return {
    cidr: rule.cidr,
    settings: new Map([...rule.settings].filter(([name]) => name !== 'always-allow-relaying')),
  };
}

function setCertificate(context: PassContext, fields: FieldMap, request: Request): void {
  const inner = (name: string) => lineOf(request.block, name);
  const top = (name: string) => lineOf(context.config.top, name);
  for (const line of [inner('tls-certificate'), top('smtp-server-tls-certificate')]) {
    const path = certificateOf(context, line, NAME);
    if (line === undefined || path === undefined || fields.has('tls_certificate')) continue;
    setField(fields, 'tls_certificate', path, [line]);
    setField(fields, 'tls_private_key', path, [line]);
  }
  const ca = inner('tls-ca-file') ?? top('smtp-server-tls-ca-file');
  if (ca?.value?.kind !== 'text' || ca.value.value === '') return;
  if (!releaseAtLeast(context.options.target, '2025.10.06')) {
    refuseForTarget(context, ca, NAME, 'verifies client certificates', '2025.10.06');
    return;
  }
  setField(fields, 'tls_required_client_ca', copyToTls(context, ca.value.value, 'CA file', ca), [ca]);
  context.ledger.settle(ca, 'exact', NAME);
}

/** PowerMTA counts connections per server, KumoMTA per listener (M5 3.3.1.1). */
function setConnectionLimit(context: PassContext, fields: FieldMap): void {
  const line = lineOf(context.config.top, 'total-max-smtp-in');
  if (line?.value?.kind !== 'int' || typeof line.value.value !== 'number' || line.value.value === 0) return;
  setField(fields, 'max_connections', line.value.value, [line]);
  context.ledger.settle(line, 'approximate', NAME, line.row?.note);
}
