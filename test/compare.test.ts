import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTracer, type Trace, type Tracer } from '../src/compare/trace';
import { isFailure, type Verification, verifyAll } from '../src/compare/verify';
import { mxHostsOf } from '../src/kumo/mx-groups';
import { createDomainRoles } from '../src/kumo/runtime/domain-roles';
import { loadTree } from '../src/kumo/runtime/load-tree';
import { DEFAULT_OPTIONS } from '../src/passes/pass';
import { traceJson, traceText } from '../src/report/trace-report';
import { verifyJson, verifyText } from '../src/report/verify-report';
import { type Converted, convertPath, convertText, FIXTURES } from './support/converted';
import { corpusConfigs, describeCorpus } from './support/corpus';

const NOW = 1_790_000_000;

/** Compares a conversion with its own tree, or with another one. */
async function withTracer<T>(
  converted: Converted,
  ask: (tracer: Tracer) => T | Promise<T>,
  files: ReadonlyMap<string, string> = converted.files,
  withRoles = true,
): Promise<T> {
  const tree = await loadTree(files, {
    installDir: DEFAULT_OPTIONS.installDir,
    now: NOW,
    mx: (domain) => (mxHostsOf(domain).length === 0 ? undefined : { hosts: mxHostsOf(domain) }),
  });
  const renames = converted.conversion.policy.renames.filter(({ what }) => what === 'tenant');
  const tenants = new Map(renames.map(({ from, to }) => [from.toLowerCase(), to]));
  try {
    return await ask(
      createTracer(converted.conversion.config, tree, {
        tenants,
        now: NOW,
        ...(withRoles ? { roles: createDomainRoles(files) } : {}),
      }),
    );
  } finally {
    tree.close();
  }
}

function verify(converted: Converted, files?: ReadonlyMap<string, string>): Promise<Verification> {
  const { config, ledger } = converted.conversion;
  return withTracer(converted, (tracer) => verifyAll(config, tracer, { entryOf: (one) => ledger.entry(one) }), files);
}

const CONFIG = `
<source 10/8>
  always-allow-relaying yes
  process-x-virtual-mta yes
</source>
domain-key s1, shop.example, /etc/pmta/shop.pem
<domain *>
  max-smtp-out 30
  max-msg-rate 600/h
  retry-after 10m,10m,1h
  bounce-after 2d
  dkim-sign yes
</domain>
<domain slow.example>
  max-smtp-out 2
  smtp-hosts [192.0.2.99]:2525
</domain>
<virtual-mta two>
  smtp-source-host 192.0.2.1 a.shop.example
  smtp-source-host 192.0.2.2 b.shop.example
  max-smtp-out 100
</virtual-mta>
<virtual-mta one>
  smtp-source-host 192.0.2.3 c.shop.example
  <domain *>
    max-msg-rate 60/h
    auth-username relay
    auth-password planted-secret
  </domain>
</virtual-mta>
`;

/** A trace, and its two forms. */
async function traceOf(
  vmta: string,
  domain: string,
): Promise<Trace & { readonly json: string; readonly text: string }> {
  return withTracer(convertText(CONFIG), (tracer) => {
    const sender = tracer.senders.find((each) => each.vmta.name === vmta);
    if (sender === undefined) throw new Error(vmta);
    const trace = tracer.trace(sender, domain);
    return { ...trace, json: traceJson(tracer.tree, [trace]), text: traceText(tracer.tree, trace, 80) };
  });
}

describe('trace', () => {
  it('compares by meaning, and the sources of a virtual-mta together', async () => {
    const { comparison } = await traceOf('two', 'any.example');
    const rows = comparison.map(({ directive, pmta, kumo, verdict }) => [directive, pmta, kumo, verdict]);
    expect(rows).toContainEqual(['max-smtp-out', '30', '30', 'equal']);
    expect(rows).toContainEqual(['max-msg-rate', '600/h', '600/h', 'equal']);
    expect(rows).toContainEqual(['max-smtp-out of the virtual-mta', '100', '100', 'equal']);
    expect(rows).toContainEqual(['retry-after', '10m,10m,1h', '10m,10m,1h', 'equal']);
    expect(rows).toContainEqual(['bounce-after', '2d', '2d', 'equal']);
    expect(rows).toContainEqual([
      'domain-key for From shop.example',
      'd=shop.example s=s1',
      'd=shop.example s=s1',
      'equal',
    ]);
    expect(comparison.filter(({ verdict }) => verdict !== 'equal')).toEqual([]);
  });

  it('follows the route', async () => {
    const { comparison, kumo } = await traceOf('two', 'slow.example');
    expect(comparison.find(({ directive }) => directive === 'smtp-hosts')).toMatchObject({
      pmta: '[192.0.2.99]:2525',
      kumo: '[192.0.2.99]:2525',
      verdict: 'equal',
    });
    expect(kumo.sources).toHaveLength(2);
  });

  it('prints the same as text and as JSON, without secrets', async () => {
    const trace = await traceOf('one', 'any.example');
    const { json, text } = trace;
    expect(JSON.parse(json)).toMatchObject({
      schema: 'pmta2kumo.trace/1',
      vmta: 'one',
      domain: 'any.example',
      pmta: { queue: 'any.example/one', settings: { 'max-msg-rate': { value: '60/h', origin: 'config:26' } } },
      kumo: { tenant: 'one', pool: 'one', sources: ['one'], routing_domain: null },
    });
    for (const { directive } of trace.comparison) expect(text).toContain(directive.slice(0, 20));
    expect(text + json).not.toContain('planted-secret');
    expect(text.split('\n').every((line) => line === line.trimEnd())).toBe(true);
  });
});

describe('trace of a place', () => {
  it('names the line of both values', async () => {
    const { json } = await traceOf('two', 'any.example');
    const shaping = (convertText(CONFIG).files.get('shaping.toml') ?? '').split('\n');
    const row = (directive: string) =>
      JSON.parse(json).comparison.find((each: { readonly directive: string }) => each.directive === directive);
    expect(row('max-smtp-out')).toMatchObject({ pmtaOrigin: 'config:8' });
    expect(shaping[Number(row('max-smtp-out').kumoOrigin.split(':')[1]) - 1]).toMatch(/^connection_limit = 30/);
    expect(row('connect-timeout').pmtaOrigin).toBe('default');
    expect(shaping[Number(row('connect-timeout').kumoOrigin.split(':')[1]) - 1]).toMatch(/^connect_timeout = /);
    expect(row('bounce-after').kumoOrigin).toMatch(/^queues\.toml:\d+$/);
    expect(row('retry-after').kumoOrigin).toMatch(/^init\.lua:\d+$/);
    expect(row('smtp-source-host')).toMatchObject({ pmta: '192.0.2.1, 192.0.2.2', verdict: 'equal' });
    expect(row('smtp-source-host').kumoOrigin).toMatch(/^sources\.toml:\d+$/);
    expect(row('domain-key for From shop.example')).toMatchObject({ pmtaOrigin: 'config:6' });
  });
});

describe('classes of domains', () => {
  it('tell a domain apart that is the route of the others', async () => {
    const config = `${CONFIG}
domain-macro eu eu.example, other-eu.example
<domain $eu>
  queue-to eu.queue
</domain>
<domain eu.queue>
  route lookup-mx:eu.example
  max-msg-per-connection 200
</domain>
`;
    const { differences } = await verify(convertText(config));
    expect(differences.filter(isFailure)).toEqual([]);
  });

  it.each(readdirSync(FIXTURES).filter((name) => !name.includes('.')))(
    'of fixture %s come to what each pair comes to by itself',
    async (name) => {
      const converted = convertPath(join(FIXTURES, name, 'input'));
      const { config, ledger } = converted.conversion;
      const entryOf: Parameters<typeof verifyAll>[2]['entryOf'] = (one) => ledger.entry(one);
      const classes = await withTracer(converted, (tracer) => verifyAll(config, tracer, { entryOf }));
      const alone = await withTracer(
        converted,
        (tracer) => verifyAll(config, { ...tracer, compare: tracer.trace }, { entryOf }),
        converted.files,
        false,
      );
      // A key is tried 25 times for the first domain of a sender, and then once.
      const rest = ({ differences }: Verification) => differences.filter(({ directive }) => directive !== 'domain-key');
      expect(rest(classes)).toEqual(rest(alone));
    },
  );
});

describe('verify', () => {
  it.each(readdirSync(FIXTURES).filter((name) => !name.includes('.')))(
    'finds nothing in fixture %s that the report does not tell',
    async (name) => {
      const { differences } = await verify(convertPath(join(FIXTURES, name, 'input')));
      expect(differences.filter(isFailure)).toEqual([]);
    },
  );

  it('counts alike in text and JSON', async () => {
    const verification = await verify(convertText(CONFIG));
    const parsed = JSON.parse(verifyJson(verification));
    expect(parsed).toMatchObject({ schema: 'pmta2kumo.verify/1', pairs: verification.pairs, failed: false });
    expect(verifyText(verification, 80)).toContain(`${verification.pairs} pairs`);
  });
});

const COMPARED =
  /\b(banner_timeout|connect_timeout|connection_limit|data_dot_timeout|data_timeout|enable_tls|max_age|max_deliveries_per_connection|max_message_rate|max_retry_interval)( = "?)([^",}\s]+)/g;

/** Each value of the data files that is compared, changed once; what stands for "no limit" is left as it is. */
function mutants(files: ReadonlyMap<string, string>): readonly (readonly [string, ReadonlyMap<string, string>])[] {
  return ['shaping.toml', 'queues.toml'].flatMap((path) => {
    const text = files.get(path) ?? '';
    const found = [...text.matchAll(COMPARED)].filter(([, , , value = '']) => !value.startsWith('1000000'));
    return found.map((match) => {
      const [whole, field = '', between = '', value = ''] = match;
      const other = field === 'enable_tls' ? 'Required' : value.replace(/\d+/, (digits) => String(Number(digits) + 1));
      const rest = text.slice(match.index + whole.length);
      const changed = `${text.slice(0, match.index)}${field}${between}${other}${rest}`;
      return [`${path} ${field} ${value}, number ${match.index}`, new Map([...files, [path, changed]])] as const;
    });
  });
}

describe('a tree in which one value was changed', () => {
  const converted = convertText(CONFIG);
  it.each(mutants(converted.files))('%s', async (_, files) => {
    const before = await verify(converted);
    const after = await verify(converted, files);
    expect(after.comparisons.equal).toBeLessThan(before.comparisons.equal);
  });

  it('has enough of them', () => {
    expect(mutants(converted.files).length).toBeGreaterThanOrEqual(11);
  });
});

describe('verify of another tree', () => {
  it('does not take the report for an excuse of what was changed by hand', async () => {
    const converted = convertText(CONFIG);
    const shaping = converted.files.get('shaping.toml') ?? '';
    const files = new Map([
      ...converted.files,
      ['shaping.toml', shaping.replace('connection_limit = 2', 'connection_limit = 9')],
    ]);
    const { config, ledger } = converted.conversion;
    const entryOf: Parameters<typeof verifyAll>[2]['entryOf'] = (one) => ledger.entry(one);
    const other = await withTracer(converted, (own) =>
      withTracer(converted, (tracer) => verifyAll(config, tracer, { entryOf, own }), files),
    );
    expect(other.differences.filter(isFailure).map(({ directive, verdict }) => [directive, verdict])).toContainEqual([
      'max-smtp-out',
      'looser',
    ]);
  });
});

describeCorpus('verify finds nothing that the report does not tell', () => {
  it.each(corpusConfigs())(
    '$name',
    async ({ path }) => {
      const { differences } = await verify(convertPath(path));
      expect(differences.filter(isFailure)).toEqual([]);
    },
    600_000,
  );
});
