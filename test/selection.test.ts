import { describe, expect, it } from 'vitest';
import { createSelections } from '../src/compare/selection';
import type { Comparison } from '../src/compare/sides';
import { createTracer } from '../src/compare/trace';
import { isFailure, verifyAll } from '../src/compare/verify';
import { traceJson } from '../src/report/trace-report';
import { type Converted, convertText, loadConverted } from './support/converted';

const CONFIG = `smtp-listener 0.0.0.0:25
<source 10.0.0.0/8>
  always-allow-relaying yes
  process-x-virtual-mta yes
</source>
<source 10.1.0.0/16>
  process-x-virtual-mta no
  default-virtual-mta two
</source>
<source 10.2.0.0/16>
  process-x-virtual-mta no
  pattern-list lists
</source>
<source known>
  always-allow-relaying yes
  default-virtual-mta both
</source>
<smtp-user shop>
  password planted-secret
  source known
</smtp-user>
<pattern-list lists>
  mail-from /@news\\.example$/ virtual-mta=one
</pattern-list>
<virtual-mta one>
  smtp-source-host 192.0.2.1 a.shop.example
</virtual-mta>
<virtual-mta two>
  smtp-source-host 192.0.2.2 b.shop.example
</virtual-mta>
<virtual-mta-pool both>
  virtual-mta one
  virtual-mta two
</virtual-mta-pool>
`;

/** Asks about a configuration and its tree, or the tree with texts replaced. */
async function asking<T>(
  converted: Converted,
  ask: (tracer: ReturnType<typeof createTracer>) => T,
  files = converted.files,
): Promise<T> {
  const tree = await loadConverted({ ...converted, files });
  try {
    return ask(createTracer(converted.conversion.config, tree, { tenants: new Map(), now: 1_790_000_000 }));
  } finally {
    tree.close();
  }
}

const selectionOf = (name: string, converted = convertText(CONFIG), files = converted.files) =>
  asking(converted, ({ config, tree }) => createSelections(config, tree, (each) => each.toLowerCase()).of(name), files);

const rows = (all: readonly Comparison[]) =>
  all.map(({ directive, pmta, kumo, verdict }) => [directive, pmta, kumo, verdict]);

describe('who may select a virtual-mta', () => {
  it('is told for each way on both sides', async () => {
    expect(rows(await selectionOf('one'))).toEqual([
      ['selection by X-Virtual-MTA', '10.0.0.0/8', '10.0.0.0/8', 'equal'],
      [
        'selection by pattern-list',
        '10.2.0.0/16 with mail-from x@news.example',
        '10.2.0.0/16 with mail-from x@news.example',
        'equal',
      ],
    ]);
    expect(rows(await selectionOf('two'))).toEqual([
      ['selection by X-Virtual-MTA', '10.0.0.0/8', '10.0.0.0/8', 'equal'],
      ['selection by default-virtual-mta', '10.1.0.0/16', '10.1.0.0/16', 'equal'],
    ]);
  });

  it('is told of a pool', async () => {
    expect(rows(await selectionOf('both'))).toEqual([
      ['selection by X-Virtual-MTA', '10.0.0.0/8', '10.0.0.0/8', 'equal'],
      ['selection by default-virtual-mta', 'user shop', 'user shop', 'equal'],
    ]);
  });

  it('is looser where the tree lets somebody select it whom PowerMTA does not', async () => {
    const other = convertText(CONFIG.replace('default-virtual-mta two', 'default-virtual-mta one'));
    const found = await selectionOf('one', convertText(CONFIG), other.files);
    expect(rows(found)).toContainEqual([
      'selection by default-virtual-mta, 10.1.0.0/16',
      'nobody',
      '10.1.0.0/16',
      'looser',
    ]);
    const lost = await selectionOf('two', convertText(CONFIG), other.files);
    expect(rows(lost)).toContainEqual([
      'selection by default-virtual-mta, 10.1.0.0/16',
      '10.1.0.0/16',
      'nobody',
      'differs',
    ]);
  });

  it('fails a verification once a sender, with both places', async () => {
    const converted = convertText(CONFIG);
    const { files } = convertText(CONFIG.replace('default-virtual-mta two', 'default-virtual-mta one'));
    const { ledger, config } = converted.conversion;
    const entryOf: Parameters<typeof verifyAll>[2]['entryOf'] = (one) => ledger.entry(one);
    const { differences } = await asking(converted, (tracer) => verifyAll(config, tracer, { entryOf }), files);
    const selection = differences.filter(({ directive }) => directive.startsWith('selection'));
    expect(selection.map(({ verdict, count }) => [verdict, count]).sort()).toEqual([
      ['differs', 1],
      ['looser', 1],
    ]);
    expect(selection.every(isFailure)).toBe(true);
    const lost = selection.find(({ verdict }) => verdict === 'differs');
    expect(lost?.examples[0]?.pmtaOrigin).toContain('config:8');
    expect(lost?.examples[0]?.kumoOrigin).toMatch(/\.lua:\d+$/);
  });
});

describe('the JSON of the trace of a pool', () => {
  it('has both sides of every member', async () => {
    const json: unknown = await asking(convertText(CONFIG), (tracer) => {
      const senders = tracer.senders.filter(({ pool }) => pool?.name === 'both');
      return JSON.parse(
        traceJson(
          tracer.tree,
          senders.map((sender) => tracer.trace(sender, 'any.example')),
        ),
      );
    });
    const side = (name: string) => ({
      vmta: name,
      pmta: { queue: `any.example/${name}` },
      kumo: { tenant: 'both', pool: 'both', sources: [name] },
      comparison: expect.arrayContaining([expect.objectContaining({ directive: 'max-smtp-out', verdict: 'equal' })]),
    });
    expect(json).toMatchObject({
      ...side('one'),
      pool: 'both',
      domain: 'any.example',
      members: [side('one'), side('two')],
    });
  });
});
