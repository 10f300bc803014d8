import type { LoadedParts, LoadedTree } from '../runtime/answers';
import type { Finding } from '../runtime/finding';

/** A domain that no policy is made for. */
const DOMAIN = 'example.com';
const PEER = '127.0.0.1';

/** How Lua begins the errors that it raises itself. */
const FAULT = /^(?:attempt to|bad argument|number has no|'for' |invalid value|stack overflow|Event )/;

/**
 * Asks the handlers of a policy what a server asks them: a queue, a path, a message by SMTP and by HTTP, AUTH. What
 * comes out of it is found by the way; the answers themselves do not matter. Stops when a handler takes too long.
 */
export function probeHandlers({ captured, context }: LoadedParts, tree: LoadedTree): void {
  const message = {
    headers: [
      ['From', `sender@${DOMAIN}`],
      ['To', `recipient@${DOMAIN}`],
      ['Subject', 'a message'],
    ] as const,
    body: 'text\r\n',
    sender: `sender@${DOMAIN}`,
    recipient: `recipient@${DOMAIN}`,
    peer: PEER,
  };
  const probes: readonly (readonly [event: string, run: () => void])[] = [
    ['get_queue_config', () => tree.queueConfig(DOMAIN)],
    ['get_egress_path_config', () => tree.egressPath(DOMAIN, 'unspecified')],
    ['smtp_server_message_received', () => tree.message(message)],
    ['http_message_generated', () => tree.message({ ...message, http: true })],
    ['smtp_server_auth_plain', () => tree.auth('user', 'password', PEER)],
  ];
  for (const [event, run] of probes) {
    if (!captured.events.has(event)) continue;
    run();
    if (context.findings.list.some(({ code }) => code === 'tree-limit')) return;
  }
}

/** What a probe found, told as what it is: one message that the handler does not cope with. */
export function fromProbe(finding: Finding): readonly Finding[] {
  if (finding.code !== 'tree-lua-error') return [finding];
  // A handler may refuse mail by an error of its own.
  if (!FAULT.test(finding.message)) return [];
  const message = `with a plain message for ${DOMAIN} from ${PEER} this fails: ${finding.message}`;
  return [{ ...finding, code: 'tree-handler-failed', severity: 'warning', message }];
}
