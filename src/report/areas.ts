import type { Scope } from '../directives/row';
import type { Setting } from '../pmta/model';

/** Areas in the order of the reports. */
export const AREAS = [
  'server',
  'sources and listeners',
  'virtual MTAs and pools',
  'domains and queues',
  'reply patterns',
  'message rules',
  'bounces and complaints',
  'accounting',
  'other services',
] as const;
export type Area = (typeof AREAS)[number];

const AREA_OF: Readonly<Record<Scope, Area>> = {
  global: 'server',
  'acct-file': 'accounting',
  'address-list': 'message rules',
  aliases: 'message rules',
  'bounce-category-patterns': 'bounces and complaints',
  'bounce-processor': 'bounces and complaints',
  dns: 'server',
  domain: 'domains and queues',
  'domain-key-list': 'virtual MTAs and pools',
  'email-patterns': 'message rules',
  'feedback-loop-processor': 'bounces and complaints',
  'gm-imprinter': 'other services',
  'mx-rollup-list': 'domains and queues',
  'pattern-list': 'message rules',
  proxy: 'other services',
  'rewrite-list': 'message rules',
  signals: 'other services',
  'signals-filter': 'other services',
  'smtp-listener': 'sources and listeners',
  'smtp-pattern-list': 'reply patterns',
  'smtp-user': 'sources and listeners',
  source: 'sources and listeners',
  'source-group': 'sources and listeners',
  spool: 'server',
  'sparkpost-analytics': 'other services',
  'suppression-list': 'message rules',
  'transmissions-api': 'other services',
  'transmissions-api-listener': 'other services',
  'virtual-mta': 'virtual MTAs and pools',
  'virtual-mta-pool': 'virtual MTAs and pools',
};

/** The area of a setting: that of its block, and for an opening tag that of the block it opens. */
export function areaOf(setting: Setting): Area {
  const opened = /^<(.*)>$/.exec(setting.name)?.[1] ?? '';
  return isScope(opened) ? AREA_OF[opened] : AREA_OF[setting.scope.kind];
}

function isScope(name: string): name is Scope {
  return Object.hasOwn(AREA_OF, name);
}
