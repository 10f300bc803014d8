import { releaseAtLeast } from '../kumo/format';
import { type AddressList, SUPPRESSED_QUEUE } from '../kumo/reception-lua';
import type { ScopeBlock, Setting } from '../pmta/model';
import { isAddress, localDomains } from './addresses';
import { claimCopy } from './copies';
import type { Pass, PassContext } from './pass';
import { field, pathBlock, queueBlock } from './policy-writer';
import { translateRegex } from './regex';
import { settleByRow } from './settle';

const NAME = 'suppression';

/** Release in which policy can read plain files without holding up the server. */
const FILES_SINCE = '2025.10.06';

/**
 * Lists of addresses that a source refuses as recipients (M5 3.3.5, 3.3.7.38, 10.16); `accept-invalid-recipients` takes
 * them and bounces them at once. Lists that nobody refers to stay out of the tree.
 */
export const suppressionPass: Pass = {
  name: NAME,
  needs: ['selection'],
  run(context) {
    const { lua } = context.policy;
    const rules = [...lua.sourcesByCidr.values(), ...lua.sourcesByName.values()];
    const used = new Set(rules.flatMap(({ fields }) => fields.get('suppression_lists')?.value ?? []).flat());
    for (const kind of ['address-list', 'suppression-list'] as const) {
      for (const [name, blocks] of context.config.named.get(kind) ?? []) {
        if (used.has(name))
          lua.reception.addressLists.set(name, listOf(context, blocks, lua.reception.addressLists.get(name)));
        else settleUnused(context, blocks);
      }
    }
    if (used.size > 0 && rules.some(({ fields }) => fields.get('accept_invalid_recipients')?.value === true))
      bounceSuppressed(context);
  },
};

/** The recipient's own queue would need a connection first; this one bounces by itself. */
function bounceSuppressed({ policy }: PassContext): void {
  const { fields } = queueBlock(policy, SUPPRESSED_QUEUE);
  fields.set('protocol', field({ custom_lua: { constructor: 'make.pmta_suppressed' } }, []));
  pathBlock(policy, SUPPRESSED_QUEUE).mxRollup = false;
}

interface Draft {
  readonly names: string[];
  readonly localParts: string[];
  readonly regexes: string[];
  readonly files: string[];
}

function listOf(context: PassContext, blocks: readonly ScopeBlock[], known: AddressList | undefined): AddressList {
  const draft: Draft = {
    names: [...(known?.names ?? [])],
    localParts: [...(known?.localParts ?? [])],
    regexes: [...(known?.regexes ?? [])],
    files: [...(known?.files ?? [])],
  };
  for (const { tag, settings } of blocks) {
    if (tag !== undefined) settleByRow(context, tag, NAME);
    for (const line of settings) addLine(context, draft, line);
  }
  return draft;
}

function addLine(context: PassContext, draft: Draft, line: Setting): void {
  const { value } = line;
  if (value === undefined) return;
  if (line.name === 'address-file') addFile(context, draft, line);
  else if (value.kind === 'regex-or-text' && value.regex !== undefined)
    addRegex(context, draft, line, value.regex.pattern);
  else {
    const text = (value.kind === 'text' ? value.value : value.kind === 'regex-or-text' ? value.text : undefined) ?? '';
    const kind = line.name === 'domain' ? 'domain' : text.includes('@') ? 'address' : 'local part';
    const valid = isAddress({ domain: `x@${text}`, address: text, 'local part': `${text}@x` }[kind]);
    if (!valid) context.ledger.settle(line, 'invalid', NAME, `It is no ${kind}.`);
    else if (kind === 'local part' && localDomains(context.config).length === 0) {
      const note =
        "A local part is one at this server's own names, which the file leaves to the system: add a host-name line.";
      context.ledger.settle(line, 'manual', NAME, note);
    } else {
      (kind === 'local part' ? draft.localParts : draft.names).push(text.toLowerCase());
      context.ledger.settle(line, 'exact', NAME);
    }
  }
}

function addRegex(context: PassContext, draft: Draft, line: Setting, pattern: string): void {
  const translated = translateRegex(pattern);
  if ('regex' in translated) {
    draft.regexes.push(translated.regex);
    context.ledger.settle(line, 'exact', NAME);
    return;
  }
  context.diagnostics.report('regex-untranslatable', line.valueSpan, { reason: translated.reason });
  context.ledger.settle(line, 'manual', NAME, `The pattern ${translated.reason}: write it into pmta.lua by hand.`);
}

function addFile(context: PassContext, draft: Draft, line: Setting): void {
  const { options, ledger } = context;
  const path = line.value?.kind === 'text' ? line.value.value : '';
  if (path === '') return;
  if (!releaseAtLeast(options.target, FILES_SINCE)) {
    ledger.settle(line, 'unsupported', NAME, `KumoMTA reads plain files from release ${FILES_SINCE} on.`);
    return;
  }
  const base = path.replace(/^.*[/\\]/, '').replace(/[^A-Za-z0-9._-]/g, '_') || 'addresses';
  const target = (n: number) => `${options.installDir}/lists/${n === 1 ? '' : `${n}-`}${base}`;
  draft.files.push(claimCopy(context, path, target, 'list of addresses', line));
  settleByRow(context, line, NAME);
}

function settleUnused(context: PassContext, blocks: readonly ScopeBlock[]): void {
  for (const line of blocks.flatMap(({ tag, settings }) => [...(tag === undefined ? [] : [tag]), ...settings])) {
    if (line.fault === undefined)
      context.ledger.settle(line, 'implicit', NAME, 'No source that is used refers to this list.');
  }
}
