import { describe, expect, it } from 'vitest';
import type { Setting } from '../../src/pmta/model';
import { namedSource, sourceForAddress } from '../../src/pmta/source-match';
import { configOf } from '../support/config';

function written(settings: ReadonlyMap<string, Setting> | undefined): unknown {
  return settings === undefined ? undefined : Object.fromEntries([...settings].map(([name, { raw }]) => [name, raw]));
}

describe('sources by address (M5 3.3.7)', () => {
  const { config } = configOf(`
<source 10.1.2.3>
    process-x-virtual-mta yes
</source>
<source 10/8>
    smtp-service yes
    always-allow-relaying yes
</source>
<source 0/0>
    smtp-service no
    log-connections yes
</source>
<source ::1>
    smtp-service yes
</source>`);

  it('merges from the shortest prefix to the longest, wherever they stand', () => {
    expect(written(sourceForAddress(config, '10.1.2.3'))).toEqual({
      'smtp-service': 'yes',
      'always-allow-relaying': 'yes',
      'process-x-virtual-mta': 'yes',
      'log-connections': 'yes',
    });
    expect(written(sourceForAddress(config, '10.9.9.9'))).toEqual({
      'smtp-service': 'yes',
      'always-allow-relaying': 'yes',
      'log-connections': 'yes',
    });
    expect(written(sourceForAddress(config, '192.0.2.1'))).toEqual({ 'smtp-service': 'no', 'log-connections': 'yes' });
  });

  it('takes 0/0 as the base of IPv6 clients too', () => {
    expect(written(sourceForAddress(config, '::1'))).toEqual({ 'smtp-service': 'yes', 'log-connections': 'yes' });
  });

  it('gives nothing when no block fits', () => {
    expect(sourceForAddress(configOf('<source 10/8>\nsmtp-service yes\n</source>').config, '192.0.2.1').size).toBe(0);
  });

  it('merges blocks of one network, however it is written', () => {
    const { config: twice, diagnostics } = configOf(
      '<source 10/8>\nlog-data yes\nlog-commands no\n</source>\n<source 10.0.0.0/8>\nlog-data no\n</source>',
    );
    expect(twice.sources).toHaveLength(1);
    expect(written(sourceForAddress(twice, '10.0.0.1'))).toEqual({ 'log-data': 'no', 'log-commands': 'no' });
    expect(diagnostics.list.map(({ code }) => code)).toEqual(['block-repeated']);
  });

  it('clears host bits and says so', () => {
    const { config: loose, diagnostics } = configOf('<source 203.0.113.37/27>\nlog-data yes\n</source>');
    expect(loose.sources.map(({ cidr, name }) => [cidr, name])).toEqual([['203.0.113.32/27', '203.0.113.37/27']]);
    expect(diagnostics.list.map(({ code }) => code)).toEqual(['cidr-host-bits']);
  });

  it('refuses what looks like an address and is none', () => {
    const { config: bad, diagnostics, ledger } = configOf('<source 10.0.0.300/8>\nlog-data yes\n</source>');
    expect(bad.sources).toEqual([]);
    expect(diagnostics.list.map(({ code }) => code)).toEqual(['value-invalid']);
    expect(ledger.entries().map(({ outcome }) => outcome)).toEqual(['invalid', 'invalid']);
  });
});

describe('sources by name', () => {
  const { config } = configOf(`
<source {shop-auth}>
    require-auth yes
    always-allow-relaying yes
</source>
<source 0/0>
    log-data yes
</source>`);

  it('are found by name only, in any case', () => {
    expect(written(namedSource(config, '{SHOP-auth}'))).toEqual({
      'require-auth': 'yes',
      'always-allow-relaying': 'yes',
    });
    expect(written(sourceForAddress(config, '192.0.2.1'))).toEqual({ 'log-data': 'yes' });
    expect(namedSource(config, '0/0')).toBeUndefined();
    expect(namedSource(config, '{auth}')).toBeUndefined();
  });
});
