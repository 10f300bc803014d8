import { spec as acctSpec } from '../../templates/pmta/acct.lua.hbs';
import { spec as choiceSpec } from '../../templates/pmta/choice.lua.hbs';
import { spec as failuresSpec } from '../../templates/pmta/failures.lua.hbs';
import { spec as finishSpec } from '../../templates/pmta/finish.lua.hbs';
import { spec as headersSpec } from '../../templates/pmta/headers.lua.hbs';
import { spec as limitsSpec } from '../../templates/pmta/limits.lua.hbs';
import { spec as lookupSpec } from '../../templates/pmta/lookup.lua.hbs';
import { spec as queueToSpec } from '../../templates/pmta/queue-to.lua.hbs';
import { spec as recipientsSpec } from '../../templates/pmta/recipients.lua.hbs';
import { spec as reportsSpec } from '../../templates/pmta/reports.lua.hbs';
import { spec as rerouteSpec } from '../../templates/pmta/reroute.lua.hbs';
import { spec as retrySpec } from '../../templates/pmta/retry.lua.hbs';
import { spec as rulesSpec } from '../../templates/pmta/rules.lua.hbs';
import { spec as sessionSpec } from '../../templates/pmta/session.lua.hbs';
import { spec as signingSpec } from '../../templates/pmta/signing.lua.hbs';
import { spec as statusSpec } from '../../templates/pmta/status.lua.hbs';
import { spec as pmtaSpec } from '../../templates/pmta.lua.hbs';
import { renderer } from './render';
import type { PmtaView } from './view-pmta';

/** Writes `pmta.lua`; each part of the template is about one thing that PowerMTA decides. */
export const renderPmta = renderer<PmtaView>(pmtaSpec, {
  rules: rulesSpec,
  session: sessionSpec,
  choice: choiceSpec,
  failures: failuresSpec,
  headers: headersSpec,
  recipients: recipientsSpec,
  finish: finishSpec,
  limits: limitsSpec,
  lookup: lookupSpec,
  'queue-to': queueToSpec,
  reports: reportsSpec,
  reroute: rerouteSpec,
  retry: retrySpec,
  signing: signingSpec,
  status: statusSpec,
  acct: acctSpec,
});
