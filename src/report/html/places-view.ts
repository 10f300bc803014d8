import type { PlaceNumber } from './line-links';

/** Of the places of one group, this many are named. */
const NAMED_PLACES = 20;

/** Places of the input, as links to the lines in the page where they are in it. */
export interface PlacesView {
  readonly places: readonly { readonly text: string; readonly number: number; readonly linked: boolean }[];
  /** ` and 5 more`, or empty. */
  readonly morePlaces: string;
}

export function placesView(places: readonly string[], numberOf: PlaceNumber): PlacesView {
  const named = places.slice(0, NAMED_PLACES).map((text) => {
    const number = numberOf(text);
    return { text, number: number ?? -1, linked: number !== undefined };
  });
  const more = places.length - named.length;
  return { places: named, morePlaces: more > 0 ? `and ${more} more` : '' };
}
