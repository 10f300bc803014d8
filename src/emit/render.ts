import Handlebars from 'handlebars/runtime';
import type { KumoValue } from '../kumo/model';
import { luaComment, luaKey, luaValue } from './quote-lua';
import { tomlComment } from './quote-toml';
import type { TomlText } from './toml-document';

// An instance of its own: helpers of others in the process stay out, and ours stay in.
const handlebars = Handlebars.create();

interface Options {
  readonly hash: { readonly as?: 'comment' | 'key'; readonly indent?: number };
}

// The only two ways from a view into text; both quote. The templates are ours, so what they pass is what views declare.
handlebars.registerHelper('lua', (value: KumoValue, { hash }: Options) => {
  if (hash.as === 'comment') return luaComment(String(value));
  if (hash.as === 'key') return luaKey(String(value));
  return luaValue(value, hash.indent ?? 0);
});
handlebars.registerHelper('toml', (value: TomlText | string) =>
  typeof value === 'string' ? tomlComment(value) : value.text,
);

/**
 * Makes the renderer of a template. `V` is its view: an object with every name the template knows, because strict mode
 * fails on unknown names except inside `{{#if}}`. `parts`: the partials it calls, which see the same view.
 */
export function renderer<V extends object>(
  spec: TemplateSpecification,
  parts: Readonly<Record<string, TemplateSpecification>> = {},
): (view: V) => string {
  const template = handlebars.template<V>(spec);
  const partials = Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [name, handlebars.template<V>(part)]),
  );
  return (view) => template(view, { allowProtoPropertiesByDefault: false, partials });
}
