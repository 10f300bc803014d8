import { describe, expect, it } from 'vitest';
import { placeOf } from '../../src/diagnostics/span';
import { overriddenSettings } from '../../src/pmta/overridden';
import { configOf } from '../support/config';

/** `line that loses < line that wins`. */
function losersOf(input: Parameters<typeof configOf>[0]): readonly string[] {
  return [...overriddenSettings(configOf(input).config)].map(([a, b]) => `${placeOf(a.span)} < ${placeOf(b.span)}`);
}

describe('overriddenSettings', () => {
  it('finds scalars given again in one block or in a merged one, but no lines that add up', () => {
    expect(
      losersOf(
        '<virtual-mta v>\nmax-smtp-out 1\nmax-smtp-out 2\nsmtp-source-host 192.0.2.1 a.test\n</virtual-mta>\n' +
          '<virtual-mta V>\nmax-smtp-out 3\nsmtp-source-host 192.0.2.2 b.test\n</virtual-mta>',
      ),
    ).toEqual(['config:2 < config:7', 'config:3 < config:7']);
  });

  it('finds a macro block that loses for every domain, not one that still wins for some', () => {
    const macro = 'domain-macro m a.test, b.test\n<domain $m>\nmax-smtp-out 1\n</domain>\n';
    const explicit = (name: string) => `<domain ${name}>\nmax-smtp-out 2\n</domain>\n`;
    expect(losersOf(macro + explicit('a.test'))).toEqual([]);
    expect(losersOf(macro + explicit('a.test') + explicit('b.test'))).toEqual(['config:3 < config:6']);
  });

  it('does not count a more general pattern or scope as overridden', () => {
    expect(
      losersOf(
        '<domain *>\nmax-smtp-out 1\n</domain>\n<domain a.test>\nmax-smtp-out 2\n</domain>\n' +
          '<virtual-mta v>\n<domain a.test>\nmax-smtp-out 3\n</domain>\n</virtual-mta>',
      ),
    ).toEqual([]);
  });

  it('finds what the main file says anew of config-defaults, macros too', () => {
    expect(
      losersOf({
        config: 'log-rotate 5\ndomain-macro m a.test',
        'config-defaults': 'log-rotate 9\ndomain-macro m b.test',
      }),
    ).toEqual(['config-defaults:1 < config:1', 'config-defaults:2 < config:2']);
  });
});
