import { asList, type PolicyTable } from '../api/value';
import type { LoadedParts, LoadedTree } from '../runtime/answers';
import { inCidrList } from '../runtime/cidr-map';
import { checkUsers } from './users';

/** What a path names that lies outside the tree: text of a file, or why there is none. */
export type OutsideFile = { readonly text: string } | { readonly fault: 'missing' | 'unreadable' | 'unseen' };

/** Looks at what KumoMTA takes without a word and what does not do what it seems to. */
export function checkMeaning(parts: LoadedParts, tree: LoadedTree, outside: (path: string) => OutsideFile): void {
  checkOverlaps(parts);
  checkLoopback(parts, tree);
  checkPoolWeights(parts);
  checkDkimKeys(parts, outside);
  checkRestart(parts);
  checkUsers(parts);
}

/** kumod --validate warns of it too; the domain block wins (facts: resolution of shaping). Not told of `default` as a provider. */
function checkOverlaps({ context, state }: LoadedParts): void {
  for (const { domain, providers, place } of state.shaping.flatMap((shaping) => shaping.overlaps())) {
    const text = `${domain} is also matched by the provider ${providers.join(', ')}, whose settings its block overrides`;
    context.findings.add('tree-provider-overlap', text, place);
  }
}

/** Addresses that `prohibited_hosts` holds unless a block says otherwise. */
const prohibited = ['127.0.0.0/8', '::1', '0.0.0.0', '::'];

function checkLoopback({ context, state }: LoadedParts, tree: LoadedTree): void {
  for (const { where, hosts, destination, place } of state.queues?.smartHosts ?? []) {
    const loopback = hosts.find((host) => isLoopback(host, prohibited));
    if (loopback === undefined) continue;
    const own = tree.egressPath(destination ?? domainOf(where), 'unspecified')['prohibited_hosts'];
    const list = Array.isArray(own) ? own.filter((item) => typeof item === 'string') : prohibited;
    if (!isLoopback(loopback, list)) continue;
    const text = `${where} sends to ${loopback}, which prohibited_hosts keeps KumoMTA from; the mail would be refused`;
    context.findings.add('tree-loopback-host', text, place);
  }
}

/** The domain of `queue.D` and of what is below it; of a tenant's block some domain. */
function domainOf(where: string): string {
  const name = /^queue\.(.+)$/.exec(where)?.[1] ?? '';
  return name === '' || name === 'default' ? 'example.com' : name;
}

function isLoopback(host: string, list: readonly string[]): boolean {
  const address = /^\[([^\]]+)\]/.exec(host)?.[1] ?? host;
  return inCidrList(address.toLowerCase() === 'localhost' ? '127.0.0.1' : address, list);
}

function checkPoolWeights({ context, state }: LoadedParts): void {
  for (const [pool, entries] of state.sources?.pools ?? []) {
    if (entries.length === 0 || entries.some(({ weight }) => weight > 0)) continue;
    const text = `every source of the pool ${pool} has weight 0, so its mail waits until it expires`;
    context.findings.add('tree-pool-empty', text, state.sources?.placeOfPool(pool));
  }
}

/** The helper signs a message with every key when it is validated, so a missing one fails there. */
function checkDkimKeys({ context, state }: LoadedParts, outside: (path: string) => OutsideFile): void {
  let unseen = 0;
  for (const { path, block, place } of state.dkim?.keyFiles ?? []) {
    const located = context.tree.locate(path);
    const file: OutsideFile =
      located.kind === 'file'
        ? { text: located.text }
        : located.kind === 'missing'
          ? { fault: 'missing' }
          : outside(path);
    if ('text' in file) {
      const fault = keyFault(file.text);
      if (fault !== undefined) context.findings.add('tree-dkim-key-unreadable', `${block}: ${path} ${fault}`, place);
    } else if (file.fault === 'missing') {
      context.findings.add('tree-dkim-key-missing', `${block}: there is no key ${path}`, place);
    } else if (file.fault === 'unreadable') {
      context.findings.add('tree-dkim-key-unreadable', `${block}: ${path} cannot be read`, place);
    } else unseen++;
  }
  if (unseen === 0) return;
  const what = unseen === 1 ? 'one DKIM key lies' : `${unseen} DKIM keys lie`;
  context.findings.add('tree-dkim-key-unseen', `${what} outside the tree and not on this machine`);
}

/** PEM with an RSA or PKCS#8 key; KumoMTA asks for no pass phrase. */
function keyFault(text: string): string | undefined {
  const kind = /-----BEGIN ([A-Z ]+)-----/.exec(text)?.[1];
  if (kind === undefined || !kind.endsWith('PRIVATE KEY')) return 'holds no private key in PEM form';
  if (kind.startsWith('ENCRYPTED') || /^Proc-Type: 4,ENCRYPTED/m.test(text)) return 'is protected by a pass phrase';
  return undefined;
}

/** What is read once, in `init` or `pre_init`, is not read again with the configuration epoch (facts: semantics, 12). */
function checkRestart({ context, captured }: LoadedParts): void {
  const files = new Set(captured.startFiles.keys());
  for (const file of captured.classifiers.flatMap(filesOf)) files.add(file);
  const paths = [...files].flatMap((file) => {
    const located = context.tree.locate(file);
    return located.kind === 'file' ? [located.path] : [];
  });
  const [first] = paths;
  if (first === undefined) return;
  const text = `read only while KumoMTA starts: ${[...new Set(paths)].sort().join(', ')}`;
  context.findings.add('tree-needs-restart', text, paths.length === 1 ? { path: first, line: 1 } : undefined);
}

function filesOf(params: PolicyTable): readonly string[] {
  return (asList(params['files']) ?? []).filter((item) => typeof item === 'string');
}
