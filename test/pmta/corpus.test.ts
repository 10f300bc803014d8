import { expect, it } from 'vitest';
import { overriddenSettings } from '../../src/pmta/overridden';
import { configAt } from '../support/config';
import { describeCorpus } from '../support/corpus';

describeCorpus('resolveConfig', (configs) => {
  it.each(configs)('$name: each setting is settled, or has row and value', ({ path }) => {
    const { config, ledger } = configAt(path);
    expect(config.settings.length).toBeGreaterThan(0);
    expect(config.settings.map(({ id }) => id)).toEqual(config.settings.map((_, index) => index));
    for (const setting of config.settings) {
      const complete = setting.row !== undefined && setting.value !== undefined && setting.fault === undefined;
      expect([setting.name, complete]).toEqual([setting.name, !ledger.isSettled(setting)]);
    }
  });

  it.each(configs)('$name: what is overridden is sound, and its winner is not overridden itself', ({ path }) => {
    const overridden = overriddenSettings(configAt(path).config);
    for (const [loser, winner] of overridden) {
      expect([loser.fault, winner.name, overridden.has(winner)]).toEqual([undefined, loser.name, false]);
    }
  });
});
