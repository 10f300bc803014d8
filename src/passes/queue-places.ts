import { effectiveSettings } from '../pmta/match';
import type { EffectiveSettings, VirtualMta } from '../pmta/model';
import type { PassContext } from './pass';
import { ownScopes, type Place, placesSetting } from './places';

/** Why a line that is valid and counts at no place has no effect. */
export const NEVER_COUNTS = 'It never counts: wherever it could, lines of virtual-mtas or of other domains beat it.';

/** A place at which something has to be said about a queue, and what counts there. */
export interface QueuePlace {
  readonly place: Place;
  /** Undefined: for every virtual-mta that says nothing itself. */
  readonly vmta: VirtualMta | undefined;
  readonly settings: EffectiveSettings;
}

/**
 * Where a look-up by tenant first and domain second (pmta.lua, `setting_at`) needs an entry to give what PowerMTA merges
 * directive by directive: a virtual-mta with an entry repeats the global places that its own entry would hide.
 */
export function queuePlaces(context: PassContext, directives: ReadonlySet<string>): readonly QueuePlace[] {
  const { config } = context;
  const made = (place: Place, vmta: VirtualMta | undefined): QueuePlace => ({
    place,
    vmta,
    settings: effectiveSettings(config, vmta, place.domain),
  });
  const everybody = placesSetting([config.domains], directives);
  const found = everybody.map((place) => made(place, undefined));
  for (const vmta of config.virtualMtas.values()) {
    const own = placesSetting(ownScopes(vmta), directives);
    const hidden = own.length === 0 ? [] : everybody.filter(({ domain }) => own.some((place) => covers(place, domain)));
    const places = new Map([...hidden, ...own].map((place) => [place.domain, place]));
    for (const place of places.values()) found.push(made(place, vmta));
  }
  return found;
}

/** True when an entry for `place` is found for `domain` as well. */
function covers(place: Place, domain: string): boolean {
  return place.pattern.form === 'any' || isBelow(domain, place.domain);
}

/** True when `domain` fits the wildcard `*.x`. */
export function isBelow(domain: string, wildcard: string): boolean {
  return wildcard.startsWith('*.') && domain !== wildcard && domain.endsWith(wildcard.slice(1));
}
