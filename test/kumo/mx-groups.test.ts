import { describe, expect, it } from 'vitest';
import { MX_SITES, mxHostsOf, mxSiteOf } from '../../src/kumo/mx-groups';

describe('the snapshot of mail exchangers', () => {
  it('is sorted by site, each once', () => {
    const sites = MX_SITES.map(({ site }) => site);
    expect(sites).toEqual([...new Set(sites)].sort());
  });

  it('has each domain once, those behind the first of a site sorted', () => {
    const all = MX_SITES.flatMap(({ domains }) => domains);
    expect(all.filter((domain, at) => all.indexOf(domain) !== at)).toEqual([]);
    const unsorted = MX_SITES.filter(({ domains: [, ...others] }) => others.join() !== [...others].sort().join());
    expect(unsorted.map(({ site }) => site)).toEqual([]);
  });

  it('names hosts below the suffix of their site', () => {
    const strange = MX_SITES.filter(({ hosts, suffix }) => hosts.some((host) => !host.endsWith(suffix)));
    expect(strange.map(({ site }) => site)).toEqual([]);
  });

  it('puts the domain into the hosts of a provider that has one set for each', () => {
    expect(mxHostsOf('hotmail.co.uk')).toEqual(['hotmail-co-uk.olc.protection.outlook.com']);
    expect(mxHostsOf('gmail.com')).toEqual(mxHostsOf('googlemail.com'));
    expect(mxSiteOf('example.com')).toBeUndefined();
    expect(mxHostsOf('example.com')).toEqual([]);
  });
});
