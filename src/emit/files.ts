import { spec as bounceRulesSpec } from '../../templates/bounce_rules.toml.hbs';
import { spec as dkimDataSpec } from '../../templates/dkim_data.toml.hbs';
import { spec as sessionSpec } from '../../templates/init/session.lua.hbs';
import { spec as initSpec } from '../../templates/init.lua.hbs';
import { spec as listenerDomainsSpec } from '../../templates/listener_domains.toml.hbs';
import { spec as queuesSpec } from '../../templates/queues.toml.hbs';
import { spec as shapingSpec } from '../../templates/shaping.toml.hbs';
import { spec as smtpUsersSpec } from '../../templates/smtp_users.toml.hbs';
import { spec as sourcesSpec } from '../../templates/sources.toml.hbs';
import { spec as tsaInitSpec } from '../../templates/tsa_init.lua.hbs';
import type { KumoPolicy } from '../kumo/model';
import { callOrigins } from './call-origins';
import { queuesDocument } from './document-queues';
import { shapingDocument } from './document-shaping';
import { sourcesDocument } from './document-sources';
import { bounceDocument, dkimDocument, listenerDomainsDocument, usersDocument } from './documents';
import type { EmittedFile } from './file';
import { needsOf } from './needs';
import { type EmitOptions, headerLines, shapingFiles } from './options';
import { renderer } from './render';
import { renderPmta } from './render-pmta';
import type { TomlText } from './toml-document';
import { initView, TSA_ADDRESS } from './view-init';
import { pmtaView } from './view-pmta';
import { bounceRulePath } from './view-start';

/** A row of the table below: one file of the tree, or several of a kind. */
interface FileRow {
  readonly path: string;
  readonly needed: (policy: KumoPolicy) => boolean;
  readonly make: (policy: KumoPolicy, options: EmitOptions) => readonly EmittedFile[];
}

const always = (): boolean => true;

/** path ← template ← view, in the order in which the files are written. */
export const FILES: readonly FileRow[] = [
  luaFile('init.lua', always, initText),
  luaFile('tsa_init.lua', (policy) => needsOf(policy).automation, tsaText),
  luaFile('pmta.lua', (policy) => needsOf(policy).pmta, pmtaText),
  tomlFile('sources.toml', sourcesSpec, always, sourcesDocument),
  tomlFile('queues.toml', queuesSpec, always, queuesDocument),
  tomlFile('shaping.toml', shapingSpec, always, shapingDocument),
  tomlFile(
    'listener_domains.toml',
    listenerDomainsSpec,
    (policy) => policy.listenerDomains.size > 0,
    listenerDomainsDocument,
  ),
  tomlFile('dkim_data.toml', dkimDataSpec, (policy) => needsOf(policy).dkimHelper, dkimDocument),
  tomlFile('smtp_users.toml', smtpUsersSpec, (policy) => policy.users.size > 0, usersDocument, 0o600),
  { path: 'bounce_rules', needed: (policy) => policy.bounceRules.length > 0, make: bounceFiles },
  { path: 'secrets', needed: (policy) => policy.secrets.length > 0, make: secretFiles },
];

interface Rendered {
  readonly content: string;
  readonly origins: EmittedFile['origins'];
}

function luaFile(
  path: string,
  needed: FileRow['needed'],
  text: (policy: KumoPolicy, options: EmitOptions) => Rendered,
): FileRow {
  return { path, needed, make: (policy, options) => [{ path, mode: 0o644, ...text(policy, options) }] };
}

function tomlFile(
  path: string,
  spec: TemplateSpecification,
  needed: FileRow['needed'],
  document: (policy: KumoPolicy) => TomlText,
  mode: EmittedFile['mode'] = 0o644,
): FileRow {
  const render = tomlRenderer(spec);
  return { path, needed, make: (policy, options) => [{ path, mode, ...render(document(policy), options) }] };
}

/** A template of a TOML file has the header and, below, the document. */
function tomlRenderer(spec: TemplateSpecification) {
  const render = renderer<{ readonly header: readonly string[]; readonly document: TomlText }>(spec);
  return (document: TomlText, options: EmitOptions): Rendered => {
    const content = withOneLastLineEnd(render({ header: headerLines(options), document }));
    const before =
      document.text === '' ? 0 : content.slice(0, content.lastIndexOf(document.text)).split('\n').length - 1;
    return { content, origins: document.origins.map(({ line, places }) => ({ line: line + before, places })) };
  };
}

const renderInit = renderer<ReturnType<typeof initView>>(initSpec, { session: sessionSpec });
const renderTsa = renderer<{
  readonly header: readonly string[];
  readonly listen: string;
  readonly shaping: readonly string[];
}>(tsaInitSpec);
const renderBounceRules = tomlRenderer(bounceRulesSpec);

function initText(policy: KumoPolicy, options: EmitOptions): Rendered {
  const view = initView(policy, options);
  const content = withOneLastLineEnd(renderInit(view));
  const { spools, logs, http, listeners } = view;
  return { content, origins: callOrigins(content, [...spools, ...logs, ...http, ...listeners]) };
}

function tsaText(policy: KumoPolicy, options: EmitOptions): Rendered {
  const view = { header: headerLines(options), listen: TSA_ADDRESS, shaping: shapingFiles(policy, options) };
  return { content: withOneLastLineEnd(renderTsa(view)), origins: [] };
}

function pmtaText(policy: KumoPolicy, options: EmitOptions): Rendered {
  return { content: withOneLastLineEnd(renderPmta(pmtaView(policy, options))), origins: [] };
}

function bounceFiles(policy: KumoPolicy, options: EmitOptions): readonly EmittedFile[] {
  const { bounceRules } = policy;
  return bounceRules.map((set, index) => ({
    path: bounceRulePath(index, bounceRules.length),
    mode: 0o644,
    ...renderBounceRules(bounceDocument(set), options),
  }));
}

/** Kept to the byte: KumoMTA takes the whole file as the secret. */
function secretFiles(policy: KumoPolicy): readonly EmittedFile[] {
  return policy.secrets.map(({ path, content }) => ({ path, content, mode: 0o600, origins: [] }));
}

function withOneLastLineEnd(text: string): string {
  return `${text.replace(/\n+$/, '')}\n`;
}
