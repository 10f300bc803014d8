import { readValue } from '../directives/values';
import type { HttpListener } from '../kumo/model';
import type { ScopeBlock, Setting } from '../pmta/model';
import { lineOf } from '../pmta/precedence';
import { certificateOf } from './certificates';
import type { Pass, PassContext } from './pass';
import { addOrigins, field, setField } from './policy-writer';

const NAME = 'injection';

const LOCAL = ['127.0.0.1', '::1'];

/**
 * `<transmissions-api-listener>` (M5 3.3.21) becomes an HTTP listener with KumoMTA's own injection API. PowerMTA lets
 * clients in by key; here only this machine is trusted until a person adds the authentication.
 */
export const injectionPass: Pass = {
  name: NAME,
  needs: ['http'],
  run(context) {
    for (const block of context.config.top.blocks) {
      if (block.kind === 'transmissions-api-listener' && block.tag !== undefined) convert(context, block, block.tag);
    }
  },
};

function convert(context: PassContext, block: ScopeBlock, tag: Setting): void {
  const { ledger, policy } = context;
  const listen = listenOf(block.argument);
  if (listen === undefined) {
    ledger.settle(tag, 'invalid', NAME, 'The argument is not an address and a port such as 192.0.2.1:8025.');
    return;
  }
  const certificate = lineOf(block, 'tls-certificate');
  const taken = [...(policy.http === undefined ? [] : [policy.http]), ...policy.injection].some(({ fields }) =>
    collides(String(fields.get('listen')?.value), listen),
  );
  if (taken) {
    ledger.settle(tag, 'implicit', NAME, `Another HTTP listener takes ${listen}, and it takes mail as well.`);
    if (certificate !== undefined) ledger.settle(certificate, 'manual', NAME, 'The other listener keeps its own TLS.');
    return;
  }
  const http: HttpListener = { fields: new Map(), origins: [], comments: ['takes mail at /api/inject/v1'] };
  http.fields.set('listen', field(listen, [tag]));
  http.fields.set('trusted_hosts', field(LOCAL, [tag]));
  const path = certificateOf(context, certificate, NAME);
  if (certificate !== undefined && path !== undefined) {
    setField(http.fields, 'use_tls', true, [certificate]);
    setField(http.fields, 'tls_certificate', path, [certificate]);
    setField(http.fields, 'tls_private_key', path, [certificate]);
  }
  addOrigins(http, [tag]);
  policy.injection.push(http);
  ledger.settle(tag, 'approximate', NAME, tag.row?.note);
}

function listenOf(argument: string): string | undefined {
  const { value } = readValue({ value: 'listener' }, argument);
  if (value.kind !== 'listener') return undefined;
  const address = value.cidr.replace(/\/\d+$/, '');
  return address.includes(':') ? `[${address}]:${value.port}` : `${address}:${value.port}`;
}

/** The same port, and an address that is the same or all of them. */
function collides(a: string, b: string): boolean {
  const [hostA, portA] = split(a);
  const [hostB, portB] = split(b);
  return portA === portB && (hostA === hostB || [hostA, hostB].some((host) => host === '0.0.0.0' || host === '[::]'));
}

function split(listen: string): readonly [string, string] {
  const at = listen.lastIndexOf(':');
  return [listen.slice(0, at), listen.slice(at + 1)];
}
