import { describe, expect, it } from 'vitest';
import {
  effectiveAll,
  effectiveSettings,
  patternSettings,
  patternsOf,
  resolve,
  vmtaSetting,
  vmtaSettings,
} from '../../src/pmta/match';
import type { PmtaConfig } from '../../src/pmta/model';
import { configOf } from '../support/config';

/** Directive → value as written, for mail to `domain` through `vmta`. */
function written(config: PmtaConfig, vmta: string, domain: string): Readonly<Record<string, string>> {
  const effective = resolve(config, vmta, domain);
  if (effective === undefined) throw new Error(`no virtual-mta ${vmta}`);
  return Object.fromEntries([...effective].map(([name, { setting }]) => [name, setting.raw]));
}

describe('specificity inside one scope (M5 3.3.10)', () => {
  it('merges from `*` over the site to the name', () => {
    const { config } = configOf(`
<domain *>
    retry-after 15m
    max-smtp-out 20
</domain>
<domain [*.]example.org>
    max-smtp-out 8
</domain>
<domain bulk.example.org>
    retry-after 1h
</domain>`);
    expect(written(config, '{default}', 'bulk.example.org')).toEqual({ 'retry-after': '1h', 'max-smtp-out': '8' });
    expect(written(config, '{default}', 'example.org')).toEqual({ 'retry-after': '15m', 'max-smtp-out': '8' });
    expect(written(config, '{default}', 'other.test')).toEqual({ 'retry-after': '15m', 'max-smtp-out': '20' });
  });

  it('does not care where a block stands', () => {
    const { config } = configOf(`
<domain bulk.example.org>
    max-smtp-out 1
</domain>
<domain *>
    max-smtp-out 20
</domain>`);
    expect(written(config, '{default}', 'BULK.Example.org')).toEqual({ 'max-smtp-out': '1' });
  });

  it('takes the longer suffix first, and `*.x` before `[*.]x`', () => {
    const { config } = configOf(`
<domain *.b.test>
    max-smtp-out 1
</domain>
<domain [*.]b.test>
    max-smtp-out 2
    retry-after 2m
</domain>
<domain *.test>
    max-smtp-out 3
    retry-after 3m
    bounce-after 3d
</domain>`);
    expect(written(config, '{default}', 'a.b.test')).toEqual({
      'max-smtp-out': '1',
      'retry-after': '2m',
      'bounce-after': '3d',
    });
    // `*.b.test` means subdomains only.
    expect(written(config, '{default}', 'b.test')).toEqual({
      'max-smtp-out': '2',
      'retry-after': '2m',
      'bounce-after': '3d',
    });
    expect(written(config, '{default}', 'test')).toEqual({});
    expect(written(config, '{default}', 'xb.test')).toMatchObject({ 'max-smtp-out': '3' });
  });

  it('lets an explicit block win over a macro block that stands later, and merges the two', () => {
    const { config } = configOf(`
domain-macro cc com, co.uk, $west
domain-macro west fr,de
<domain mailhost.fr>
    max-smtp-out 9
</domain>
<domain mailhost.$cc>
    max-smtp-out 3
    retry-after 5m
</domain>`);
    for (const tld of ['com', 'co.uk', 'de']) {
      expect(written(config, '{default}', `mailhost.${tld}`)).toMatchObject({ 'max-smtp-out': '3' });
    }
    expect(written(config, '{default}', 'mailhost.fr')).toEqual({ 'max-smtp-out': '9', 'retry-after': '5m' });
  });

  it('takes the last line and the last block among equals', () => {
    const { config } = configOf(`
<domain x.test>
    max-msg-per-connection 2
    max-msg-per-connection 20
    max-smtp-out 1
</domain>
<domain X.test>
    max-smtp-out 2
</domain>`);
    expect(written(config, '{default}', 'x.test')).toEqual({ 'max-msg-per-connection': '20', 'max-smtp-out': '2' });
  });

  it('matches address literals by network, the longest last', () => {
    const { config } = configOf(`
<domain [10/8]>
    max-smtp-out 8
    retry-after 8m
</domain>
<domain [10.1.0.2]>
    max-smtp-out 32
</domain>`);
    expect(written(config, '{default}', '[10.1.0.2]')).toEqual({ 'max-smtp-out': '32', 'retry-after': '8m' });
    expect(written(config, '{default}', '[10.9.9.9]')).toMatchObject({ 'max-smtp-out': '8' });
    expect(written(config, '{default}', '[11.0.0.1]')).toEqual({});
  });

  it('compares international names in their ASCII form', () => {
    const { config } = configOf('<domain bücher.example>\nmax-smtp-out 1\n</domain>');
    expect(written(config, '{default}', 'xn--bcher-kva.example')).toEqual({ 'max-smtp-out': '1' });
    expect(written(config, '{default}', 'BÜCHER.example')).toEqual({ 'max-smtp-out': '1' });
  });

  it('keeps an empty value, which clears what is inherited', () => {
    const { config } = configOf(`
<domain *>
    backoff-notify a@ops.test,b@ops.test
</domain>
<domain quiet.test>
    backoff-notify ""
</domain>`);
    expect(resolve(config, '{default}', 'quiet.test')?.get('backoff-notify')?.value).toEqual({
      kind: 'list',
      values: [],
    });
    expect(resolve(config, '{default}', 'loud.test')?.get('backoff-notify')?.value).toEqual({
      kind: 'list',
      values: ['a@ops.test', 'b@ops.test'],
    });
  });
});

describe('scopes (M5 3.3.13.2)', () => {
  it('puts the scope before specificity', () => {
    const { config } = configOf(`
<domain example.org>
    max-msg-rate 100/h
    bounce-after 2d
</domain>
<virtual-mta fast>
    smtp-source-host 192.0.2.30 f.example.net
    <domain *>
        max-msg-rate 9000/h
    </domain>
</virtual-mta>`);
    expect(written(config, 'fast', 'example.org')).toEqual({ 'max-msg-rate': '9000/h', 'bounce-after': '2d' });
    expect(written(config, '{default}', 'example.org')).toMatchObject({ 'max-msg-rate': '100/h' });
  });

  it('goes from the virtual-mta over its pool to the global blocks, and says which gave a value', () => {
    const { config } = configOf(`
<virtual-mta v1>
    <domain *>
        max-smtp-out 1
    </domain>
</virtual-mta>
<virtual-mta v2>
</virtual-mta>
<virtual-mta-pool pool-a>
    virtual-mta v1
    virtual-mta v2
    <domain example.org>
        max-msg-rate 600/h
        max-smtp-out 5
    </domain>
</virtual-mta-pool>
<domain example.org>
    max-smtp-out 9
    max-msg-rate 1/h
    retry-after 7m
</domain>`);
    const v1 = effectiveSettings(config, config.virtualMtas.get('v1'), 'example.org');
    expect(v1.get('max-smtp-out')).toMatchObject({ from: 'virtual-mta', pattern: { form: 'any' } });
    expect(v1.get('max-msg-rate')).toMatchObject({ from: 'pool', pattern: { form: 'name', name: 'example.org' } });
    expect(v1.get('retry-after')).toMatchObject({ from: 'global' });
    expect(written(config, 'v2', 'example.org')).toEqual({
      'max-smtp-out': '5',
      'max-msg-rate': '600/h',
      'retry-after': '7m',
    });
    expect(written(config, '{default}', 'example.org')).toMatchObject({ 'max-smtp-out': '9' });
  });

  it('knows no virtual-mta that is not declared, except {default}', () => {
    const { config } = configOf('<domain *>\nmax-smtp-out 1\n</domain>');
    expect(resolve(config, 'nobody', 'x.test')).toBeUndefined();
    expect(effectiveSettings(config, undefined, 'x.test').get('max-smtp-out')).toMatchObject({ from: 'global' });
  });

  it('lets the main file win over config-defaults where the pattern is the same', () => {
    const { config, diagnostics } = configOf({
      config: '<domain x.test>\nmax-smtp-out 1\n</domain>',
      'config-defaults':
        '<domain x.test>\nmax-smtp-out 2\nretry-after 9m\n</domain>\n<domain y.test>\nmax-smtp-out 3\n</domain>',
    });
    expect(written(config, '{default}', 'x.test')).toEqual({ 'max-smtp-out': '1', 'retry-after': '9m' });
    expect(written(config, '{default}', 'y.test')).toEqual({ 'max-smtp-out': '3' });
    expect(diagnostics.list.filter(({ code }) => code === 'block-repeated')).toEqual([]);
  });
});

describe('effectiveAll', () => {
  it('gives every line of a directive that adds up, weakest first', () => {
    const { config } = configOf(`
<domain rate.test>
    source-ip-max-msg-rate 192.0.2.0/24 600/h
    source-ip-max-msg-rate 198.51.100.0/24 60/h
</domain>
<domain *>
    source-ip-max-msg-rate 203.0.113.0/24 6/h
</domain>`);
    const all = effectiveAll(config, undefined, 'rate.test').map(({ setting }) => setting.raw);
    expect(all).toEqual(['203.0.113.0/24 6/h', '192.0.2.0/24 600/h', '198.51.100.0/24 60/h']);
    expect(written(config, '{default}', 'rate.test')).toEqual({ 'source-ip-max-msg-rate': '198.51.100.0/24 60/h' });
  });
});

describe('patternsOf and patternSettings', () => {
  const { config } = configOf(`
domain-macro isp b.test, a.test
<domain *.z.test>
    max-smtp-out 1
</domain>
<domain $isp>
    max-smtp-out 2
    retry-after 2m
</domain>
<domain a.test>
    max-smtp-out 3
</domain>`);

  it('lists each pattern once, in order of appearance', () => {
    expect(patternsOf(config.domains)).toEqual([
      { form: 'below', name: 'z.test' },
      { form: 'name', name: 'b.test' },
      { form: 'name', name: 'a.test' },
    ]);
  });

  it('merges the blocks of exactly one pattern', () => {
    const merged = patternSettings(config.domains, { form: 'name', name: 'a.test' });
    expect([...merged].map(([name, { raw }]) => [name, raw])).toEqual([
      ['max-smtp-out', '3'],
      ['retry-after', '2m'],
    ]);
    expect(patternSettings(config.domains, { form: 'name', name: 'c.z.test' }).size).toBe(0);
  });
});

describe('settings of the virtual-mta itself', () => {
  const { config } = configOf(`
host-name main.example.net
host-name second.example.net
smtp-source-host 192.0.2.1 g1.example.net
domain-key g,example.net,/g.pem
<virtual-mta own>
    host-name own.example.net
    smtp-source-host 192.0.2.20 m20.example.net
    smtp-source-host 192.0.2.21 m21.example.net
    max-smtp-out 200
    domain-key o,example.net,/o.pem
</virtual-mta>
<virtual-mta bare>
</virtual-mta>
<virtual-mta-pool p>
    virtual-mta own
    virtual-mta bare
    max-smtp-out 7
    domain-key p,example.net,/p.pem
</virtual-mta-pool>`);
  const of = (vmta: string, name: string) => {
    const found = vmtaSetting(config, config.virtualMtas.get(vmta), name);
    return found === undefined ? undefined : [found.setting.raw, found.from];
  };
  const all = (vmta: string, name: string) =>
    vmtaSettings(config, config.virtualMtas.get(vmta), name).map(({ raw }) => raw);

  it("takes its own value, else the pool's, else the global one", () => {
    expect(of('own', 'max-smtp-out')).toEqual(['200', 'virtual-mta']);
    expect(of('bare', 'max-smtp-out')).toEqual(['7', 'pool']);
    expect(of('own', 'host-name')).toEqual(['own.example.net', 'virtual-mta']);
    // The first host-name is the main one (M5 3.3.1.18).
    expect(of('bare', 'host-name')).toEqual(['main.example.net', 'global']);
    expect(of('{default}', 'max-smtp-out')).toBeUndefined();
  });

  it('gives the lines of the nearest level', () => {
    expect(all('own', 'smtp-source-host')).toEqual(['192.0.2.20 m20.example.net', '192.0.2.21 m21.example.net']);
    expect(all('bare', 'smtp-source-host')).toEqual(['192.0.2.1 g1.example.net']);
  });

  it('adds the keys of all levels, its own first', () => {
    expect(all('own', 'domain-key')).toEqual(['o,example.net,/o.pem', 'p,example.net,/p.pem', 'g,example.net,/g.pem']);
  });
});
