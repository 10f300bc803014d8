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
    module_missing: ([name, path], call) => {
      const module = textArgument(name, 'a module');
      if (module.startsWith('policy-extras.')) {
        findings.add('tree-not-modelled', `the helper ${module} is not run here`, call.place);
        return true;
      }
      const elsewhere = otherDirs(optionalText(path) ?? '', tree.installDir);
      if (elsewhere.length > 0) {
        const text = `the module ${module.slice(0, 80)} is not in the tree; it may lie in ${elsewhere.join(', ')}`;
        findings.add('tree-file-outside', text, call.place);
        return true;
      }
      const text = `there is no module ${module.slice(0, 80)}; KumoMTA looks for it in /opt/kumomta/share and /opt/kumomta/etc/policy`;
      findings.add('tree-module-missing', text, call.place);
      return false;
    },
    not_lua: ([message]) => {
      const match = /^(.+?:\d+): ([\s\S]*)$/.exec(optionalText(message) ?? '');
      findings.add('tree-lua-syntax', (match?.[2] ?? String(message)).slice(0, 300), parsePlace(match?.[1]));
    },
    stopped: () => {
      const text = 'loading stops here, after an answer that only the server knows: what comes later is not checked';
      findings.add('tree-not-followed', text, { path: 'init.lua' });
    },
    uncaught: ([message, limit, known, guessing]) => {
      const text = optionalText(message) ?? '';
      if (limit === true || known === true) return;
      if (text.includes('not enough memory')) {
        findings.add('tree-limit', 'the policy needs too much memory');
        return;
      }
      const match = /^(.+?:\d+): ([\s\S]*)$/.exec(text);
      const place = parsePlace(match?.[1]);
      if (guessing === true) {
        const reason = (match?.[2] ?? text).slice(0, 300);
        findings.add('tree-not-followed', `the policy cannot be followed further without a server: ${reason}`, place);
        return;
      }
      findings.add('tree-lua-error', (place === undefined ? text : (match?.[2] ?? text)).slice(0, 500), place);
    },
    limit: (_, call) => findings.add('tree-limit', 'the policy takes too long, as an endless loop does', call.place),
    monitored: () => monitoredFiles(context, captured),
  };
}

/** Folders that the policy itself added to `package.path`, outside the tree. */
function otherDirs(path: string, installDir: string): readonly string[] {
  const known = ['/opt/kumomta/share/', '/opt/kumomta/etc/policy/', `${installDir}/`, './'];
  const dirs = path
    .split(';')
    .filter((template) => template.includes('?') && !known.some((dir) => template.startsWith(dir)))
    .map((template) => template.slice(0, template.indexOf('?')));
  return [...new Set(dirs)].slice(0, 3);
}

/** Files of the tree whose changes KumoMTA notices, absolute. */
export function monitoredFiles(context: Context, captured: Captured): readonly string[] {
  const globs = captured.monitorGlobs.length > 0 ? captured.monitorGlobs : defaultGlobs;
  const patterns = globs.map(globRegex);
  return [...context.tree.files.keys()]
    .map((path) => `${context.tree.installDir}/${path}`)
    .filter((path) => patterns.some((pattern) => pattern.test(path)));
}
