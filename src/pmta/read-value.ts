import type { Span } from '../diagnostics/span';
import { findRow, scopesOf, suggest, suggestTag } from '../directives/lookup';
import type { DirectiveRow, Scope as ScopeName, ValueKind } from '../directives/row';
import type { ValueError } from '../directives/value';
import { readValue } from '../directives/values';
import { excerpt, markFault, type ResolveContext, type SettingDraft, valueOrAll } from './draft';
import type { Setting } from './model';
import { argumentRule, scopeNameOf } from './tags';

/** Kinds of value that hold a password or a key, whose text no message may show. */
const SECRET_KINDS: ReadonlySet<ValueKind> = new Set(['secret', 'path-secret', 'privacy-policy']);

/** Finds the row of a directive line and reads its value; reports and settles the line when that fails. */
export function readValueOf(context: ResolveContext, setting: SettingDraft, nameSpan: Span): void {
  const row = rowOf(setting.name, setting.scope.kind);
  if (row === undefined) {
    reportPlace(context, setting, nameSpan, false);
    return;
  }
  setting.row = row;
  const { value, warnings } = readValue(row, setting.raw);
  if (value.kind === 'error') reportValue(context, setting, value);
  else setting.value = value;
  for (const { reason } of warnings) tolerate(context, setting, reason);
}

/** The same for an opening tag, whose name in the setting is `<name>`. */
export function readTag(context: ResolveContext, setting: SettingDraft, nameSpan: Span): void {
  const name = setting.name.slice(1, -1);
  const row = findRow(name, setting.scope.kind, true);
  const scope = scopeNameOf(name);
  if (row === undefined || scope === undefined) {
    reportPlace(context, setting, nameSpan, true);
    return;
  }
  setting.row = row;
  const rule = argumentRule(scope, setting.scope.kind);
  if (rule === 'needed' && setting.raw === '') {
    context.diagnostics.report('tag-argument-missing', nameSpan, { tag: setting.name });
    markFault(context, setting, 'invalid', 'The tag lacks its argument.');
    return;
  }
  if (rule === 'none' && setting.raw !== '') tolerate(context, setting, 'takes no argument');
  setting.value = { kind: 'tag', argument: setting.raw };
}

/** Gives a row to a setting that stands where nothing counts, so that reports know whether its value is a secret. */
export function rowAnywhere(name: string, tag: boolean): DirectiveRow | undefined {
  const scope = scopesOf(name, tag)[0];
  return scope === undefined ? undefined : findRow(name, scope, tag);
}

/** `include` may stand anywhere (M5 3.3.7.70), whatever scopes the table names. */
function rowOf(name: string, scope: ScopeName): DirectiveRow | undefined {
  return findRow(name, scope) ?? (name === 'include' ? findRow(name, 'global') : undefined);
}

/** A name that is not known, or not in this place. */
function reportPlace(context: ResolveContext, setting: SettingDraft, nameSpan: Span, tag: boolean): void {
  const name = tag ? setting.name.slice(1, -1) : setting.name;
  // A line that begins with a regex has no name by which to say where it belongs.
  const scopes = name === '' ? [] : scopesOf(name, tag);
  if (scopes.length === 0) {
    reportUnknown(context, setting, nameSpan, tag);
    return;
  }
  const row = rowAnywhere(name, tag);
  if (row !== undefined) setting.row = row;
  const holes = { name: setting.name, here: placesText([setting.scope.kind]), places: placesText(scopes) };
  const { tag: block } = setting.scope;
  const related = block === undefined ? [] : [{ span: block.span, message: 'the block in which it stands' }];
  context.diagnostics.report('directive-misplaced', nameSpan, holes, related);
  markFault(context, setting, 'misplaced', `Belongs ${holes.places}.`);
}

function reportUnknown(context: ResolveContext, setting: SettingDraft, nameSpan: Span, tag: boolean): void {
  const { kind } = setting.scope;
  // `name=value` is no PowerMTA syntax, but tells which directive is meant; the value may be a password.
  const word = /^[^=:]*/.exec(tag ? setting.name.slice(1, -1) : setting.name)?.[0] ?? '';
  const near = word === '' ? undefined : tag ? suggestTag(word, kind) : suggest(word, kind);
  const meant = near === undefined ? '' : `did you mean ${tag ? `<${near}>` : near}?`;
  const name = tag ? `<${excerpt(word)}>` : word === '' ? 'a line that begins with a pattern' : excerpt(word);
  const hint = meant === '' ? '' : `${meant} `;
  context.diagnostics.report('directive-unknown', nameSpan, { name, kind: tag ? 'tag' : 'directive', hint });
  markFault(
    context,
    setting,
    'unknown',
    `Not a PowerMTA ${tag ? 'tag' : 'directive'}${meant === '' ? '.' : `; ${meant}`}`,
  );
}

function reportValue(context: ResolveContext, setting: SettingDraft, error: ValueError): void {
  const { valueSpan, raw } = setting;
  const secret = isSecret(setting.row);
  const wrong = raw.slice(error.start, error.end);
  const exact = !secret && wrong !== '' && valueSpan.source.text.startsWith(raw, valueSpan.start);
  const span = exact
    ? { ...valueSpan, start: valueSpan.start + error.start, end: valueSpan.start + error.end }
    : valueOrAll(setting);
  const line = setting.name === '' ? 'the pattern' : setting.name;
  const what = secret || wrong === '' ? line : `${line}: ${excerpt(wrong)}`;
  if (weightedMember(setting) === undefined) {
    context.diagnostics.report('value-invalid', span, { what, reason: error.reason });
  } else context.diagnostics.report('pool-weight', span, { what, reason: error.reason });
  markFault(context, setting, 'invalid', `${what} ${error.reason}.`);
}

/** The virtual-mta that a line `virtual-mta NAME weight N` of a pool means: no syntax of PowerMTA, but published as one. */
export function weightedMember({ name, row, raw }: Pick<Setting, 'name' | 'row' | 'raw'>): string | undefined {
  if (name !== 'virtual-mta' || row?.scope !== 'virtual-mta-pool') return undefined;
  return /^(\S+)\s+weight\b/i.exec(raw)?.[1];
}

function tolerate(context: ResolveContext, setting: SettingDraft, reason: string): void {
  context.diagnostics.report('value-tolerated', valueOrAll(setting), { name: setting.name, reason });
}

function isSecret(row: DirectiveRow | undefined): boolean {
  return row !== undefined && SECRET_KINDS.has(row.value);
}

/** `at the top level`, `in <domain> or <virtual-mta>`. */
function placesText(scopes: readonly ScopeName[]): string {
  const tags = scopes.filter((scope) => scope !== 'global').map((scope) => `<${scope}>`);
  const inside = tags.length === 0 ? [] : [`in ${tags.join(' or ')}`];
  return [...(tags.length < scopes.length ? ['at the top level'] : []), ...inside].join(' or ');
}
