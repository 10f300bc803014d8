import { asList, asTable, type PolicyTable, quoted } from '../api/value';
import type { Captured, Context } from './context';
import { addProblems } from './finding';
import { parsePlace } from './host';
import type { HelperState } from './host-helpers';
import { monitoredFiles } from './host-load';
import { compileRegex } from './regex';

/** A handler of get_queue_config: who registered it (`policy-extras/queue.lua`, or nothing for the policy), and where. */
export interface QueueHandler {
  readonly owner: string;
  readonly place: string;
}

/** What can be told only when everything is loaded: names that refer to each other, the order of handlers, spools. */
export function checkLoaded(
  context: Context,
  captured: Captured,
  state: HelperState,
  queueHandlers: readonly QueueHandler[],
): void {
  checkOrder(context, queueHandlers);
  checkPools(context, state);
  checkSources(context, state);
  checkConstructors(context, captured, state);
  checkMonitored(context, captured, state);
  checkSpools(context, captured);
  checkLogFilters(context, captured);
  checkClassifiers(context, captured);
}

/** The queue helper answers for every queue, so nothing that registers after it is ever asked. */
function checkOrder(context: Context, handlers: readonly QueueHandler[]): void {
  const at = handlers.findIndex((handler) => handler.owner.endsWith('/queue.lua'));
  if (at < 0) return;
  for (const handler of handlers.slice(at + 1)) {
    const text = 'this handler of get_queue_config is registered after the queue helper, which answers first';
    context.findings.add('tree-helper-order', text, parsePlace(handler.place));
  }
}

function checkPools(context: Context, { sources, queues, incomplete }: HelperState): void {
  if (sources === undefined || queues === undefined || incomplete.has('sources:setup')) return;
  for (const { pool, where, place } of queues.pools) {
    if (sources.pools.has(pool) || pool === 'unspecified') continue;
    context.findings.add(
      'tree-pool-undefined',
      `${where} names the pool ${pool}, which is not defined; its mail would be refused`,
      place,
    );
  }
}

function checkSources(context: Context, { sources, shaping, incomplete }: HelperState): void {
  if (sources === undefined || incomplete.has('sources:setup')) return;
  for (const loaded of shaping) {
    for (const [source, blocks] of loaded.referencedSources) {
      if (sources.sources.has(source) || source === 'unspecified') continue;
      const text = `the shaping of ${blocks.slice(0, 3).join(', ')} names the source ${source}, which is not defined`;
      context.findings.add('tree-source-undefined', text);
    }
  }
}

function checkConstructors(context: Context, captured: Captured, { queues }: HelperState): void {
  for (const { event, where, place } of queues?.constructors ?? []) {
    if (captured.events.has(event)) continue;
    context.findings.add(
      'tree-handler-missing',
      `${where}: no handler is registered for the constructor ${quoted(event)}`,
      place,
    );
  }
}

/** `kumod --validate` fails when a data file of the queue helper is not covered by the monitor globs. */
function checkMonitored(context: Context, captured: Captured, state: HelperState): void {
  const monitored = new Set(monitoredFiles(context, captured));
  for (const file of state.queueFiles ?? []) {
    const located = context.tree.locate(file);
    if (located.kind !== 'file' || monitored.has(`${context.tree.installDir}/${located.path}`)) continue;
    const text = `KumoMTA does not watch ${file} for changes, and kumod --validate fails for it`;
    context.findings.add('tree-not-monitored', text, state.setupPlaces.get('queue'));
  }
}

function checkSpools(context: Context, captured: Captured): void {
  if (captured.listeners.length + captured.httpListeners.length === 0) return;
  for (const name of ['data', 'meta']) {
    if (captured.spools.some((spool) => spool['name'] === name)) continue;
    context.findings.add('tree-spool-missing', `there is no spool named ${name}`, { path: 'init.lua' });
  }
}

function checkLogFilters(context: Context, captured: Captured): void {
  for (const log of captured.logs) {
    const event = log['filter_event'];
    if (typeof event !== 'string' || captured.events.has(event)) continue;
    context.findings.add('tree-handler-missing', `no handler is registered for the filter_event ${quoted(event)}`);
  }
}

function checkClassifiers(context: Context, captured: Captured): void {
  captured.classifiers.slice(1).forEach(() => {
    context.findings.add(
      'tree-setup-twice',
      'configure_bounce_classifier is called twice; KumoMTA refuses the second call',
    );
  });
  for (const file of captured.classifiers.flatMap((params) => asList(params['files']) ?? [])) {
    if (typeof file === 'string') checkRules(context, file);
  }
}

/** A rule file: `[rules]`, class → expressions of the regex crate, which knows no look-around. */
function checkRules(context: Context, file: string): void {
  if (!/\.(toml|json)$/.test(file)) {
    context.findings.add('tree-bad-value', `${quoted(file)}: rule files must be named .toml or .json`);
  }
  const data = context.files.load(file, undefined);
  if (data === undefined) return;
  const rules: PolicyTable | undefined = asTable(data.table['rules']);
  if (rules === undefined) {
    addProblems(
      context.findings,
      [{ kind: 'missing-field', path: [], message: 'the table rules is needed' }],
      file,
      () => data.placeOf([]),
    );
  }
  for (const [name, patterns] of Object.entries(rules ?? {})) {
    const place = data.placeOf(['rules', name]);
    for (const pattern of asList(patterns) ?? ['']) {
      if (typeof pattern !== 'string' || asList(patterns) === undefined) {
        context.findings.add('tree-bad-type', `rules.${name} has to be an array of texts`, place);
        continue;
      }
      const compiled = compileRegex(pattern);
      const lookAround = /\(\?<?[=!]/.test(pattern.replace(/\\./g, ''));
      if ('regex' in compiled && !lookAround) continue;
      const reason = lookAround ? 'bounce rules know no look-around' : 'fault' in compiled ? compiled.reason : '';
      const foreign = !lookAround && 'fault' in compiled && compiled.fault === 'foreign';
      context.findings.add(
        foreign ? 'tree-not-modelled' : 'tree-regex-invalid',
        `rules.${name}: ${quoted(pattern)}: ${reason}`,
        place,
      );
    }
  }
}
