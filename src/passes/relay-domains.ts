import { readDomainPattern } from '../pmta/domain-pattern';
import type { Setting } from '../pmta/model';
import { shadowedKeys } from './domain-keys';
import type { Pass, PassContext } from './pass';
import { addOrigins, blockIn, field } from './policy-writer';

const NAME = 'relay-domains';

/** `relay-domain`: mail for these recipients is taken from anybody (M5 3.3.1.32). */
export const relayDomainsPass: Pass = {
  name: NAME,
  needs: [],
  run(context) {
    const lines = context.config.top.settings.filter((line) => line.name === 'relay-domain');
    for (const line of lines) convert(context, line);
    const { listenerDomains } = context.policy;
    for (const [key, wildcard] of shadowedKeys(new Set(listenerDomains.keys()))) {
      const repeated = listenerDomains.get(wildcard);
      if (repeated === undefined) continue;
      const block = blockIn(listenerDomains, key);
      block.comments.push(`repeats "${wildcard}", which a longer entry hides`);
      for (const [name, value] of repeated.fields) block.fields.set(name, value);
    }
  },
};

function convert(context: PassContext, line: Setting): void {
  if (line.value?.kind !== 'text') return;
  const read = readDomainPattern(line.value.value);
  if (!('pattern' in read)) {
    context.ledger.settle(line, 'invalid', NAME, `The domain ${read.reason}.`);
    return;
  }
  const { pattern } = read;
  if (pattern.form === 'literal') return;
  if (pattern.form === 'any' && !context.options.allowOpenRelay) {
    context.diagnostics.report('open-relay-domain', line.valueSpan, {});
    context.ledger.settle(line, 'manual', NAME, 'Taking mail for every domain is not written: name the domains.');
    return;
  }
  for (const key of keysOf(pattern)) {
    const block = blockIn(context.policy.listenerDomains, key);
    block.fields.set('relay_to', field(true, [line]));
    addOrigins(block, [line]);
  }
  context.ledger.settle(line, 'exact', NAME);
}

function keysOf(pattern: { readonly form: string; readonly name?: string }): readonly string[] {
  const name = pattern.name ?? '';
  if (pattern.form === 'any') return ['*'];
  if (pattern.form === 'below') return [`*.${name}`];
  return pattern.form === 'tree' ? [name, `*.${name}`] : [name];
}
