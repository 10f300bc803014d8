import { describe, expect, it } from 'vitest';
import { askTree } from '../support/tree';

/** A configuration with a `config-defaults` beside it, which PowerMTA reads without being told to. */
const both = (main: string, defaults: string) => ({ config: main, 'config-defaults': defaults });

describe('what the main file says wins over config-defaults (M5 5.8)', () => {
  it('for settings of the server', () =>
    askTree(
      both(
        'smtp-listener 0/0:25\nhttp-mgmt-port 9090\ntotal-max-smtp-in 70\ntotal-max-smtp-out 50\n',
        'http-mgmt-port 8080\ntotal-max-smtp-in 1000\ntotal-max-smtp-out 900\n',
      ),
      (tree, { files }) => {
        expect(tree.listeners[0]?.['max_connections']).toBe(70);
        expect(files.get('init.lua')).toContain(':9090');
        expect(files.get('shaping.toml')).toMatch(/"pmta:total-out" = 50\b/);
        expect(files.get('init.lua')).not.toContain(':8080');
      },
    ));

  it('for what a network may do', () =>
    askTree(
      both(
        '<source 10.0.0.0/8>\n  always-allow-relaying yes\n</source>\n',
        '<source 10/8>\n  always-allow-relaying no\n</source>\n',
      ),
      (tree) => expect(tree.listeners[0]?.['relay_hosts']).toEqual(['10.0.0.0/8']),
    ));

  it('and config-defaults counts where the main file says nothing', () =>
    askTree(both('smtp-listener 0/0:25\n', 'total-max-smtp-in 1000\n'), (tree) =>
      expect(tree.listeners[0]?.['max_connections']).toBe(1000),
    ));
});
