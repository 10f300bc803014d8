import type { Setting } from '../pmta/model';
import { classOf, isStockCategory } from './bounce-classes';
import type { Pass, PassContext } from './pass';
import { translateRegex } from './regex';

const NAME = 'bounces';

/**
 * `<bounce-category-patterns>`: first match wins, those of the main file before those of config-defaults (M5 10.8).
 * KumoMTA takes the first rule loaded, so a class that comes back later begins a new file.
 */
export const bouncesPass: Pass = {
  name: NAME,
  needs: [],
  run(context) {
    invalidMailboxBy553(context);
    for (const block of context.config.top.blocks.filter(({ kind }) => kind === 'bounce-category-patterns')) {
      if (block.tag !== undefined) context.ledger.settle(block.tag, 'approximate', NAME, block.tag.row?.note);
      for (const line of block.settings) addRule(context, line);
    }
  },
};

/** A 553 without an enhanced status, which PowerMTA takes for an invalid mailbox (M5 3.3.10.57). */
const BARE_553 = '^553 (?:[^45]|[45][^.])';

function invalidMailboxBy553(context: PassContext): void {
  const lines = context.config.settings.filter(
    (line) => line.name === 'smtp-553-means-invalid-mailbox' && line.value?.kind === 'bool',
  );
  for (const line of lines) {
    const on = line.value?.kind === 'bool' && line.value.value;
    if (on) context.ledger.settle(line, 'approximate', NAME, 'The rule holds for every recipient domain.');
    else context.ledger.settle(line, 'implicit', NAME, 'KumoMTA does not read a 553 that way by itself.');
  }
  const asking = lines.filter((line) => line.value?.kind === 'bool' && line.value.value);
  if (asking.length === 0) return;
  const origins = asking.slice(0, 1).map((line) => line.span);
  context.policy.bounceRules.push({ rules: new Map([['InvalidRecipient', [BARE_553]]]), origins });
}

function addRule(context: PassContext, line: Setting): void {
  if (line.value?.kind !== 'category-pattern') return;
  const { ledger, diagnostics } = context;
  const category = line.value.category.toLowerCase();
  if (category === 'success') {
    ledger.settle(line, 'implicit', NAME, 'KumoMTA classifies failures only.');
    return;
  }
  const translated = translateRegex(subjectOf(line.value.regex.pattern));
  const reason = 'reason' in translated ? translated.reason : lookAround(translated.regex);
  if (reason !== undefined || 'reason' in translated) {
    diagnostics.report('regex-untranslatable', line.valueSpan, { reason: reason ?? '' });
    ledger.settle(line, 'manual', NAME, `The pattern ${reason}: write the bounce rule by hand.`);
    return;
  }
  append(context, classOf(category), translated.regex, line);
  const own = !isStockCategory(category)
    ? 'The category is not one of the stock ones: it becomes a class of its own.'
    : undefined;
  ledger.settle(line, 'approximate', NAME, own ?? line.row?.note);
}

/**
 * PowerMTA's text begins with the enhanced status (`5.1.1;` or `5.1.1 `), KumoMTA's with the reply code before it
 * (`550 5.1.1 …`): every anchor has to let the code pass, and a semicolon after the status is a blank there.
 */
function subjectOf(pattern: string): string {
  let status = false;
  return pattern.replace(/\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[\^;|\s]/gs, (part) => {
    if (part === '^') {
      status = true;
      return '^[0-9]{3} ';
    }
    const ends = status && part === ';';
    if (/^[;|\s]$/.test(part)) status = false;
    return ends ? '[; ]' : part;
  });
}

function lookAround(regex: string): string | undefined {
  if (/\(\?<?[=!]/.test(regex))
    return 'looks ahead or behind, which KumoMTA has in automation rules but not in bounce rules';
  return /\\[1-9]/.test(regex) ? 'refers back to a group, which KumoMTA cannot do in bounce rules' : undefined;
}

function append(context: PassContext, name: string, regex: string, line: Setting): void {
  const { bounceRules } = context.policy;
  let file = bounceRules.at(-1);
  const known = file === undefined ? [] : [...file.rules.keys()];
  if (file === undefined || (known.includes(name) && known.at(-1) !== name)) {
    file = { rules: new Map(), origins: [] };
    bounceRules.push(file);
  }
  file.rules.set(name, [...(file.rules.get(name) ?? []), regex]);
  file.origins.push(line.span);
}
