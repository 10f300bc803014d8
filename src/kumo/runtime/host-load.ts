import type { Captured, Context } from './context';
import { type HostFunctions, optionalText, parsePlace, textArgument } from './host';
import { globRegex } from './tree';

/** Where `require` looks, as kumod sets it up (crates/config). */
const packagePath = [
  '/opt/kumomta/share/?.lua',
  '/opt/kumomta/share/?/init.lua',
  '/opt/kumomta/etc/policy/?.lua',
  '/opt/kumomta/etc/policy/?/init.lua',
].join(';');

const defaultGlobs = ['/opt/kumomta/etc/**/*.{lua,json,toml,yaml}'];

/** Loading of code, and what becomes of errors that the policy does not catch. */
export function loadFunctionsFor(context: Context, captured: Captured): HostFunctions {
  const { tree, findings } = context;
  return {
    package_path: () => packagePath,
    read_lua: ([path], call) => {
      const name = textArgument(path, 'a file name');
      const text = context.files.text(name, call.place);
      const located = tree.locate(name);
      return text === undefined || located.kind !== 'file' ? undefined : { text, path: located.path };
    },
    read_file: ([path], call) => context.files.text(textArgument(path, 'a file name'), call.place),
    find_lua: ([path]) => {
      const located = tree.locate(textArgument(path, 'a file name'));
      return located.kind === 'file' ? { text: located.text, path: located.path } : undefined;
    },
    module_missing: ([name], call) => {
      const module = textArgument(name, 'a module');
      if (module.startsWith('policy-extras.')) {
        findings.add('tree-not-modelled', `the helper ${module} is not run here`, call.place);
        return true;
      }
      const text = `there is no module ${module.slice(0, 80)}; KumoMTA looks for it in /opt/kumomta/share and /opt/kumomta/etc/policy`;
      findings.add('tree-file-missing', text, call.place);
      return false;
    },
    uncaught: ([message, limit, known]) => {
      const text = optionalText(message) ?? '';
      if (limit === true || known === true) return;
      if (text.includes('not enough memory')) {
        findings.add('tree-limit', 'the policy needs too much memory');
        return;
      }
      const match = /^(.+?:\d+): ([\s\S]*)$/.exec(text);
      const place = parsePlace(match?.[1]);
      findings.add('tree-lua-error', (place === undefined ? text : (match?.[2] ?? text)).slice(0, 500), place);
    },
    limit: (_, call) => findings.add('tree-limit', 'the policy takes too long, as an endless loop does', call.place),
    monitored: () => monitoredFiles(context, captured),
  };
}

/** Files of the tree whose changes KumoMTA notices, absolute. */
export function monitoredFiles(context: Context, captured: Captured): readonly string[] {
  const globs = captured.monitorGlobs.length > 0 ? captured.monitorGlobs : defaultGlobs;
  const patterns = globs.map(globRegex);
  return [...context.tree.files.keys()]
    .map((path) => `${context.tree.installDir}/${path}`)
    .filter((path) => patterns.some((pattern) => pattern.test(path)));
}
