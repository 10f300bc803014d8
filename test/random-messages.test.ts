import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMessageVerifier, failsMessages } from '../src/compare/messages/verify-messages';
import { type Converted, convertPath, convertText, FIXTURES, loadConverted } from './support/converted';
import { describeCorpus } from './support/corpus';
import { randomMessages } from './support/random-messages';

/**
 * MESSAGES_SEED and MESSAGES_COUNT try others. Differences of random messages that the conversion does not tell of, the first of each kind.
 */
async function unexplained(converted: Converted, count: number, seed: number): Promise<readonly string[]> {
  const { conversion } = converted;
  const tree = await loadConverted(converted);
  const renames = new Map(
    conversion.policy.renames.flatMap(({ what, from, to }) =>
      what === 'tenant' ? [[from.toLowerCase(), to] as const] : [],
    ),
  );
  const verifier = createMessageVerifier(conversion.config, tree, {
    tenantOf: (name) => renames.get(name.toLowerCase()) ?? name.toLowerCase(),
    entryOf: (setting) => conversion.ledger.entry(setting),
  });
  const kinds = new Map<string, string>();
  for (const [index, message] of randomMessages(conversion.config, count, seed).entries()) {
    for (const each of verifier.add(index + 1, message).comparisons) {
      if (!failsMessages(each)) continue;
      const lines = [...new Set(each.lines.map(({ raw, name }) => `${name} ${raw.trim()}`.slice(0, 60)))].join(' / ');
      const text = `${each.thing} ${each.verdict}: ${each.pmta} | ${each.kumo}\n${JSON.stringify(message)}\n${lines}`;
      const key = `${each.thing} ${each.verdict} ${each.why}`;
      if (!kinds.has(key)) kinds.set(key, text);
    }
  }
  tree.close();
  return [...kinds.values()];
}

/** What fixtures leave out: choices that meet each other. */
const MIXED: Readonly<Record<string, string>> = {
  'users by place, sources of listeners': `
host-name mta.own.example
relay-domain [*.]in.example
relay-address /^abuse@.*\\.far\\.example$/
relay-address one@near.example
smtp-listener 192.0.2.1:25
smtp-listener 192.0.2.2:25 source=feed
<smtp-listener 192.0.2.3:587>
source feed
</smtp-listener>
<source 0/0>
default-virtual-mta two
</source>
<source 10/8>
always-allow-relaying yes
process-x-virtual-mta yes
reject-invalid-virtual-mta no
</source>
<source 10.1/16>
smtp-service no
</source>
<source 10.2/16>
require-auth yes
allow-empty-x-virtual-mta yes
</source>
<source feed>
default-virtual-mta by-smtp-source-ip
process-x-virtual-mta no
</source>
<source {auth}>
default-virtual-mta one
</source>
<source big>
always-allow-relaying yes
process-x-virtual-mta yes
</source>
<smtp-user bob>
password secret-of-bob
</smtp-user>
<smtp-user eve>
password secret-of-eve
source big
</smtp-user>
<virtual-mta one>
smtp-source-host 192.0.2.1 one.own.example
</virtual-mta>
<virtual-mta two>
smtp-source-host 192.0.2.2 two.own.example
</virtual-mta>
invalid-virtual-mta-fallback two
`,
  'pools of differing members, rerouting, queues': `
smtp-source-host 192.0.2.9 all.own.example
<source 10/8>
always-allow-relaying yes
process-x-virtual-mta yes
default-virtual-mta both
pattern-list choose
</source>
<pattern-list choose>
mail-from /@prio\\.example/ recipient-priority=90
mail-from /^a@/ call-to:by-recipient
header x-kind /^ *(big|small)/ virtual-mta=alike
rcpt-to /@(gmail|moved)\\./ virtual-mta=three
</pattern-list>
<pattern-list by-recipient>
rcpt-to /@there\\.example/ virtual-mta=one
rcpt-to /@moved\\.example/ virtual-mta=alike
</pattern-list>
<virtual-mta one>
smtp-source-host 192.0.2.1 one.own.example
smtp-source-host 192.0.2.11 one.own.example
<domain *>
retry-after 7m
</domain>
<domain moved.example>
reroute-to-virtual-mta three
</domain>
</virtual-mta>
<virtual-mta two>
smtp-source-host 192.0.2.2 two.own.example
<domain there.example>
smtp-hosts lookup-mx:here.example
</domain>
</virtual-mta>
<virtual-mta three>
smtp-source-host 192.0.2.3 three.own.example
<domain shared.queue>
smtp-hosts [192.0.2.77]:2525
</domain>
</virtual-mta>
<virtual-mta-pool both>
virtual-mta one
virtual-mta two
</virtual-mta-pool>
<virtual-mta-pool alike>
virtual-mta three
virtual-mta four
</virtual-mta-pool>
<virtual-mta four>
smtp-source-host 192.0.2.4 four.own.example
</virtual-mta>
<domain q1.example>
queue-to shared.queue
</domain>
<domain [*.]q2.example>
queue-to shared.queue
</domain>
<domain shared.queue>
smtp-hosts relay.own.example
</domain>
<domain *.sub.example>
smtp-hosts lookup-mx:sub.example
</domain>
<domain looped.example>
reroute-to-virtual-mta four
</domain>
`,
  'signing by place, with identities, second signatures and rewriting': `
domain-key g1,shop.example,/etc/pmta/g1.pem
domain-key g2,*,/etc/pmta/g2.pem
<domain-key-list client7>
domain-key c7,client7.example,/etc/pmta/c7.pem
</domain-key-list>
<source 0/0>
default-virtual-mta one
process-x-virtual-mta yes
</source>
<source 10/8>
always-allow-relaying yes
process-x-dkim-options yes
rewrite-list brand
</source>
<source 172.16/12>
always-allow-relaying yes
</source>
<rewrite-list brand>
from-domain [*.]old.example shop.example
mail-from *@old.example *@shop.example
</rewrite-list>
<virtual-mta one>
smtp-source-host 192.0.2.1 one.own.example
domain-key o1,one.example,/etc/pmta/o1.pem
<domain *>
dkim-identity @one.example
dkim-identity-fallback @shop.example
</domain>
</virtual-mta>
<virtual-mta two>
smtp-source-host 192.0.2.2 two.own.example
domain-key t1,sub.two.example,/etc/pmta/t1.pem
<domain strict.example>
dkim-identity strict-from
</domain>
<domain *.unsigned.example>
dkim-sign no
</domain>
</virtual-mta>
<domain *>
dkim-sign yes
</domain>
<domain unsigned.example>
dkim-sign no
</domain>
<domain asked.example>
dkim-sign if-x-dkim-options-present
</domain>
<domain twice.example>
second-dkim-sign yes
second-dkim-identity @shop.example
</domain>
`,
};

const SEED = Number(process.env['MESSAGES_SEED'] ?? 1);
const COUNT = Number(process.env['MESSAGES_COUNT'] ?? 120);
const ALL = readdirSync(FIXTURES, { withFileTypes: true }).filter((entry) => entry.isDirectory());

/** Both selections agree on every message, but for what the report says. */
describe(`random messages, seed ${SEED}`, () => {
  it.each(ALL.map(({ name }) => name))('fixture %s', async (name) => {
    const converted = convertPath(join(FIXTURES, name, 'input'));
    expect(await unexplained(converted, COUNT, SEED)).toEqual([]);
  });
});

describe(`random messages, seed ${SEED}, of mixed choices`, () => {
  it.each(Object.entries(MIXED))('%s', async (_, text) => {
    expect(await unexplained(convertText(`log-file /l\nspool /s\n${text}`), 5 * COUNT, SEED)).toEqual([]);
  });
});

describeCorpus(`random messages, seed ${SEED}`, (configs) => {
  it.each(configs.map(({ name, path }) => [name, path] as const))(
    '%s',
    async (_, path) => {
      const converted = convertPath(path, { allowOpenRelay: true });
      expect(await unexplained(converted, COUNT, SEED)).toEqual([]);
    },
    120_000,
  );
});
