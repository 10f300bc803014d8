import { asList, asTable, isUnknown, type PolicyTable, type PolicyValue, plainTable, quoted } from '../api/value';
import { addressIn } from './cidr-map';
import type { Captured, Context } from './context';
import { type DkimData, readDkimData } from './dkim-data';
import { inlineData, type LoadedData } from './files';
import { checkOptions } from './helper-options';
import { type HostCall, type HostFunctions, optionalText, PolicyError, textArgument } from './host';
import { type ListenerData, readListenerData } from './listener-data';
import { type QueueData, readQueueData } from './queue-data';
import { queueFunctions } from './queue-functions';
import { loadShaping, type Shaping } from './shaping';
import { readSourceData, type SourceData } from './source-data';
import { checkKey } from './uses';

/** Data of the helpers that the policy set up. */
export interface HelperState {
  sources?: SourceData;
  queues?: QueueData;
  /** Data files of the queue helper, as the policy names them. */
  queueFiles?: readonly string[];
  listeners?: ListenerData;
  dkim?: DkimData;
  readonly shaping: Shaping[];
  /** Files of the tree that helpers read. */
  readonly files: Set<string>;
  /** Helpers some of whose files could not be read: what they do not name may stand there. */
  readonly incomplete: Set<string>;
  /** Place of the set-up call of the sources and queue helpers. */
  readonly setupPlaces: Map<string, HostCall['place']>;
}

export function createHelperState(): HelperState {
  return { shaping: [], files: new Set(), incomplete: new Set(), setupPlaces: new Map() };
}

/** What the Lua half of the helpers asks: data of their files, resolved by their rules. */
export function helperFunctionsFor(context: Context, captured: Captured, state: HelperState): HostFunctions {
  return {
    ...setupFunctions(context, captured, state),
    source: ([name]) => tableOr(state.sources?.sources.get(textArgument(name, 'a source'))),
    pool: ([name]) => {
      const pool = textArgument(name, 'a pool');
      const entries = state.sources?.pools.get(pool);
      return entries === undefined ? undefined : { name: pool, entries: entries.map((entry) => ({ ...entry })) };
    },
    dkim_plan: ([domain]) =>
      (state.dkim?.plan(textArgument(domain, 'a domain')) ?? []).map(({ signer, params }) => ({
        signer,
        params: plainTable(params),
      })),
    listener_domain: ([domain, listener, peer, authz]) =>
      tableOr(
        state.listeners?.lookup(textArgument(domain, 'a domain'), {
          listener: textArgument(listener, 'a listener'),
          peer: addressIn(textArgument(peer, 'an address'))?.toString() ?? '',
          authz: optionalText(authz),
        }),
      ),
    ...queueFunctions(state),
    shaping_path: ([id, domain, source, site]) =>
      plainTable(
        shapingOf(state, id).pathFor(
          textArgument(domain, 'a domain'),
          textArgument(source, 'a source'),
          textArgument(site, 'a site'),
        ),
      ),
    shaping_sources: ([id]) =>
      Object.fromEntries([...shapingOf(state, id).referencedSources].map(([name, where]) => [name, [...where]])),
    site_of: ([domain]) => context.mx.siteOf(textArgument(domain, 'a domain')),
    lookup_mx: ([domain]) => lookupMx(textArgument(domain, 'a domain'), context),
  };
}

function setupFunctions(context: Context, captured: Captured, state: HelperState): HostFunctions {
  const once = (name: string, call: HostCall) => state.setupPlaces.set(name, call.place);
  return {
    setup_twice: ([name], call) => {
      context.findings.add(
        'tree-setup-twice',
        `the helper ${textArgument(name, 'a name')} is set up already; KumoMTA refuses a second time`,
        call.place,
      );
    },
    sources_setup: ([files], call) => {
      once('sources', call);
      const data = dataOf(files, 'sources:setup', context, call, state);
      state.sources = readSourceData(data, context, !state.incomplete.has('sources:setup'));
    },
    dkim_setup: ([files], call) => {
      state.dkim = readDkimData(dataOf(files, 'dkim_sign:setup', context, call, state), context);
    },
    listener_domains_setup: ([files], call) => {
      state.listeners = readListenerData(dataOf(files, 'listener_domains:setup', context, call, state), context);
    },
    queue_setup: ([options], call) => {
      once('queue', call);
      const table = checkOptions('queue', options, context, call);
      state.queueFiles = fileNames(table['file_names']);
      state.queues = readQueueData(dataOf(table['file_names'], 'queue:setup', context, call, state), context);
    },
    shaping_setup: ([options], call) => setupShaping(options, context, captured, state, call),
    shaping_load: ([files, options], call) => {
      checkOptions('shaping_load', options ?? {}, context, call);
      return addShaping(fileNames(files), context, captured, state, call);
    },
    setup_publish: (_, call) => {
      if (call.context === 'init' || call.context === 'main') return;
      context.findings.add('tree-wrong-place', "setup_publish belongs inside kumo.on('init', ...)", call.place);
    },
    log_hook: ([options, kind], call) => checkLogHook(options, kind, context, call),
  };
}

function checkLogHook(
  options: PolicyValue | undefined,
  kind: PolicyValue | undefined,
  context: Context,
  call: HostCall,
): void {
  checkOptions(kind === 'new_json' || kind === 'new_disposition_hook' ? kind : 'new', options, context, call);
  for (const [key, value] of Object.entries(asTable(asTable(options)?.['queue_config']) ?? {})) {
    checkKey(context, 'queue_config', key, value, 'queue_config', () => call.place);
  }
}

function setupShaping(
  value: PolicyValue | undefined,
  context: Context,
  captured: Captured,
  state: HelperState,
  call: HostCall,
): number {
  const options = checkOptions('shaping', value, context, call);
  checkOptions('shaping_load', options['load_validation_options'] ?? {}, context, call);
  checkOptions('shaping_load', options['validation_options'] ?? {}, context, call);
  const standard = options['no_default_files'] === true ? [] : ['/opt/kumomta/share/policy-extras/shaping.toml'];
  return addShaping([...standard, ...fileNames(options['extra_files'])], context, captured, state, call);
}

function addShaping(
  files: readonly string[],
  context: Context,
  captured: Captured,
  state: HelperState,
  call: HostCall,
): number {
  captured.shapingFiles.push([...files]);
  const local = files.filter((file) => !/^https?:\/\//.test(file));
  for (const file of local) noteFile(file, context, state);
  const loaded = local.map((file) => context.files.load(file, call.place)).filter((data) => data !== undefined);
  return state.shaping.push(loadShaping(loaded, context)) - 1;
}

function noteFile(file: string, { tree }: Context, state: HelperState): void {
  const located = tree.locate(file);
  if (located.kind === 'file') state.files.add(located.path);
}

function shapingOf(state: HelperState, id: PolicyValue | undefined): Shaping {
  const shaping = state.shaping[Number(id)];
  if (shaping === undefined) throw new PolicyError('this is no shaping object', false);
  return shaping;
}

function fileNames(value: PolicyValue | undefined): readonly string[] {
  return (asList(value) ?? []).filter((item) => typeof item === 'string');
}

/** The files (or tables written in Lua) that a helper was given. */
function dataOf(
  value: PolicyValue | undefined,
  what: string,
  context: Context,
  call: HostCall,
  state: HelperState,
): readonly LoadedData[] {
  if (value !== undefined && isUnknown(value)) {
    state.incomplete.add(what);
    return [];
  }
  const items = asList(value);
  if (items === undefined) {
    context.findings.add('tree-bad-type', `${what} takes an array of files`, call.place);
    return [];
  }
  return items.flatMap((item) => {
    if (typeof item === 'string') noteFile(item, context, state);
    const table = asTable(item);
    const data =
      typeof item === 'string' ? context.files.load(item, call.place) : table && inlineData(table, call.place);
    if (data === undefined && typeof item !== 'string') {
      context.findings.add('tree-bad-type', `${what}: ${quoted(String(item))} is no file name`, call.place);
    }
    if (data === undefined) state.incomplete.add(what);
    return data === undefined ? [] : [data];
  });
}

function tableOr(table: PolicyTable | undefined): unknown {
  return table === undefined ? undefined : plainTable(table);
}

function lookupMx(domain: string, context: Context): unknown {
  const mx = context.mx.resolve(domain);
  if (mx === undefined && context.mx.isAbsent(domain)) {
    throw new PolicyError(`MX lookup for ${domain} failed: NXDOMAIN`, false);
  }
  if (mx === undefined) return undefined;
  const hosts = mx.literal ? [...mx.hosts] : mx.hosts.map((host) => `${host}.`);
  return {
    by_pref: { '10': hosts },
    domain_name: domain,
    hosts,
    is_domain_literal: mx.literal,
    is_mx: mx.recorded,
    is_secure: false,
    site_name: mx.site,
  };
}
