import { accountingPass } from './accounting';
import { backoffPass } from './backoff';
import { baseShapingPass } from './base-shaping';
import { bouncesPass } from './bounces';
import { capsPass } from './caps';
import { coldPass } from './cold';
import { coldLimitsPass } from './cold-limits';
import { coldPoolsPass } from './cold-pools';
import { dkimPass } from './dkim';
import { egressPass } from './egress';
import { failuresPass } from './failures';
import { forwardingPass } from './forwarding';
import { httpPass } from './http';
import { injectionPass } from './injection';
import { internalQueuesPass } from './internal-queues';
import { leftoversPass } from './leftovers';
import { listenersPass } from './listeners';
import { loggedMetaPass } from './logged-meta';
import { messageHeadersPass } from './message-headers';
import { mxLimitsPass } from './mx-limits';
import { mxSharingPass } from './mx-sharing';
import { overriddenPass } from './overridden';
import type { Pass, PassContext } from './pass';
import { pathLinesPass } from './path-lines';
import { patternListsPass } from './pattern-lists';
import { poolsPass } from './pools';
import { processorsPass } from './processors';
import { queuesPass } from './queues';
import { relayAddressesPass } from './relay-addresses';
import { relayDomainsPass } from './relay-domains';
import { relayPasswordsPass } from './relay-passwords';
import { reportsPass } from './reports';
import { reroutesPass } from './reroutes';
import { rewritingPass } from './rewriting';
import { rollupPass } from './rollup';
import { rollupExemptPass } from './rollup-exempt';
import { routingPass } from './routing';
import { selectionPass } from './selection';
import { serverPass } from './server';
import { shapingPass } from './shaping';
import { suppressionPass } from './suppression';
import { takenNamesPass } from './taken-names';
import { usersPass } from './users';

/** In the order in which they run; a test keeps `needs` before each pass. */
export const PASSES: readonly Pass[] = [
  overriddenPass,
  takenNamesPass,
  egressPass,
  coldPass,
  poolsPass,
  coldPoolsPass,
  listenersPass,
  relayDomainsPass,
  relayAddressesPass,
  selectionPass,
  patternListsPass,
  reroutesPass,
  rewritingPass,
  messageHeadersPass,
  processorsPass,
  forwardingPass,
  usersPass,
  queuesPass,
  shapingPass,
  suppressionPass,
  pathLinesPass,
  capsPass,
  coldLimitsPass,
  routingPass,
  backoffPass,
  failuresPass,
  rollupPass,
  rollupExemptPass,
  mxLimitsPass,
  mxSharingPass,
  relayPasswordsPass,
  internalQueuesPass,
  baseShapingPass,
  dkimPass,
  bouncesPass,
  accountingPass,
  httpPass,
  injectionPass,
  serverPass,
  loggedMetaPass,
  reportsPass,
  leftoversPass,
];

/**
 * Builds the KumoMTA model: each pass in turn takes settings and sets values of `context.policy`. `onPass` is told how
 * many have run.
 */
export function runPasses(context: PassContext, onPass: (done: number, all: number) => void = () => {}): void {
  PASSES.forEach((pass, index) => {
    onPass(index, PASSES.length);
    pass.run(context);
  });
}
