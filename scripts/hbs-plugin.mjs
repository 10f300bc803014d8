// Templates are compiled when the tool is built, so that the shipped bundle needs only Handlebars' small runtime.
import { readFileSync } from 'node:fs';
import Handlebars from 'handlebars';

/** The only helpers a template may call; anything else fails at build time. */
const KNOWN_HELPERS = { lua: true, toml: true, html: true, asset: true };

/** Turns the text of a template into an ES module that exports the compiled `spec`. */
export function compileTemplate(text) {
  const spec = Handlebars.precompile(text, {
    noEscape: true,
    strict: true,
    preventIndent: true,
    knownHelpers: KNOWN_HELPERS,
    knownHelpersOnly: true,
  });
  return `export const spec = ${spec};\n`;
}

export const esbuildHandlebars = {
  name: 'handlebars-templates',
  setup(build) {
    build.onLoad({ filter: /\.hbs$/ }, (args) => ({
      contents: compileTemplate(readFileSync(args.path, 'utf8')),
      loader: 'js',
    }));
  },
};

export const viteHandlebars = {
  name: 'handlebars-templates',
  transform(code, id) {
    return id.endsWith('.hbs') ? { code: compileTemplate(code), map: null } : undefined;
  },
};
