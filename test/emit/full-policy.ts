import type { KumoPolicy, KumoTable, ProviderMatch } from '../../src/kumo/model';
import { addVirtualMta, at, block, field, listener, pathBlock, queueBlock, stockPolicy } from './policies';

const ANYTHING: ProviderMatch = { DomainSuffix: '' };

/** A policy that needs every file and every part of pmta.lua. */
export function fullPolicy(): KumoPolicy {
  const policy = stockPolicy();
  policy.queueOptions.clear();
  policy.nameServers.push(field('192.0.2.53:53', 3));
  addListeners(policy);
  for (let i = 1; i <= 4; i++) addVirtualMta(policy, `v${i}`, `192.0.2.${10 + i}`, 100 + i);
  policy.pools.set('pool-a', {
    entries: new Map([
      ['v1', 1],
      ['v2', 2],
    ]),
    origins: [at(110)],
    comments: [],
  });
  policy.tenants.set('pool-a', block({ egress_pool: 'pool-a' }, 110));
  addRules(policy);
  addShaping(policy);
  addQueues(policy);
  addSigning(policy);
  policy.listenerDomains.set('bounces.example.net', block({ log_oob: 'LogThenDrop' }, 220));
  policy.users.set('shop', { name: 'shop', password: `s3"cr'et\\`, source: 'feeders', origins: [at(230)] });
  policy.users.set('plain', { name: 'plain', password: 'x', origins: [at(231)] });
  policy.secrets.push({ path: 'secrets/relay-1', content: 'hush' });
  policy.bounceRules.push(
    { rules: new Map([['InvalidRecipient', ['(?i)no such (user|mailbox)']]]), origins: [at(240)] },
    { rules: new Map([['QuotaIssues', ['(?i)^[0-9]{3} [45]\\.2\\.2', "(?i)mailbox's full"]]]), origins: [at(241)] },
  );
  return policy;
}

function addListeners(policy: KumoPolicy): void {
  const values = { relay_hosts: ['10.0.0.0/8'], tls_certificate: '/etc/tls/cert.pem' };
  policy.listeners.push(
    listener('0.0.0.0:2525', { ...values, meta: { x_pmta_source: 'feeders' } }, 21),
    listener('0.0.0.0:2526', { ...values, meta: { x_pmta_source: 'others' } }, 22),
  );
}

function addRules(policy: KumoPolicy): void {
  const { lua } = policy;
  const rules: Record<string, KumoTable> = {
    '0.0.0.0/0': { smtp_service: false },
    '10.0.0.0/8': { relay: true, process_x_virtual_mta: true, process_x_job: true, default_virtual_mta: 'pool-a' },
    '10.1.0.0/16': { default_virtual_mta: 'by-smtp-source-ip', jobid_header: 'X-Campaign', hide_message_source: true },
    '10.2.0.0/16': { add_date_header: 'override', add_message_id_header: true, remove_received_headers: true },
  };
  for (const [cidr, rule] of Object.entries(rules)) lua.sourcesByCidr.set(cidr, block(rule, 120));
  lua.sourcesByName.set(
    'feeders',
    block({ require_auth: true, retain_x_virtual_mta: true, process_x_virtual_mta: true }, 121),
  );
  lua.sourcesByName.set(
    'others',
    block(
      {
        remove_headers: ['X-Mailer'],
        process_x_envid: true,
        allow_empty_x_virtual_mta: true,
        process_x_virtual_mta: true,
      },
      122,
    ),
  );
  lua.sourcesByName.set(
    '{auth}',
    block({ process_x_dkim_options: true, invalid_virtual_mta_fallback: 'v1', reject_invalid_virtual_mta: false }, 123),
  );
  for (const name of ['{default}', 'v1', 'v2', 'v3', 'v4', 'pool-a']) lua.tenants.set(name, name);
  lua.tenants.set('odd:name', 'odd_name');
  lua.memberPools.set('odd_name', ['v3', 'v4']);
  lua.sharedLimits.set('v1#192.0.2.11', 'v1').set('v1#192.0.2.12', 'v1');
  lua.retryLists.push(
    { domain: 'default', tenant: '', seconds: [600, 1200, 7200], origins: [at(130)] },
    { domain: '*.slow.example', tenant: '', seconds: [3600], origins: [at(131)] },
    { domain: 'default', tenant: 'v1', seconds: [60, 120], origins: [at(132)] },
    { domain: 'plain.example', tenant: '', seconds: [], origins: [at(133)] },
  );
}

function addShaping({ shaping }: KumoPolicy): void {
  shaping.providers.push({
    name: 'pmta-any',
    match: [ANYTHING],
    fields: new Map(),
    origins: [],
    comments: [],
    automation: [{ regex: ['x'], actions: ['Bounce'], duration: 60, origins: [at(159)], comments: [] }],
    sources: new Map(
      ['v1', 'v2', 'v3', 'v4'].map((name, i) => [name, block({ max_message_rate: i < 3 ? '9000/h' : '1/h' }, 150 + i)]),
    ),
  });
  for (const name of ['a.example', 'b.example', 'c.example'])
    shaping.domains.set(name, pathBlock({ connection_limit: 5 }, 160));
  const yahoo = pathBlock({ connection_limit: 8 }, 170);
  yahoo.covers.push('ymail.com');
  yahoo.sources.set('v1', block({ connection_limit: 9 }, 171));
  yahoo.automation.push({
    regex: ["(?i)it's \\[TS0[12]\\]", '(?i)too many'],
    actions: [{ set: 'connection_limit', value: 1 }, 'Suspend'],
    duration: 7200,
    origins: [at(172)],
    comments: [],
  });
  shaping.domains.set('yahoo.com', yahoo);
  shaping.domains.set('[127.0.0.1]', { ...pathBlock({ prohibited_hosts: [] }, 175), mxRollup: false });
}

function addQueues(policy: KumoPolicy): void {
  for (const name of ['a.example', 'b.example', 'c.example'])
    policy.queues.set(name, queueBlock({ retry_interval: '30m' }, 180));
  const slow = queueBlock({ max_age: '2d' }, 181);
  slow.tenants.set('v1', block({ max_age: '1d' }, 182));
  policy.queues.set('slow.example', slow);
  const many = queueBlock({}, 183);
  for (const name of ['v1', 'v2', 'v3']) many.tenants.set(name, block({ max_age: '3d' }, 184));
  policy.queues.set('many.example', many);
}

function addSigning(policy: KumoPolicy): void {
  policy.dkim.base.fields.set('headers', field(['From', 'To'], 200));
  policy.dkim.domains.set('example.net', block({ selector: 's1', filename: '/keys/s1.pem' }, 201));
  policy.lua.signing = {
    globalKeys: [
      { selector: 's1', domain: 'example.net', file: '/keys/s1.pem', origins: [at(201)] },
      { selector: 'any', domain: '*', file: '/keys/any.pem', origins: [at(202)] },
    ],
    tenantKeys: new Map([
      ['v1', [{ selector: 'own', domain: 'example.net', file: '/keys/own.pem', origins: [at(203)] }]],
    ]),
    keyLists: new Map([
      ['client7', [{ selector: 'c7', domain: 'client7.test', file: '/keys/c7.pem', origins: [at(204)] }]],
    ]),
    first: {
      recipients: [
        { domain: 'default', tenant: '', sign: true },
        { domain: 'nosign.example', tenant: '', sign: false },
        { domain: 'asked.example', tenant: '', sign: 'if-options' },
        { domain: 'nosign.example', tenant: 'v2', sign: true },
      ],
      identity: 'sender-or-from',
      headers: ['From', 'To', 'Subject'],
      fields: block({ header_canonicalization: 'Relaxed' }).fields,
    },
    second: {
      recipients: [{ domain: 'default', tenant: '', sign: true }],
      identity: 'bounces@ESP.test',
      fallback: 'mail.example.net',
      headers: ['From'],
      fields: new Map(),
    },
  };
}
