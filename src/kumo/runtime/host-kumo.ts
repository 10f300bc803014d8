import { didYouMean, mostLike } from '../../diagnostics/likeness';
import { kumoEvents } from '../api/events';
import { functionRows } from '../api/function-rows';
import { parseThrottle, rateForm } from '../api/grammars';
import { helperModules } from '../api/helper-modules';
import type { StructName } from '../api/structs';
import { asList, asTable, isUnknown, type PolicyTable, type PolicyValue, plain, quoted, sortOf } from '../api/value';
import type { Captured, Context } from './context';
import { type HostCall, type HostFunctions, optionalText, PolicyError, parsePlace, textArgument } from './host';
import { checkCounter, checkMemoize, checkScheduling } from './host-tables';
import { checkTable, need } from './uses';

const eventRows = new Map(kumoEvents.map((row) => [row.name as string, row]));
/** Events in which things that belong to the start of the server may be called. */
const startEvents = ['init', 'main', 'pre_init', 'proxy_init', 'tsa_init'];

/** The surface of `kumo`, `tsa` and messages: every call is held against the tables of `src/kumo/api`. */
export function kumoFunctionsFor(context: Context, captured: Captured): HostFunctions {
  const { findings } = context;
  return {
    function: ([name, count], call) => checkCall(textArgument(name, 'a name'), Number(count ?? 0), context, call),
    method: ([name], call) => checkCall(textArgument(name, 'a name'), undefined, context, call),
    plain: ([name, ...args], call) => plainCall(textArgument(name, 'a name'), args, context, captured, call),
    struct: ([name, params], call) => construct(textArgument(name, 'a name'), params, context, call),
    on: (args, call) => register(args, context, captured, call),
    memoize: ([kind, options], call) => checkMemoize(kind, options, context, call),
    throttle: ([, spec], call) => {
      checkCall('kumo.make_throttle', 2, context, call);
      const rate = typeof spec === 'string' ? parseThrottle(spec) : undefined;
      if (rate !== undefined) return need(context, rateForm(rate), rate.since, call.place);
      findings.add('tree-bad-value', 'kumo.make_throttle needs a rate like "100/min"', call.place);
    },
    scheduling: ([spec], call) => checkScheduling(spec, context, call),
    counter: ([spec], call) => checkCounter(spec, context, call),
    module: ([name], call) => {
      const row = helperModules.find((candidate) => candidate.name === name);
      if (row !== undefined) need(context, `the module policy-extras.${row.name}`, row.since, call.place);
    },
    ...complaintsFor(context),
  };
}

/** What the model's Lua reports because it sees for itself that it is wrong. */
function complaintsFor({ findings }: Context): HostFunctions {
  const unknown = (lacking: string, name: PolicyValue | undefined, call: HostCall): void => {
    const wanted = textArgument(name, 'a name');
    const text = `${lacking} ${wanted.slice(0, 80)}${didYouMean(wanted, functionRows.keys())}`;
    findings.add('tree-name-unknown', text, call.place);
  };
  const notRun: HostFunctions[string] = ([name], call) => {
    findings.add('tree-not-modelled', `${textArgument(name, 'a name')} is not run here`, call.place);
  };
  return {
    unknown_function: ([name], call) => unknown('there is no', name, call),
    unknown_method: ([what, name], call) => unknown(`${optionalText(what)} has no`, name, call),
    not_modelled: notRun,
    refused: notRun,
    set_due_ignored: (_, call) => {
      findings.add(
        'tree-set-due-ignored',
        'set_due has no effect inside requeue_message; use set_scheduling { first_attempt = ... }',
        call.place,
      );
    },
    returned_nil: ([name, place], call) => {
      const text = `this handler of ${textArgument(name, 'a name')} returns nil, which KumoMTA refuses; a bare return passes the question on`;
      findings.add('tree-returned-nil', text, call.place ?? parsePlace(optionalText(place)));
    },
    bad_auth_answer: ([type], call) => {
      findings.add(
        'tree-auth-answer',
        `smtp_server_auth_plain has to return true or false, not ${optionalText(type) ?? 'nothing'}; the client gets 421`,
        call.place,
      );
    },
  };
}

function checkCall(name: string, count: number | undefined, context: Context, call: HostCall): void {
  const row = functionRows.get(name);
  if (row === undefined) return;
  need(context, name, row.since, call.place);
  const [least, most] = row.arity ?? [0, Number.POSITIVE_INFINITY];
  if (count !== undefined && (count < least || count > most)) {
    const wanted = least === most ? String(least) : `${least} to ${most}`;
    context.findings.add('tree-argument-count', `${name} takes ${wanted} arguments, not ${count}`, call.place);
  }
  if ((row.place === 'init' || row.place === 'pre-init') && !startEvents.includes(call.context)) {
    context.findings.add(
      'tree-wrong-place',
      `${name} belongs inside kumo.on('${row.place === 'init' ? 'init' : 'pre_init'}', ...)`,
      call.place,
    );
  }
}

function plainCall(
  name: string,
  args: readonly (PolicyValue | undefined)[],
  context: Context,
  captured: Captured,
  call: HostCall,
): unknown {
  const struct = functionRows.get(name)?.params;
  checkCall(name, struct === undefined ? args.length : undefined, context, call);
  const params = struct === undefined ? undefined : checkParams(name, struct, args[0], context, call);
  if (params !== undefined) {
    captured.places.set(params, call.place);
    capture(name, params, captured);
  }
  const globs = name === 'kumo.set_config_monitor_globs' ? asList(args[0]) : undefined;
  captured.monitorGlobs.push(...(globs ?? []).filter((item) => typeof item === 'string'));
  return name === 'kumo.available_parallelism' ? 4 : undefined;
}

function capture(name: string, params: PolicyTable, captured: Captured): void {
  const lists: Readonly<Record<string, PolicyTable[]>> = {
    'kumo.configure_bounce_classifier': captured.classifiers,
    'kumo.configure_local_logs': captured.logs,
    'kumo.configure_log_hook': captured.logHooks,
    'kumo.define_spool': captured.spools,
    'kumo.start_esmtp_listener': captured.listeners,
    'kumo.start_http_listener': captured.httpListeners,
    'tsa.start_http_listener': captured.httpListeners,
  };
  if (Object.hasOwn(lists, name)) lists[name]?.push(params);
}

/** A table given to a function; what is wrong with its fields becomes findings, and the policy goes on. */
function checkParams(
  name: string,
  struct: StructName,
  value: PolicyValue | undefined,
  context: Context,
  call: HostCall,
): PolicyTable {
  if (value !== undefined && isUnknown(value)) return {};
  const table = asTable(value);
  if (table === undefined) {
    const text = `${name} takes a table, not ${value === undefined ? 'nil' : sortOf(value)}`;
    context.findings.add('tree-bad-type', text, call.place);
    throw new PolicyError(text, true);
  }
  checkTable(context, struct, table, true, name, (keys) => context.lua.keyOf(call.place, name, keys));
  return table;
}

function construct(name: string, value: PolicyValue | undefined, context: Context, call: HostCall): unknown {
  checkCall(name, undefined, context, call);
  context.made.name = name;
  context.made.place = call.place;
  const struct = functionRows.get(name)?.params;
  return struct === undefined ? undefined : plain(checkParams(name, struct, value, context, call));
}

/** `kumo.on`: true when the handler is taken. A second handler of a single event is an error in KumoMTA. */
function register(
  [nameValue, count, place]: readonly (PolicyValue | undefined)[],
  context: Context,
  captured: Captured,
  call: HostCall,
): boolean {
  const name = textArgument(nameValue, 'the name of an event');
  const row =
    eventRows.get(name) ?? (name.startsWith('log_disposition_') ? eventRows.get('log_disposition_NAME') : undefined);
  if (call.context !== 'top' && call.context !== 'main') {
    context.findings.add(
      'tree-wrong-place',
      `kumo.on('${name}') is called inside a handler; register at the top of the file`,
      call.place,
    );
    return false;
  }
  if (row !== undefined) need(context, `the event ${name}`, row.since, call.place);
  const near = row === undefined && !/[.]|^make/.test(name) ? mostLike(name, eventRows.keys()) : undefined;
  if (near !== undefined) {
    context.findings.add(
      'tree-event-unknown',
      `KumoMTA has no event ${quoted(name)}; did you mean ${near}?`,
      call.place,
    );
  }
  if (row?.handlers !== 'multiple' && Number(count ?? 0) > 0) {
    context.findings.add(
      'tree-handler-twice',
      `the event ${name} has a handler already, defined at ${optionalText(place)}`,
      call.place,
    );
    return false;
  }
  captured.events.add(name);
  return true;
}
