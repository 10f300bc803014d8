import type { Setting } from '../pmta/model';
import type { Pass, PassContext } from './pass';
import { knownTo, PATH_DIRECTIVES, PATH_FIELDS, passwordFile } from './path-fields';
import { hasPlaces } from './places';
import { settleByRow } from './settle';

const NAME = 'shaping-lines';

/** Settles every line that the egress path is made from; what they say together is the shaping pass's business. */
export const pathLinesPass: Pass = {
  name: NAME,
  needs: ['shaping'],
  run(context) {
    for (const setting of context.config.settings) {
      if (setting.scope.kind !== 'domain' || setting.fault !== undefined || !PATH_DIRECTIVES.has(setting.name))
        continue;
      if (hasPlaces(setting.scope)) settle(context, setting);
    }
  },
};

function settle(context: PassContext, setting: Setting): void {
  const { ledger, options } = context;
  const rows = PATH_FIELDS.filter((row) => row.directives.includes(setting.name));
  if (!rows.some((row) => knownTo(row, options.target))) {
    const since = rows.map((row) => row.since).sort()[0] ?? '';
    ledger.settle(setting, 'unsupported', NAME, `KumoMTA can do this from release ${since} on.`);
    return;
  }
  if (setting.name === 'max-smtp-out' && setting.value?.kind === 'int' && setting.value.value === 0) {
    context.diagnostics.report('limit-zero', setting.valueSpan, { directive: setting.name });
    ledger.settle(setting, 'manual', NAME, 'PowerMTA does not document what 0 means here, and KumoMTA refuses it.');
    return;
  }
  if (setting.name === 'auth-password') {
    const note = `Write the password of this line into ${passwordFile(setting)}, readable by the user kumod only.`;
    ledger.settle(setting, 'manual', NAME, note);
    return;
  }
  if (setting.name === 'smtp-tls-ca-file' && setting.value?.kind === 'text' && setting.value.value !== '') {
    ledger.settle(setting, 'manual', NAME, setting.row?.note);
    return;
  }
  settleByRow(context, setting, NAME);
}
