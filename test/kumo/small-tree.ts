import { afterAll } from 'vitest';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import { type LoadOptions, loadTree } from '../../src/kumo/runtime/load-tree';

export const installDir = '/opt/kumomta/etc/policy';

/** Every tree that a test opened is closed when its file is done. */
const opened: LoadedTree[] = [];
afterAll(() => {
  for (const tree of opened.splice(0)) tree.close();
});

/** The spools that every server needs, so that trees under test have no finding for them. */
const spools = ['data', 'meta'].map(
  (name) => `  kumo.define_spool { name = '${name}', path = '/var/spool/kumomta/${name}' }`,
);

/** Loads a tree from files by name. */
export async function load(
  files: Readonly<Record<string, string>>,
  options: Partial<LoadOptions> = {},
): Promise<LoadedTree> {
  const tree = await loadTree(new Map(Object.entries(files)), { installDir, ...options });
  opened.push(tree);
  return tree;
}

/** An init.lua around `body`; set-up of a helper follows when its file is among `files`. */
export function loadSmall(
  files: Readonly<Record<string, string>>,
  body = '',
  options: Partial<LoadOptions> = {},
): Promise<LoadedTree> {
  const has = (name: string, lines: readonly string[]) => (Object.hasOwn(files, name) ? lines : []);
  const path = (name: string) => `'${installDir}/${name}'`;
  const init = [
    `local kumo = require 'kumo'`,
    ...has('sources.toml', [`require('policy-extras.sources'):setup { ${path('sources.toml')} }`]),
    ...has('dkim_data.toml', [`local sign = require('policy-extras.dkim_sign'):setup { ${path('dkim_data.toml')} }`]),
    ...has('shaping.toml', [
      `local shaper = require('policy-extras.shaping'):setup_with_automation {`,
      `  no_default_files = true, extra_files = { ${path('shaping.toml')} } }`,
      `kumo.on('get_egress_path_config', shaper.get_egress_path_config)`,
    ]),
    ...has('queues.toml', [`local queues = require('policy-extras.queue'):setup { ${path('queues.toml')} }`]),
    ...has('listener_domains.toml', [
      `kumo.on('get_listener_domain', require('policy-extras.listener_domains'):setup { ${path('listener_domains.toml')} })`,
    ]),
    body,
  ];
  return load({ 'init.lua': init.join('\n'), ...files }, options);
}

/** An `init` handler that starts one listener with these fields. */
export function listener(fields: string): string {
  return [
    `kumo.on('init', function()`,
    ...spools,
    `  kumo.start_esmtp_listener { listen = '192.0.2.1:25', ${fields} }`,
    'end)',
  ].join('\n');
}

export function codes(tree: LoadedTree): readonly string[] {
  return tree.findings.map((finding) => finding.code);
}
