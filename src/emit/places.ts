import { placeOf, type Span } from '../diagnostics/span';

/** How many places a comment names before it says `+ N more`. */
const SHOWN = 3;

/** The places `path:line` of spans, each once, in the order given. */
export function placesOf(spans: readonly Span[]): readonly string[] {
  return [...new Set(spans.map(placeOf))];
}

/** `config:12, config:15, config:20 + 4 more`; empty when there is no place. */
export function placesText(spans: readonly Span[]): string {
  const places = placesOf(spans);
  const more = places.length > SHOWN ? ` + ${places.length - SHOWN} more` : '';
  return places.slice(0, SHOWN).join(', ') + more;
}
