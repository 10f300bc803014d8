import type { KumodAnswer, KumodAnswers } from '../compare/kumod/disagreements';
import type { Questions } from '../compare/kumod/questions';
import { luaString } from '../emit/quote-lua';

/** Files of a private folder beside the tree. */
export interface ScriptFiles {
  readonly script: string;
  /** JSON, so that nothing that is asked about can become code. */
  readonly questions: string;
}

/**
 * A policy for `kumod --script` that loads the tree and prints what its handlers answer, one JSON object a line behind
 * `mark`. `home`: absolute folder of the tree; `questions`: absolute path of their file.
 *
 * KumoMTA's own tools go the same way (assets/resolve-shaping-domain, assets/resolve-queue-config): the policy is run with
 * dofile, and the handler of `main` calls kumo.invoke_get_queue_config(NAME) and kumo.invoke_get_egress_path_config(DOMAIN,
 * SOURCE, SITE), which are there since 2025.01.23.
 */
export function scriptFiles(
  home: string,
  questionsPath: string,
  mark: string,
  { queues, paths }: Questions,
): ScriptFiles {
  const domains = [...new Set(paths.flatMap(({ domain, site }) => (site === undefined ? [domain] : [])))];
  const data = { queues, domains, paths: paths.map(({ domain, source, site = '' }) => ({ domain, source, site })) };
  const script = `package.path = ${luaString(`${home}/?.lua;${home}/?/init.lua;`)} .. package.path
local kumo = require 'kumo'
dofile(${luaString(`${home}/init.lua`)})

kumo.on('main', function()
  local function say(answer)
    print('\\n' .. ${luaString(mark)} .. kumo.serde.json_encode(answer))
  end
  if not kumo.invoke_get_queue_config or not kumo.invoke_get_egress_path_config then
    return say { kind = 'too-old' }
  end
  local asked = kumo.serde.json_load(${luaString(questionsPath)})
  local sites = {}
  for index, domain in ipairs(asked.domains) do
    local ok, mx = pcall(kumo.dns.lookup_mx, domain)
    sites[domain] = ok and mx.site_name or domain
    if ok then
      say { kind = 'mx', index = index, hosts = mx.hosts, recorded = mx.is_mx ~= false }
    end
  end
  local function answer(kind, index, ask, ...)
    local ok, config = pcall(ask, ...)
    if ok then
      say { kind = kind, index = index, fields = config }
    else
      say { kind = kind, index = index, error = tostring(config) }
    end
  end
  for index, name in ipairs(asked.queues) do
    answer('queue', index, kumo.invoke_get_queue_config, name)
  end
  for index, path in ipairs(asked.paths) do
    local site = path.site ~= '' and path.site or sites[path.domain]
    answer('path', index, kumo.invoke_get_egress_path_config, path.domain, path.source, site)
  end
  say { kind = 'end' }
end)
`;
  return { script, questions: JSON.stringify(data) };
}

/** What kumod printed, or what is wrong with it, as the end of a sentence that begins with the program. */
export function readAnswers(
  output: string,
  mark: string,
  { queues, paths }: Questions,
): KumodAnswers | { readonly fault: string } {
  const answers = { queue: new Map<number, KumodAnswer>(), path: new Map<number, KumodAnswer>() };
  const domains = [...new Set(paths.flatMap(({ domain, site }) => (site === undefined ? [domain] : [])))];
  const hosts = new Map<string, readonly string[]>();
  let ended = false;
  for (const line of output.split('\n')) {
    if (!line.startsWith(mark)) continue;
    const answer = parseLine(line.slice(mark.length));
    if (answer === undefined) return { fault: 'printed an answer that is no JSON object' };
    const { kind, index } = answer;
    if (kind === 'too-old') return { fault: 'cannot be asked: KumoMTA can since 2025.01.23' };
    if (kind === 'end') ended = true;
    else if (kind === 'mx') {
      const domain = domains[numberIn(index) - 1];
      if (domain !== undefined && answer['recorded'] === true) hosts.set(domain, textsIn(answer['hosts']));
    } else if (kind === 'queue' || kind === 'path') answers[kind].set(numberIn(index) - 1, answerOf(answer));
    else return { fault: 'printed an answer that nobody asked for' };
  }
  if (!ended) return { fault: 'did not answer to the end' };
  return {
    queues: queues.map((_, at) => answers.queue.get(at) ?? { error: 'no answer' }),
    paths: paths.map((_, at) => answers.path.get(at) ?? { error: 'no answer' }),
    hosts,
  };
}

type Line = Readonly<Record<string, unknown>>;

function parseLine(text: string): Line | undefined {
  try {
    const data: unknown = JSON.parse(text);
    return typeof data === 'object' && data !== null && !Array.isArray(data) ? { ...data } : undefined;
  } catch {
    return undefined;
  }
}

function answerOf({ fields, error }: Line): KumodAnswer {
  if (typeof error === 'string') return { error: error.split('\n')[0]?.slice(0, 300) ?? '' };
  return typeof fields === 'object' && fields !== null ? { fields: { ...fields } } : { error: 'no table' };
}

function numberIn(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}
