import { placeOf } from '../diagnostics/span';
import { overriddenSettings } from '../pmta/overridden';
import type { Pass } from './pass';

const NAME = 'overridden';

/** Lines that can never count because another one beats them everywhere: no pass has to convert them. */
export const overriddenPass: Pass = {
  name: NAME,
  needs: [],
  run({ config, ledger }) {
    for (const [setting, winner] of overriddenSettings(config)) {
      ledger.close(setting, 'implicit', NAME, `It never counts: ${placeOf(winner.span)} beats it.`);
    }
  },
};
