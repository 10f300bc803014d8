import { bounceClassifierFields } from './bounce-classifier';
import { dkimBaseFields, dkimDomainFields, dkimSignatureFields, signerFields } from './dkim';
import { egressPathFields } from './egress-path';
import { egressPoolEntryFields, egressPoolFields } from './egress-pool';
import { egressSourceFields } from './egress-source';
import type { FieldRow } from './field';
import { esmtpListenerFields, httpListenerFields, listenerSocketFields, traceHeaderFields } from './listener';
import { listenerDomainFields } from './listener-domain';
import { dispositionHookFields, localLogFields, logHookFields, logRecordFields } from './logs';
import { queueConfigFields } from './queue-config';
import { rocksParamFields, spoolFields } from './spool';

/** One of KumoMTA's parameter tables. */
export interface Struct {
  /** As messages name it. */
  readonly label: string;
  /** KumoMTA refuses keys it does not know; where it silently ignores them, they have no effect. */
  readonly unknownKeys: 'refused' | 'ignored';
  readonly fields: ReadonlyMap<string, FieldRow>;
}

function struct(label: string, rows: readonly FieldRow[], unknownKeys: Struct['unknownKeys'] = 'refused'): Struct {
  return { label, unknownKeys, fields: new Map(rows.map((row) => [row.name, row])) };
}

/** Every parameter table by the name that `functions.ts` uses for it. */
export const structs = {
  bounce_classifier: struct('configure_bounce_classifier', bounceClassifierFields),
  disposition_hook: struct('configure_log_disposition_hook', dispositionHookFields),
  dkim_base: struct('[base] of the DKIM file', dkimBaseFields),
  dkim_domain: struct('a [domain] block of the DKIM file', dkimDomainFields),
  dkim_signature: struct('a [signature] block of the DKIM file', dkimSignatureFields),
  egress_path: struct('the egress path', egressPathFields),
  egress_pool: struct('the egress pool', egressPoolFields),
  egress_pool_entry: struct('a pool entry', egressPoolEntryFields),
  egress_source: struct('the egress source', egressSourceFields),
  esmtp_listener: struct('start_esmtp_listener', esmtpListenerFields),
  generic_listener: struct(
    'listener parameters by address',
    esmtpListenerFields.filter((row) => !listenerSocketFields.includes(row.name)),
  ),
  http_listener: struct('start_http_listener', httpListenerFields),
  listener_domain: struct('the listener domain', listenerDomainFields),
  local_logs: struct('configure_local_logs', localLogFields),
  log_hook: struct('configure_log_hook', logHookFields),
  log_record: struct('a per_record block', logRecordFields),
  queue_config: struct('the queue configuration', queueConfigFields),
  rocks_params: struct('rocks_params', rocksParamFields, 'ignored'),
  signer: struct('the DKIM signer', signerFields, 'ignored'),
  spool: struct('define_spool', spoolFields),
  trace_headers: struct('trace_headers', traceHeaderFields),
} as const satisfies Record<string, Struct>;

export type StructName = keyof typeof structs;
